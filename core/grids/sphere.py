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

_TOLERANCE: Final = 1 / 16
"""Pixels; half of what a picture may differ by, since the error between exact pixels is only estimated."""
_MARGIN: Final = 3
"""Nodes outside of the view that the estimate looks at, so that a tile is drawn as the whole map is."""
_BESIDE: Final = slice(_MARGIN - 1, 1 - _MARGIN)
"""Of them, those that a cubic needs."""
_INNER: Final = slice(_MARGIN, -_MARGIN)


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
    some_x, some_y = view.crs.anchor
    longitude, _ = view.crs.to_geographic(x, np.full_like(x, some_y))
    _, latitude = view.crs.to_geographic(np.full_like(y, some_x), y)
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
    wide = _exact(view, *np.meshgrid(_node_centres(x, _MARGIN), _node_centres(y, _MARGIN)))
    # Along rows first, while there are few: the long loops are then over neighbours in memory.
    rows = _between(wide[:, _BESIDE, _BESIDE], axis=2)[:, :, : view.width]
    places = _between(rows, axis=1)[:, : view.height]
    bent = _bent(wide)
    if _thick(view):
        bent &= _near_places(wide)
    if bent.any():
        of_rows, of_columns = np.arange(view.height) // STRIDE, np.arange(view.width) // STRIDE
        row, column = np.nonzero(bent[of_rows][:, of_columns])
        places[:, row, column] = _exact(view, x[column], y[row])
    return places


def _node_centres(centres: Floats, margin: int = 0) -> Floats:
    """Return every 8th centre and one beyond the last, and `margin` more at either end."""
    if centres.size == 1:
        return centres
    step = (centres[-1] - centres[0]) / (centres.size - 1)
    nodes: Floats = centres[0] + step * np.arange(-margin * STRIDE, centres.size + (1 + margin) * STRIDE, STRIDE)
    return nodes


def _exact(view: View, x: Floats, y: Floats) -> Floats:
    return vectors(*view.crs.to_geographic(x, y))


def _between(lattice: Floats, *, axis: int) -> Floats:
    """Return 8 values for each step between nodes along `axis`, the first of them the node itself.

    The cubic through four nodes, of which `lattice` has one more at either end. Source: Abramowitz and Stegun, 25.2.20
    (Everett's formula).
    """
    # Not a product of matrices: the threads of BLAS would wait for each other longer than this takes.
    ends: tuple[slice | int, ...] = (slice(None),) * axis
    second = np.diff(lattice, n=2, axis=axis)
    before, after = lattice[(*ends, slice(1, -2))], lattice[(*ends, slice(2, -1))]
    bend_before, bend_after = second[(*ends, slice(None, -1))], second[(*ends, slice(1, None))]
    filled = np.empty((*before.shape[: axis + 1], STRIDE, *before.shape[axis + 1 :]))
    # One of the 8 at a time: what is worked on then stays in the cache of the processor.
    for place in range(STRIDE):
        share = place / STRIDE
        rest = 1.0 - share
        part = before * rest
        part += after * share
        part += bend_before * (rest * (rest * rest - 1.0) / 6.0)
        part += bend_after * (share * (share * share - 1.0) / 6.0)
        filled[(*ends, slice(None), place)] = part
    return filled.reshape(*lattice.shape[:axis], -1, *lattice.shape[axis + 1 :])


def _bent(wide: Floats) -> NDArray[np.bool_]:
    """Tell in which blocks interpolation is not good enough, of a lattice of vectors with its margin.

    Between two nodes a cubic departs from the curve by 3/128 of the fourth difference. What points up or down does not
    count, since places are directions.
    """
    sag = _worst(_sag(wide[:, :, _INNER], axis=1)) + _worst(_sag(wide[:, _INNER], axis=2))
    with np.errstate(invalid="ignore"):
        return ~(sag <= _TOLERANCE * _pixel(wide[:, _INNER, _INNER]))


def _sag(lattice: Floats, *, axis: int) -> Floats:
    fourth = np.diff(lattice, n=4, axis=axis)
    inner = lattice[:, 2:-2] if axis == 1 else lattice[:, :, 2:-2]
    level = fourth - (fourth * inner).sum(axis=0) * inner
    sag = np.sqrt((level * level).sum(axis=0)) * (3.0 / 128.0)
    # At a node where the curve has no bend it has one beside it: take the worst of three.
    count = sag.shape[axis - 1] - 2
    around = [np.take(sag, np.arange(first, first + count), axis=axis - 1) for first in range(3)]
    worst: Floats = np.maximum.reduce(around)
    return worst


def _thick(view: View) -> bool:
    """Tell whether a system shows so much at once that no part of it slips through a lattice of nodes."""
    west, south, east, north = view.bbox
    return 3 * STRIDE * max((east - west) / view.width, (north - south) / view.height) <= view.crs.breadth


def _near_places(wide: Floats) -> NDArray[np.bool_]:
    """Tell which blocks have a place at one of the 4 x 4 nodes in and around them."""
    there = np.isfinite(wide[0, _BESIDE, _BESIDE])
    return np.asarray(np.lib.stride_tricks.sliding_window_view(there, (4, 4)).any(axis=(2, 3)), dtype=np.bool_)


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
