"""Coordinate reference systems of views. Axis order here is always x (easting, longitude), y (northing, latitude).

EPSG:3857 and the geographic systems are computed in closed form, the others by PROJ.
Source: IOGP Guidance Note 7-2, 3.2.1.2 (Popular Visualisation Pseudo-Mercator); OGC 06-042, 6.7.3 and annex B.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj
from numpy.typing import NDArray

from core.extent import Extent
from core.numbers import shown
from core.problem import Problem

OFFERED: Final[tuple[str, ...]] = ("EPSG:4326", "CRS:84", "EPSG:3857", "EPSG:3413")
"""Systems that views may be asked for in."""

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Least x, least y, greatest x, greatest y."""

_WGS84 = "OGC:CRS84"
_RADIUS = 6378137.0
"""Metres; the semi-major axis of WGS 84, which EPSG:3857 takes for the radius of a sphere."""
_POLE = 700.0
"""Earth radii from the equator; beyond it the hyperbolic sine would overflow, and the latitude is 90 long before."""
_FAR = 1e12
"""Metres or degrees; what lies farther away is at infinity."""
_MERCATOR_EDGE = float(np.degrees(np.arctan(np.sinh(np.pi))))
"""Degrees; the latitude where the world of EPSG:3857 is as high as it is wide."""
_OTHER_NAMES: Final = {
    "EPSG:900913": "EPSG:3857",
    "EPSG:102100": "EPSG:3857",
    "OGC:CRS84": "CRS:84",
}
_URN = re.compile(
    r"(?:URN:OGC:DEF:CRS:|HTTPS?://WWW\.OPENGIS\.NET/DEF/CRS/)(EPSG|OGC)[:/][0-9.]*[:/]([0-9A-Z]+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Crs:
    """One coordinate reference system."""

    name: str
    """As WMS writes it: `EPSG:4326`, `CRS:84`."""

    @classmethod
    def parse(cls, text: str, parameter: str = "CRS") -> "Crs":
        """Read a name: `EPSG:4326` in any case, a URN or URL of the OGC, or one of the old names of EPSG:3857.

        Raises:
            Problem: it is not one of `OFFERED`.

        """
        name = text.strip().upper()
        if found := _URN.fullmatch(name):
            name = ":".join(found.groups())
        name = _OTHER_NAMES.get(name, name)
        if name not in OFFERED:
            message = f"{parameter}={shown(text)} is not offered; there are {', '.join(OFFERED)}"
            raise Problem("unknown_crs", message, parameter=parameter)
        return cls(name)

    @property
    def northing_first(self) -> bool:
        """Whether the system's own definition writes y before x, as WMS 1.3.0 then does (06-042, 6.7.2)."""
        return _northing_first(self.name)

    @property
    def geographic(self) -> bool:
        """Whether x and y are degrees of longitude and latitude."""
        return _definition(self.name).is_geographic

    @property
    def separable(self) -> bool:
        """Whether longitude depends on x alone and latitude on y alone."""
        return _separable(self.name)

    def to_geographic(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude on WGS 84 in degrees, of the shape of `x` and `y`.

        Both are NaN where the system has no such place. Longitudes go on past 180 where a geographic or Mercator
        view does.
        """
        if self.name == "EPSG:3857":
            return np.degrees(x / _RADIUS), np.degrees(np.arctan(np.sinh(np.clip(y / _RADIUS, -_POLE, _POLE))))
        if self.geographic:
            return _none_where(np.abs(y) > 90.0, x, y)
        return _transformed(_to_geographic(self.name), x, y)

    def from_geographic(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return x and y of places on WGS 84, of the same shape; both are NaN where the system cannot show them."""
        beyond = np.abs(latitude) > 90.0
        if self.name == "EPSG:3857":
            # The poles lie at infinity.
            beyond |= np.abs(latitude) == 90.0
            northing = _RADIUS * np.arcsinh(np.tan(np.radians(latitude)))
            return _none_where(beyond, _RADIUS * np.radians(longitude), northing)
        if self.geographic:
            return _none_where(beyond, longitude, latitude)
        return _none_where(beyond, *_transformed(_from_geographic(self.name), longitude, latitude))

    def bounds(self, extent: Extent) -> Box | None:
        """Return the box around what the system shows of an extent; None where that is nothing.

        EPSG:3857 ends at 85.06 degrees, others at the area of use that their definition states.
        """
        usable = _usable(self.name)
        west, south = max(extent.west, usable.west), max(extent.south, usable.south)
        east, north = min(extent.east, usable.east), min(extent.north, usable.north)
        if west > east or south > north:
            return None
        if self.geographic:
            return west, south, east, north
        # Round the pole no edge of the box is straight: follow it degree by degree.
        x, y = self.from_geographic(*_outline(Extent(west=west, south=south, east=east, north=north)))
        return (
            float(np.nanmin(x)),
            float(np.nanmin(y)),
            float(np.nanmax(x)),
            float(np.nanmax(y)),
        )


def _none_where(beyond: NDArray[np.bool_], x: Floats, y: Floats) -> tuple[Floats, Floats]:
    if not beyond.any():
        return x, y
    return np.where(beyond, np.nan, x), np.where(beyond, np.nan, y)


def _outline(extent: Extent) -> tuple[Floats, Floats]:
    around, along = (
        np.linspace(extent.west, extent.east, 361),
        np.linspace(extent.south, extent.north, 91),
    )
    longitude, latitude = np.meshgrid(around, along)
    edge = np.ones(longitude.shape, dtype=np.bool_)
    edge[1:-1, 1:-1] = False
    return longitude[edge], latitude[edge]


def _transformed(transformer: pyproj.Transformer, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    first, second = transformer.transform(x, y)
    # PROJ answers infinity where there is no place, and nearly that for the pole opposite to a polar map.
    return _none_where(~((np.abs(first) < _FAR) & (np.abs(second) < _FAR)), first, second)


@lru_cache(maxsize=32)
def _definition(name: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(_WGS84 if name == "CRS:84" else name)


# Transformers may be shared between threads (pyproj >= 3.1 keeps one PROJ context for each).
@lru_cache(maxsize=32)
def _to_geographic(name: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_definition(name), _WGS84, always_xy=True)


@lru_cache(maxsize=32)
def _from_geographic(name: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_WGS84, _definition(name), always_xy=True)


@lru_cache(maxsize=32)
def _northing_first(name: str) -> bool:
    # Directions do not tell: on a polar map both axes point south. Two places do.
    places = [10.0, 20.0], [70.0, 75.0]
    own = pyproj.Transformer.from_crs(_WGS84, _definition(name)).transform(*places)
    settled = _from_geographic(name).transform(*places)
    return not np.allclose(own, settled)


@lru_cache(maxsize=32)
def _usable(name: str) -> Extent:
    if name == "EPSG:3857":
        return Extent(west=-180.0, south=-_MERCATOR_EDGE, east=180.0, north=_MERCATOR_EDGE)
    area = _definition(name).area_of_use
    if area is None:
        return Extent(west=-180.0, south=-90.0, east=180.0, north=90.0)
    return Extent(west=area.west, south=area.south, east=area.east, north=area.north)


@lru_cache(maxsize=32)
def _separable(name: str) -> bool:
    crs = Crs(name)
    box = crs.bounds(_usable(name))
    if box is None:
        return False
    west, south, east, north = box
    x, y = np.meshgrid(
        west + (east - west) * np.array([0.3, 0.6]),
        south + (north - south) * np.array([0.3, 0.6]),
    )
    longitude, latitude = crs.to_geographic(x, y)
    return np.allclose(longitude[0], longitude[1]) and np.allclose(latitude[:, 0], latitude[:, 1])
