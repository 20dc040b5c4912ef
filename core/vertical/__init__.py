"""Levels that follow the surface and the bottom of the sea, and where they lie in metres. Pure."""
