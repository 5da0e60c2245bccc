"""Door one: HTTP. It checks who is calling and what they sent, and hands the work to core."""
