"""How arrays are cut into chunks for maps."""

from typing import Final

SIDE: Final = 512
"""Cells along the side of the largest chunk: a tile touches one to four, and 512 x 512 decodes in 0.1 ms."""


def side(length: int, most: int = SIDE) -> int:
    """Return the chunk length that divides `length` cells most evenly into parts of at most `most`."""
    parts = max(1, -(-length // most))
    return max(1, -(-length // parts))


def sides(shape: tuple[int, int]) -> tuple[int, int]:
    """Return the chunk shape (ny, nx) of a map-shaped array of `shape` (ny, nx).

    What has one row, as meshes have, is cut into parts of as many cells as there are in a square.
    """
    if shape[0] == 1:
        return 1, side(shape[1], SIDE * SIDE)
    return side(shape[0]), side(shape[1])


def coarse(shape: tuple[int, int], factor: int) -> tuple[int, int]:
    """Return the shape of an overview: one cell for each block of `factor` x `factor`, ragged at the far edges."""
    return -(-shape[0] // factor), -(-shape[1] // factor)
