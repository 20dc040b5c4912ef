"""Shared values and data logic. Pure: arguments in, value out."""
