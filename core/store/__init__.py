"""What everything stands on: the database, its tables, encryption, ids and business time."""
