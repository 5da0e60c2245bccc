"""What is owed to the residents, what was done, and the reports about it."""
