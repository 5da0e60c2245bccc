"""Who is to hear of something, and by which way it reaches them."""
