"""The plane in which the axes of a projected grid count, and the way between it and the Earth.

Transformers may be shared between threads: pyproj >= 3.1 keeps one PROJ context for each.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_WGS84: Final = "OGC:CRS84"
_FAR: Final = 1e12
"""Metres or degrees; what lies farther away is at infinity."""
_ASTRAY: Final = 1e-5
"""Of the Earth's radius, some 60 m: a place that comes back farther off was not one that the projection reaches."""
_RADIUS: Final = 6378137.0
"""Metres; of the Earth."""
_HAIR: Final = 1e-6
"""Degrees."""
_HALF_A_TURN: Final = 180.0
"""Degrees."""
_KEPT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Native:
    """The system of a grid's own axes."""

    geographic: bool
    """Whether x and y are longitude and latitude in degrees, about whatever pole."""
    onto: pyproj.Transformer
    """From WGS 84."""
    back: pyproj.Transformer
    """To WGS 84."""

    def from_places(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return x and y of places in degrees, in any turn; both are NaN where the projection has none.

        Of a place beyond its reach some projections answer with that of another one: see `returning`.
        """
        x, y = self.onto.transform(_in_one_turn(longitude), latitude)
        return _finite(np.asarray(x), np.asarray(y))

    def to_places(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return longitude (-180 to 180) and latitude in degrees; both are NaN where the plane shows nothing."""
        x, y = np.asarray(x), np.asarray(y)
        longitude, latitude = _finite(*map(np.asarray, self.back.transform(x, y)))
        if self.geographic:
            return longitude, latitude
        again = self.returning((longitude, latitude), self.from_places(longitude, latitude))
        again[again] = self._led_back((x[again], y[again]), (longitude[again], latitude[again]))
        return np.where(again, longitude, np.nan), np.where(again, latitude, np.nan)

    def _led_back(self, plane: tuple[Floats, Floats], places: tuple[Floats, Floats]) -> NDArray[np.bool_]:
        """Tell which points of the plane are where their places are: what lies beyond the map may show one again."""
        most = _ASTRAY * (_RADIUS + np.abs(plane[0]) + np.abs(plane[1]))
        found = np.zeros(plane[0].shape, dtype=np.bool_)
        # A place on the seam is at both ends of the map.
        for aside in (0.0, _HAIR, -_HAIR):
            left = ~found
            if not left.any():
                break
            x, y = self.from_places(places[0][left] + aside, places[1][left])
            with np.errstate(invalid="ignore"):
                found[left] = np.hypot(x - plane[0][left], y - plane[1][left]) <= most[left]
        return found

    def returning(self, places: tuple[Floats, Floats], plane: tuple[Floats, Floats]) -> NDArray[np.bool_]:
        """Tell which places are those that their points in the plane lead back to."""
        if self.geographic:
            return np.isfinite(plane[0])
        longitude, latitude = self.back.transform(*plane)
        (turn, rise), (east, north) = np.radians(places), np.radians((longitude, latitude))
        with np.errstate(invalid="ignore"):
            apart = np.hypot(np.sin((turn - east) / 2) * np.cos(rise), np.sin((rise - north) / 2))
            return np.asarray(2 * apart <= _ASTRAY, dtype=np.bool_)


@lru_cache(maxsize=_KEPT)
def native(crs: str) -> Native:
    """Return the system that a text of WKT describes.

    Raises:
        ValueError: it is none of two axes on the Earth; the message says why.

    """
    try:
        definition = pyproj.CRS.from_wkt(crs)
        onto = pyproj.Transformer.from_crs(_WGS84, definition, always_xy=True)
        back = pyproj.Transformer.from_crs(definition, _WGS84, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise ValueError(f"PROJ does not understand it: {error}") from error
    if len(definition.axis_info) != 2 or not (definition.is_geographic or definition.is_projected):
        raise ValueError(f"it is a {definition.type_name}, and a grid needs one of two axes")
    return Native(geographic=definition.is_geographic, onto=onto, back=back)


def _in_one_turn(longitude: Floats) -> Floats:
    """Return longitudes from -180 to 180: PROJ has no place for those beyond 10 radians."""
    beyond = np.abs(longitude) > _HALF_A_TURN
    return np.where(beyond, (longitude + 180.0) % 360.0 - 180.0, longitude) if beyond.any() else longitude


def _finite(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    there = (np.abs(x) < _FAR) & (np.abs(y) < _FAR)
    if there.all():
        return x, y
    return np.where(there, x, np.nan), np.where(there, y, np.nan)
