"""Servers of others, measured with the same pictures of the same field."""
