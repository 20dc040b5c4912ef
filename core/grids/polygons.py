"""Cells as convex polygons of great circles. Source: CF Conventions 1.11, 7.1 (bounds of 2-D coordinates).

All cells of a grid have one number of corners; one that has fewer repeats one of its own.
"""

from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST_AREA = 1e-15
"""Of a unit sphere; less than a square of 20 cm on the Earth is no cell."""
_WIDEST = 1.4
"""Chord of a unit sphere; a cell wider than 89 degrees is a mistake in the coordinates."""
_SHORTEST = 1e-12
"""Chord; what is shorter is no edge."""
_BENT = 1e-6
"""Of the side of a cell: so far may a corner lie beyond an edge."""
_TRIANGLE = 3


def joined(operation: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
    """Reduce over the corners of each cell, shape (cells, k): numpy itself is slow along an axis as short as that."""
    return np.asarray(reduce(operation, values.T))


def ordered(corners: Floats) -> Floats:
    """Return the corners of each cell, shape (3, cells, k), counter-clockwise as seen from outside the Earth.

    Files list them in either direction, from any of them, and some crosswise.
    """
    middle = corners.sum(axis=2)
    # Any direction across will do, if it is not along `middle`: the axis of its least component is not.
    axis = np.zeros_like(middle)
    np.put_along_axis(axis, np.argmin(np.abs(middle), axis=0)[None], 1.0, axis=0)
    across = np.cross(axis, middle, axis=0)
    along = np.cross(middle, across, axis=0)
    scale = np.sqrt((middle * middle).sum(axis=0))[:, None]
    angle = np.arctan2((corners * along[:, :, None]).sum(axis=0), (corners * across[:, :, None]).sum(axis=0) * scale)
    order: NDArray[np.intp] = np.argsort(angle, axis=1)
    return np.take_along_axis(corners, order[None], axis=2)


def normals_of(corners: Floats) -> Floats:
    """Return unit normals of the edges of ordered corners, shape (3, cells, k), pointing inwards.

    Zero for an edge without length, which then bounds nothing; NaN for a cell that is none.
    """
    following = np.roll(corners, -1, axis=2)
    normals = np.cross(corners, following, axis=0)
    length = np.sqrt((normals * normals).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.where(length > _SHORTEST, normals / length, 0.0)
    unit[:, ~are_cells(corners)] = np.nan
    return unit


def are_cells(corners: Floats) -> NDArray[np.bool_]:
    """Tell which ordered corners make a cell: none is missing, and it is neither too small nor too wide to be one."""
    found: NDArray[np.bool_] = (areas_of(corners) > _LEAST_AREA) & (_widths_of(corners) < _WIDEST)
    return found


def areas_of(corners: Floats) -> Floats:
    """Return areas of ordered corners on the unit sphere, nearly, shape (cells,)."""
    # Seen from the first corner: what is summed up is then no larger than the cell, however small that is.
    sides = corners[:, :, 1:] - corners[:, :, :1]
    total = np.cross(sides[:, :, :-1], sides[:, :, 1:], axis=0).sum(axis=2)
    area: Floats = np.sqrt((total * total).sum(axis=0)) / 2
    return area


def convex(corners: Floats) -> NDArray[np.bool_]:
    """Tell which cells lie on one side of each of their edges, by corners in the order of their ring (3, cells, k)."""
    normals = np.cross(corners, np.roll(corners, -1, axis=2), axis=0)
    length = np.sqrt((normals * normals).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.where(length > _SHORTEST, normals / length, 0.0)
    above = (unit[:, :, :, None] * corners[:, :, None, :]).sum(axis=0)
    # Rounding puts a corner on a straight side a little to either side of it.
    least = _BENT * np.sqrt(areas_of(corners))[:, None, None]
    found: NDArray[np.bool_] = (above >= -least).all(axis=(1, 2)) | (above <= least).all(axis=(1, 2))
    return found


def _widths_of(corners: Floats) -> Floats:
    """Return the greatest chord between two corners that are not neighbours, of triangles between any two."""
    count = corners.shape[2]
    turns = range(1 if count == _TRIANGLE else 2, count // 2 + 1)
    apart = [joined(np.maximum, ((np.roll(corners, turn, axis=2) - corners) ** 2).sum(axis=0)) for turn in turns]
    widest: Floats = np.sqrt(np.maximum.reduce(apart))
    return widest
