"""The addresses, one module for each noun: route, then core, nothing between."""
