"""The demo district: its people, their news and the work of its staff."""
