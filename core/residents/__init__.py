"""The people: who they are, what is known about them, and which tier that makes."""
