"""Workloads, their runner, and the table of results."""
