"""What the district and its streets want, as stored: policies, coverage, chains, the working calendar."""
