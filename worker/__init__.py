"""Door two: processes that drain the inbox and keep time. They meet the API in the database only."""
