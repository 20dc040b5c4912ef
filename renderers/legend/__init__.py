"""Legends: the layout of one, and its writing as a picture, SVG and JSON."""
