"""From accepted alerts to their effect, exactly once."""
