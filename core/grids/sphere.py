"""Where the pixels of a view lie, as unit vectors: the only coordinates without a seam or a pole.

A vector is (cos lat cos lon, cos lat sin lon, sin lat). Arrays of vectors have the component first: (3, ...).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.view import View

Floats = NDArray[np.float64]

STRIDE: Final = 8
"""Pixels between those that are transformed exactly, where a system is not separable."""

_TOLERANCE = 1 / 16
"""Pixels; half of what a picture may differ by, since the error between exact pixels is only estimated."""


def vectors(longitude: Floats, latitude: Floats) -> Floats:
    """Return unit vectors of places in degrees, shape (3, ...)."""
    turn, rise = np.radians(longitude), np.radians(latitude)
    level = np.cos(rise)
    return np.stack([level * np.cos(turn), level * np.sin(turn), np.sin(rise)])


def degrees_of(places: Floats) -> tuple[Floats, Floats]:
    """Return longitude (-180 to 180) and latitude in degrees of vectors (3, ...) of any length."""
    x, y, z = places
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.sqrt(x * x + y * y)))


def separate(view: View) -> tuple[Floats, Floats]:
    """Return longitudes of pixel columns, shape (w,), and latitudes of rows, shape (h,), of a separable view."""
    x, y = view.x_centres(), view.y_centres()
    longitude, _ = view.crs.to_geographic(x, np.zeros_like(x))
    _, latitude = view.crs.to_geographic(np.zeros_like(y), y)
    return longitude, latitude


def node_vectors(view: View) -> Floats:
    """Return vectors at every 8th pixel of each row and column, and at one beyond the last, shape (3, m, n).

    NaN where the system has no place; only one node for one pixel.
    """
    return _exact(view, *np.meshgrid(_node_centres(view.x_centres()), _node_centres(view.y_centres())))


def pixel_vectors(view: View) -> Floats:
    """Return vectors of all pixel centres, shape (3, h, w), nearly of length 1; NaN where the system has no place.

    Where the system is not separable they are transformed at every 8th pixel and interpolated; pixels that this
    would misplace by more than 1/16 pixel are transformed too.
    """
    if view.crs.separable:
        longitude, latitude = separate(view)
        level, turn = np.cos(np.radians(latitude))[:, None], np.radians(longitude)
        z = np.broadcast_to(np.sin(np.radians(latitude))[:, None], (view.height, view.width))
        return np.stack([level * np.cos(turn), level * np.sin(turn), z])
    x, y = view.x_centres(), view.y_centres()
    if min(x.size, y.size) <= 2 * STRIDE:
        return _exact(view, *np.meshgrid(x, y))
    lattice = node_vectors(view)
    # Along rows first, while there are few: the long loops are then over neighbours in memory.
    places = _between(_between(lattice, axis=2)[:, :, : view.width], axis=1)[:, : view.height]
    bent = _bent(lattice)
    if bent.any():
        of_rows, of_columns = np.arange(view.height) // STRIDE, np.arange(view.width) // STRIDE
        row, column = np.nonzero(bent[of_rows][:, of_columns])
        places[:, row, column] = _exact(view, x[column], y[row])
    return places


def _node_centres(centres: Floats) -> Floats:
    if centres.size == 1:
        return centres
    step = (centres[-1] - centres[0]) / (centres.size - 1)
    nodes: Floats = centres[0] + step * np.arange(0, centres.size + STRIDE, STRIDE)
    return nodes


def _exact(view: View, x: Floats, y: Floats) -> Floats:
    return vectors(*view.crs.to_geographic(x, y))


def _between(lattice: Floats, *, axis: int) -> Floats:
    """Return 8 values for each step between nodes along `axis`, the first of them the node itself."""
    # Not a product of matrices: the threads of BLAS would wait for each other longer than this takes.
    before, after = (np.expand_dims(np.delete(lattice, end, axis=axis), axis + 1) for end in (-1, 0))
    share = (np.arange(STRIDE) / STRIDE).reshape(-1, *(1,) * (lattice.ndim - 1 - axis))
    filled = before + (after - before) * share
    shape = (*lattice.shape[:axis], -1, *lattice.shape[axis + 1 :])
    return filled.reshape(shape)


def _bent(lattice: Floats) -> NDArray[np.bool_]:
    """Tell in which blocks of a lattice of vectors linear interpolation is not good enough.

    Between two nodes a line departs from the curve by an eighth of the second difference. What points up or down
    does not count, since places are directions.
    """
    down, across = _sag(lattice, axis=1), _sag(lattice, axis=2)
    sag = _worst(down) + _worst(across)
    with np.errstate(invalid="ignore"):
        return ~(sag <= _TOLERANCE * _pixel(lattice))


def _sag(lattice: Floats, *, axis: int) -> Floats:
    second = np.diff(lattice, n=2, axis=axis)
    inner = lattice[:, 1:-1] if axis == 1 else lattice[:, :, 1:-1]
    level = second - (second * inner).sum(axis=0) * inner
    sag = np.sqrt((level * level).sum(axis=0)) / 8.0
    # At a node where the curve has no bend it has one beside it: take the worst of three.
    wide = np.pad(sag, ((2, 2), (0, 0)) if axis == 1 else ((0, 0), (2, 2)), mode="edge")
    count = lattice.shape[axis]
    around = [np.take(wide, np.arange(first, first + count), axis=axis - 1) for first in range(3)]
    worst: Floats = np.maximum.reduce(around)
    return worst


def _worst(nodal: Floats) -> Floats:
    beside = np.maximum(nodal[:-1], nodal[1:])
    worst: Floats = np.maximum(beside[:, :-1], beside[:, 1:])
    return worst


def _pixel(lattice: Floats) -> Floats:
    """Return the shorter side of a pixel of each block, as a chord."""
    down = np.sqrt((np.diff(lattice, axis=1) ** 2).sum(axis=0))
    across = np.sqrt((np.diff(lattice, axis=2) ** 2).sum(axis=0))
    shorter = np.minimum(np.minimum(down[:, :-1], down[:, 1:]), np.minimum(across[:-1], across[1:]))
    pixel: Floats = shorter / STRIDE
    return pixel
