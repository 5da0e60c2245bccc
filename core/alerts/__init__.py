"""The door for news: sources and their keys, accepted events, and the watch over who falls silent."""
