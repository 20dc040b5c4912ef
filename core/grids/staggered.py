"""Where the points of a staggered grid lie, worked out from the centres of its cells.

Source: Arakawa and Lamb 1977, arrangement C: velocities lie in the middle of the sides of the cells.
"""

import numpy as np
from numpy.typing import NDArray

from core.grids.sphere import degrees_of, vectors

Floats = NDArray[np.float64]


def between(
    centres: tuple[Floats, Floats], offset: tuple[float, float], shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of points that lie half a cell beside the centres of cells.

    Places are means of neighbours on the sphere. Beyond the last centre they go on as the nearest two do.

    Args:
        centres: longitudes and latitudes in degrees, shape (ny, nx); NaN, and several at exactly (0, 0), are no places.
        offset: from a centre to the point of the same index, in rows and in columns: -0.5, 0 or 0.5.
        shape: rows and columns of the points: those of the centres, or one fewer or more along a dimension with offset.

    Returns:
        Both of `shape`; NaN where a neighbour has no place.

    """
    longitudes, latitudes = centres
    nowhere = (longitudes == 0.0) & (latitudes == 0.0)
    nowhere &= np.count_nonzero(nowhere) > 1
    places = np.where(nowhere, np.nan, vectors(longitudes, latitudes))
    for axis, (half, size) in enumerate(zip(offset, shape, strict=True), start=1):
        if half:
            first = 0 if half < 0 else 1
            places = np.take(_midway(places, axis), np.arange(first, first + size), axis=axis)
    return degrees_of(places)


def _midway(places: Floats, axis: int) -> Floats:
    """Return the means of neighbours along an axis, and one point before the first and one behind the last."""
    if places.shape[axis] < 2:
        return np.full([3, *(size + (number == axis) for number, size in enumerate(places.shape[1:], 1))], np.nan)
    ends = [2 * places.take([at], axis) - places.take([beside], axis) for at, beside in ((0, 1), (-1, -2))]
    wide = np.concatenate([ends[0], places, ends[1]], axis=axis)
    count = wide.shape[axis]
    midway: Floats = wide.take(range(count - 1), axis) + wide.take(range(1, count), axis)
    return midway
