"""What surrounds the cells of a projected grid on the Earth: its outline, and the limb where a projection ends.

What lies farthest north, south, east or west, and farthest from the middle, lies there, or is a pole.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.extent import Extent
from core.native import Native

Floats = NDArray[np.float64]

_LATTICE: Final = 129
"""Points along a side between which the limb is sought, where the outline does not lie on the Earth whole."""
_HALVINGS: Final = 40
_GAP: Final = 3.0
"""Times as far as the farthest neighbours of an outline: there the outline does not go."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rim:
    """Points around the cells."""

    longitudes: Floats
    """Degrees from -180 to 180, shape (n,)."""
    latitudes: Floats
    """Degrees, shape (n,)."""

    def extent(self, *, south_pole: bool, north_pole: bool) -> Extent:
        """Return the box around what is inside, by whether the poles are.

        Raises:
            ValueError: no cell lies on the Earth.

        """
        if not self.longitudes.size:
            raise ValueError("none of its cells lies on the Earth")
        south = -90.0 if south_pole else float(self.latitudes.min())
        north = 90.0 if north_pole else float(self.latitudes.max())
        west, east = (-180.0, 180.0) if south_pole or north_pole else _span(self.longitudes)
        return Extent(west=west, south=south, east=east, north=north)


def rim(native: Native, across: Floats, down: Floats) -> Rim:
    """Return the rim of what lies between the first and the last of x and of y, each ascending."""
    x = np.concatenate([across, np.full(down.size, across[-1]), across[::-1], np.full(down.size, across[0])])
    y = np.concatenate([np.full(across.size, down[0]), down, np.full(across.size, down[-1]), down[::-1]])
    longitude, latitude = native.to_places(x, y)
    there = np.isfinite(longitude)
    if not there.all():
        more = native.to_places(*_limb(native, across, down))
        longitude, latitude = np.concatenate([longitude, more[0]]), np.concatenate([latitude, more[1]])
        there = np.isfinite(longitude)
    return Rim(longitudes=longitude[there], latitudes=latitude[there])


def _limb(native: Native, across: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Return points just inside of where the plane ceases to show anything."""
    x, y = np.meshgrid(np.linspace(across[0], across[-1], _LATTICE), np.linspace(down[0], down[-1], _LATTICE))
    there = np.isfinite(native.to_places(x, y)[0])
    nodes = np.stack([x, y])
    ends = []
    for axis in (1, 2):
        size = nodes.shape[axis] - 1
        low, high = (np.take(nodes, np.arange(size) + side, axis=axis) for side in (0, 1))
        seen_low, seen_high = (np.take(there, np.arange(size) + side, axis=axis - 1) for side in (0, 1))
        for one, other, at in ((low, high, seen_low & ~seen_high), (high, low, seen_high & ~seen_low)):
            ends.append((one[:, at], other[:, at]))
    inside, outside = (np.concatenate(some, axis=1) for some in zip(*ends, strict=True))
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        seen = np.isfinite(native.to_places(*middle)[0])
        inside, outside = np.where(seen, middle, inside), np.where(seen, outside, middle)
    return inside[0], inside[1]


def _span(longitudes: Floats) -> tuple[float, float]:
    """Return west and east, going the way that leaves out the widest gap; all round where that is the date line's."""
    ordered = np.unique(longitudes)
    gaps = np.diff(np.append(ordered, ordered[0] + 360.0))
    widest = int(gaps.argmax())
    if widest < ordered.size - 1:
        # What is left crosses the date line.
        return -180.0, 180.0
    others = np.delete(gaps, widest).max(initial=0.0)
    closed = gaps[widest] < _GAP * others
    return (-180.0, 180.0) if closed else (float(ordered[0]), float(ordered[-1]))
