"""What every route shares: callers, bodies, pages of lists, problems."""
