"""PostgreSQL and Valkey in the data folder."""
