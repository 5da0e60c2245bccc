"""What can happen to residents, alerts, duties, tasks and visits, and the database that remembers it."""
