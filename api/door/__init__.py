"""The door for alerts: any body, any length, each answered after its commit."""
