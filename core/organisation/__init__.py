"""Who works where: accounts and sessions, roles, streets and committees."""
