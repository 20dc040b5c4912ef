"""`config.yaml`: what it may hold, and reading it."""
