"""Where arrows stand on a map: at places that are fixed in its reference system for each size of a pixel.

So an arrow is the same in every picture that shows it, tiles join, and closer views have arrows between the same ones.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.crs import Crs
from core.view import View

Floats = NDArray[np.float64]

_APART: Final = 30.0
"""Pixels between arrows, from 21 to 42: a power of two of the system's own length. 32 in the usual tiles."""
_HAIR: Final = 1e-6
"""Pixels; a place in the middle of a pixel goes to the same side whatever picture it is in."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArrowPlaces:
    """Places that a picture shows, or that lie so near beside it that their arrows reach into it."""

    longitude: Floats
    """Degrees east, shape (n,); NaN where the system has no place."""
    latitude: Floats
    """Degrees north, likewise."""
    rows: NDArray[np.intp]
    """The row of pixels at whose upper edge an arrow stands, shape (n,); beside the picture below 0, or its height."""
    columns: NDArray[np.intp]
    """The column of pixels at whose left edge it stands, likewise."""

    def some(self, part: slice) -> "ArrowPlaces":
        """Return some of the places."""
        return ArrowPlaces(
            longitude=self.longitude[part],
            latitude=self.latitude[part],
            rows=self.rows[part],
            columns=self.columns[part],
        )


def arrow_places(view: View, reach: int) -> ArrowPlaces:
    """Return the places of arrows that go at most `reach` pixels to every side."""
    west, south, east, north = view.bbox
    across, down = (east - west) / view.width, (north - south) / view.height
    whole = _whole(view.crs.name)
    x, columns = _along(west, across, view.width, (_pitch(across, whole), reach))
    # Downwards rows are counted as columns are to the right.
    y, rows = _along(-north, down, view.height, (_pitch(down, whole), reach))
    longitude, latitude = view.crs.to_geographic(*(part.ravel() for part in np.meshgrid(x, -y)))
    return ArrowPlaces(
        longitude=longitude,
        latitude=latitude,
        rows=np.repeat(rows, columns.size),
        columns=np.tile(columns, rows.size),
    )


def _along(start: float, pixel: float, count: int, laid: tuple[float, int]) -> tuple[Floats, NDArray[np.intp]]:
    """Return coordinates of places along one side, and the pixels at whose nearer edge they are."""
    pitch, reach = laid
    first = math.ceil((start - reach * pixel) / pitch)
    last = math.floor((start + (count + reach) * pixel) / pitch)
    # By their number, and never from the side of the picture: so they are the same numbers in all pictures.
    places: Floats = np.arange(first, last + 1, dtype=np.float64) * pitch
    return places, np.floor((places - start) / pixel + (0.5 + _HAIR)).astype(np.intp)


def _pitch(pixel: float, whole: float) -> float:
    """Return the distance between arrows in units of the system: a power of two times `whole`."""
    return math.ldexp(whole, round(math.log2(_APART * pixel / whole)))


@lru_cache(maxsize=256)
def _whole(name: str) -> float:
    """Return the length that the distances of a system are halves, quarters, ... of: once round, or one unit."""
    crs = Crs(name)
    if not crs.separable:
        return 1.0
    x, y = (np.full(2, side) for side in crs.anchor)
    longitude, latitude = crs.to_geographic(x, y)
    one_degree = crs.from_geographic(longitude + np.array([-0.5, 0.5]), latitude)[0]
    return float(np.diff(one_degree)[0]) * 360.0
