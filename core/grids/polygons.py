"""Cells as convex polygons of great circles. Source: CF Conventions 1.11, 7.1 (bounds of 2-D coordinates)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST_AREA = 1e-15
"""Of a unit sphere; less than a square of 20 cm on the Earth is no cell."""
_WIDEST = 1.4
"""Chord of a unit sphere; a cell wider than 89 degrees is a mistake in the coordinates."""


def ordered(corners: Floats) -> Floats:
    """Return the corners of each cell, shape (3, cells, 4), counter-clockwise as seen from outside the Earth.

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
    """Return unit normals of the edges of ordered corners, shape (3, cells, 4), pointing inwards.

    Zero for an edge without length, which then bounds nothing; NaN for a cell that is none.
    """
    following = np.roll(corners, -1, axis=2)
    normals = np.cross(corners, following, axis=0)
    length = np.sqrt((normals * normals).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.where(length > 1e-12, normals / length, 0.0)
    diagonals = corners[:, :, 2:] - corners[:, :, :2]
    area = np.sqrt((np.cross(diagonals[:, :, 0], diagonals[:, :, 1], axis=0) ** 2).sum(axis=0)) / 2
    widest = np.sqrt((diagonals * diagonals).sum(axis=0)).max(axis=1)
    unit[:, ~((area > _LEAST_AREA) & (widest < _WIDEST))] = np.nan
    return unit


def areas_of(corners: Floats) -> Floats:
    """Return areas of ordered corners on the unit sphere, nearly, shape (cells,)."""
    diagonals = corners[:, :, 2:] - corners[:, :, :2]
    area: Floats = np.sqrt((np.cross(diagonals[:, :, 0], diagonals[:, :, 1], axis=0) ** 2).sum(axis=0)) / 2
    return area
