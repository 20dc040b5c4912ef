"""Where the pixels of a view lie, as unit vectors: the only coordinates without a seam or a pole.

A vector is (cos lat cos lon, cos lat sin lon, sin lat). Arrays of vectors have the component first: (3, ...).
"""

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
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
from core.view import View

Floats = NDArray[np.float64]


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
    return _separated(view, view.x_centres(), view.y_centres())


def node_vectors(view: View) -> Floats:
    """Return vectors at every 8th pixel of each row and column, and at one beyond the last, shape (3, m, n).

    NaN where the system has no place; only one node for one pixel.
    """
    return _exact(view, *np.meshgrid(node_centres(view.x_centres()), node_centres(view.y_centres())))


def lattice_vectors(view: View, step: int, *, margin: int) -> Floats:
    """Return vectors at every `step`-th pixel centre, from `margin` nodes before the first to as many beyond the last.

    The last is at the last pixel or beyond it. Shape (3, m, n); NaN where the system has no place.
    """
    x, y = (_nodes(centres, step, margin) for centres in (view.x_centres(), view.y_centres()))
    if not view.crs.separable:
        return _exact(view, *np.meshgrid(x, y))
    return _crossed(*_separated(view, x, y))


def some_vectors(view: View, rows: Indices, columns: Indices) -> Floats:
    """Return vectors of some pixel centres, each worked out exactly, shape (3, pixels)."""
    if not view.crs.separable:
        return _exact(view, view.x_centres()[columns], view.y_centres()[rows])
    turn, rise = (np.radians(degrees) for degrees in separate(view))
    level = np.cos(rise)[rows]
    return np.stack([level * np.cos(turn)[columns], level * np.sin(turn)[columns], np.sin(rise)[rows]])


def pixel_vectors(view: View) -> Floats:
    """Return vectors of all pixel centres, shape (3, h, w), nearly of length 1; NaN where the system has no place.

    Where the system is not separable they are transformed at every 8th pixel and interpolated; pixels that this
    would misplace by more than 1/16 pixel are transformed too.
    """
    if view.crs.separable:
        return _crossed(*separate(view))
    x, y = view.x_centres(), view.y_centres()
    if min(x.size, y.size) <= 2 * STRIDE:
        return _exact(view, *np.meshgrid(x, y))
    wide = _exact(view, *np.meshgrid(node_centres(x, MARGIN), node_centres(y, MARGIN)))
    places = filled(wide, (view.height, view.width))
    bent = _bent(wide)
    if thick(view):
        bent &= around_blocks(np.isfinite(wide[0]))
    if bent.any():
        row, column = of_pixels(bent, (view.height, view.width))
        places[:, row, column] = _exact(view, x[column], y[row])
    return places


def _separated(view: View, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the longitude of each x, and the latitude of each y."""
    some_x, some_y = view.crs.anchor
    longitude, _ = view.crs.to_geographic(x, np.full_like(x, some_y))
    _, latitude = view.crs.to_geographic(np.full_like(y, some_x), y)
    return longitude, latitude


def _crossed(longitude: Floats, latitude: Floats) -> Floats:
    """Return vectors for each latitude and each longitude, shape (3, latitudes, longitudes)."""
    level, turn = np.cos(np.radians(latitude))[:, None], np.radians(longitude)
    z = np.broadcast_to(np.sin(np.radians(latitude))[:, None], (latitude.size, longitude.size))
    return np.stack([level * np.cos(turn), level * np.sin(turn), z])


def _nodes(centres: Floats, step: int, margin: int) -> Floats:
    pixel = (centres[-1] - centres[0]) / max(centres.size - 1, 1)
    count = -(-centres.size // step) + 1
    nodes: Floats = centres[0] + pixel * step * np.arange(-margin, count + margin)
    return nodes


def _exact(view: View, x: Floats, y: Floats) -> Floats:
    return vectors(*view.crs.to_geographic(x, y))


def thick(view: View) -> bool:
    """Tell whether a system shows so much at once that no part of it slips through a lattice of nodes."""
    west, south, east, north = view.bbox
    return 3 * STRIDE * max((east - west) / view.width, (north - south) / view.height) <= view.crs.breadth


def _bent(wide: Floats) -> NDArray[np.bool_]:
    """Tell in which blocks interpolation is not good enough, of a lattice of vectors with its margin.

    What points up or down does not count, since places are directions.
    """
    departure = sag(_level(wide, axis=1), axis=1) + sag(_level(wide, axis=2), axis=2)
    with np.errstate(invalid="ignore"):
        return ~(departure <= TOLERANCE * _pixel(wide[:, INNER, INNER]))


def _level(wide: Floats, *, axis: int) -> Floats:
    """Return what of the fourth differences lies along the Earth."""
    bend = fourth(wide, axis=axis)
    inner = wide[:, 2:-2, INNER] if axis == 1 else wide[:, INNER, 2:-2]
    level: Floats = bend - (bend * inner).sum(axis=0) * inner
    return level


def _pixel(lattice: Floats) -> Floats:
    """Return the shorter side of a pixel of each block, as a chord."""
    down = np.sqrt((np.diff(lattice, axis=1) ** 2).sum(axis=0))
    across = np.sqrt((np.diff(lattice, axis=2) ** 2).sum(axis=0))
    shorter = np.minimum(np.minimum(down[:, :-1], down[:, 1:]), np.minimum(across[:-1], across[1:]))
    pixel: Floats = shorter / STRIDE
    return pixel
