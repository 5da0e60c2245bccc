"""What visitors write down, and what it settles."""
