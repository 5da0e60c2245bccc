"""How fast the product is, measured from outside: over HTTP, with real processes and a database that syncs."""
