"""Where the edges of the cells of a curvilinear grid meet."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]

EDGES: Final = 4


def corners_of(edges: Floats, middle: Floats) -> Floats:
    """Return the corners of cells, vectors (3, 4, rows, nx), the upper left one first, then clockwise.

    NaN where edges meet nowhere.

    Args:
        edges: normals, in order (see `core.grids.patches`), shape (rows, nx, 12).
        middle: centres of the cells, vectors (3, rows, nx).

    """
    sides = np.moveaxis(edges.reshape(*edges.shape[:2], EDGES, 3).astype(np.float64), (3, 2), (0, 1))
    before, after = np.roll(sides, 1, axis=1), sides
    gone = ~sides.any(axis=0)
    if gone.any():
        # Both ends of an edge without length are where the edges beside it meet, as at the poles of a tripolar grid.
        before = np.where(np.roll(gone, 1, axis=0), np.roll(sides, 2, axis=1), before)
        after = np.where(gone, np.roll(sides, -1, axis=1), sides)
    corners = np.cross(before, after, axis=0)
    # Of the two places where great circles meet it is the one that is near.
    corners *= np.sign((corners * middle[:, None]).sum(axis=0))
    return unit(corners)


def unit(places: Floats) -> Floats:
    """Make vectors (3, ...) one long, in place."""
    with np.errstate(invalid="ignore", divide="ignore"):
        places /= np.sqrt((places * places).sum(axis=0))
    return places
