"""Systems that show a pole amid circles: found out by asking PROJ, so that no list of them need be kept."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core import projections

Floats = NDArray[np.float64]

_MERIDIANS: Final = np.array([-179.0, -120.0, -77.0, -30.0, 0.0, 13.0, 60.0, 101.0, 150.0])
_PARALLELS: Final = np.array([89.0, 75.0, 60.0, 41.0, 13.0, 0.0])
"""Degrees from the equator, towards the pole."""
_EXACT: Final = 1e-9
"""Of a distance, and of a radian."""
_HAIR: Final = 1e-7
"""Degrees from the other pole, which few systems show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Azimuthal:
    """A system on which parallels are circles round a pole and meridians straight lines from it, evenly spread."""

    name: str
    """Of the system."""
    northern: bool
    """Whether the pole is the north pole."""
    pole: tuple[float, float]
    """X and y of the pole."""
    eastward: bool
    """Whether longitudes grow with the angle from the x axis to the y axis."""
    start: float
    """That angle of the prime meridian, degrees."""

    def angles(self, longitudes: Floats) -> Floats:
        """Return the angles of meridians from the x axis, degrees."""
        return self.start + longitudes if self.eastward else self.start - longitudes

    def distances(self, latitudes: Floats) -> Floats:
        """Return the distances of parallels from the pole; infinite where the system shows none so far away."""
        other = -90.0 if self.northern else 90.0
        # The other pole is a circle too, but for the formulas.
        shown = np.where(latitudes == other, other - np.sign(other) * _HAIR, latitudes)
        x, y = projections.from_places(self.name, np.zeros_like(shown), shown)
        far = np.hypot(x - self.pole[0], y - self.pole[1])
        return np.where(np.isfinite(far), far, np.inf)


@lru_cache(maxsize=256)
def azimuthal(name: str) -> Azimuthal | None:
    """Return what is known of a system that shows a pole amid circles; None of any other."""
    if projections.definition(name).is_geographic:
        return None
    found = (_fitted(name, northern=northern) for northern in (True, False))
    return next((one for one in found if one is not None), None)


def _fitted(name: str, *, northern: bool) -> Azimuthal | None:
    sign = 1.0 if northern else -1.0
    (pole_x,), (pole_y,) = projections.from_places(name, np.zeros(1), np.array([sign * 90.0]))
    if not np.isfinite(pole_x + pole_y):
        return None
    x, y = projections.from_places(name, *np.meshgrid(_MERIDIANS, sign * _PARALLELS))
    x, y = x - pole_x, y - pole_y
    far = np.hypot(x, y)
    # Circles, each outside of the one before; what is not shown is not even.
    if not (np.ptp(far, axis=1) <= _EXACT * far[:, 0]).all() or not (np.diff(far[:, 0]) > 0).all():
        return None
    angles = np.degrees(np.arctan2(y, x))
    start = float(angles[0, _MERIDIANS == 0.0][0])
    for eastward in (True, False):
        expected = start + (_MERIDIANS if eastward else -_MERIDIANS)
        off = (angles - expected + 180.0) % 360.0 - 180.0
        if np.abs(off).max() <= np.degrees(_EXACT):
            return Azimuthal(
                name=name,
                northern=northern,
                pole=(float(pole_x), float(pole_y)),
                eastward=eastward,
                start=start,
            )
    return None
