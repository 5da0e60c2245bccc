"""Rules judged outside the API process."""
