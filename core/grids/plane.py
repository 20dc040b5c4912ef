"""Where the pixels of a view lie in the plane of a grid: every 8th worked out, interpolated in between."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.grids.lattice import (
    INNER,
    MARGIN,
    STRIDE,
    TOLERANCE,
    around_blocks,
    filled,
    fourth,
    node_centres,
    of_pixels,
    sag,
)
from core.grids.sphere import vectors
from core.view import View

Floats = NDArray[np.float64]
Exact = Callable[[Floats, Floats], Floats]
"""From x and y of a view to x and y in the plane, longitude and latitude, shape (4, ...); NaN where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cap:
    """A part of the sphere, within some angle of a place."""

    middle: Floats
    """Unit vector, shape (3,)."""
    reach: float
    """Radians."""


def plane_of_pixels(view: View, exact: Exact, cap: Cap | None) -> Floats:
    """Return x and y of pixel centres in the plane, shape (2, h, w).

    Pixels that interpolation would misplace by more than 1/16 pixel are worked out one by one; outside of `cap`, which
    holds all cells, they are NaN instead.
    """
    x, y = view.x_centres(), view.y_centres()
    wide = exact(*np.meshgrid(node_centres(x, MARGIN), node_centres(y, MARGIN)))
    plane = wide[:2]
    places = filled(plane, (view.height, view.width))
    bent = _bent(plane)
    if bent.any():
        near = bent if cap is None else bent & around_blocks(_near(wide[2:], cap))
        row, column = of_pixels(bent & ~near, (view.height, view.width))
        places[:, row, column] = np.nan
        row, column = of_pixels(near, (view.height, view.width))
        places[:, row, column] = exact(x[column], y[row])[:2]
    return places


def _bent(plane: Floats) -> NDArray[np.bool_]:
    """Tell in which blocks interpolation is not good enough, of nodes with their margin."""
    with np.errstate(invalid="ignore", over="ignore"):
        departure = sag(fourth(plane, axis=1), axis=1) + sag(fourth(plane, axis=2), axis=2)
        return ~(departure <= TOLERANCE * _pixel(plane[:, INNER, INNER]))


def _pixel(nodes: Floats) -> Floats:
    """Return how far, at least, the plane moves on by one pixel in any direction, of each block.

    The least singular value of two sides is not below their area over the root of the sum of their squares. A plane
    of degrees may be stretched: the shorter side alone does not tell.
    """
    across, down = np.diff(nodes, axis=2), np.diff(nodes, axis=1)
    of_corners = [
        np.abs(right[0] * below[1] - right[1] * below[0]) / np.sqrt((right**2).sum(axis=0) + (below**2).sum(axis=0))
        for right, below in ((across[:, :-1], down[:, :, :-1]), (across[:, 1:], down[:, :, 1:]))
    ]
    pixel: Floats = np.minimum(*of_corners) / STRIDE
    return pixel


def _near(places: Floats, cap: Cap) -> NDArray[np.bool_]:
    """Tell which nodes lie in a cap, or so near that what is beside them may."""
    nodes = vectors(places[0], places[1])
    steps = [np.sqrt((np.diff(nodes, axis=axis) ** 2).sum(axis=0)) for axis in (1, 2)]
    beside = sum(float(np.nanmax(step, initial=0.0)) for step in steps)
    reach = min(cap.reach + 2.0 * np.arcsin(min(beside / 2.0, 1.0)), np.pi)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.einsum("i,i...->...", cap.middle, nodes) >= np.cos(reach), dtype=np.bool_)
