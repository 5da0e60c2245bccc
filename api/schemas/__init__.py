"""What goes over the wire, checked on the way in and spelt out on the way out."""
