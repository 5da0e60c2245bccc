"""Whatever is due by itself, and the clock of a sandbox."""
