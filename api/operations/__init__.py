"""How the instance is, for operators and Prometheus."""
