"""Coordinate reference systems of views. Axis order here is always x (easting, longitude), y (northing, latitude).

The geographic systems of WGS 84 and the Mercator maps of the world are computed in closed form, the others by PROJ.
Source: IOGP Guidance Note 7-2, 3.2.1.1 (Mercator) and 3.2.1.2 (Popular Visualisation Pseudo-Mercator); OGC 06-042,
6.7.3 and annex B.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core import projections
from core.extent import Extent
from core.numbers import shown
from core.problem import Problem
from core.projections import none_where

OFFERED: Final[tuple[str, ...]] = (
    "EPSG:4326",
    "CRS:84",
    "EPSG:3857",
    "EPSG:3395",
    "EPSG:3413",
    "EPSG:3995",
    "EPSG:5041",
    "EPSG:32661",
    "EPSG:3031",
    "EPSG:5042",
    "EPSG:32761",
    "EPSG:3035",
    "EPSG:3575",
)
"""Systems that views may be asked for in wherever nothing else is said."""

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Least x, least y, greatest x, greatest y."""

_PLAIN: Final = ("EPSG:4326", "CRS:84")
_RADIUS: Final = 6378137.0
"""Metres; the semi-major axis of WGS 84, which EPSG:3857 takes for the radius of a sphere."""
_ECCENTRICITIES: Final = {"EPSG:3857": 0.0, "EPSG:3395": float(np.sqrt((2.0 - 1 / 298.257223563) / 298.257223563))}
"""Of the Mercator maps: one takes the Earth for a sphere."""
_ROUNDS: Final = 7
"""Each brings the latitude two decimals nearer."""
_POLE: Final = 700.0
"""Earth radii from the equator; beyond it the hyperbolic sine would overflow, and the latitude is 90 long before."""
_MERCATOR_EDGE: Final = float(np.degrees(np.arctan(np.sinh(np.pi))))
"""Degrees; the latitude where the world of EPSG:3857 is as high as it is wide."""
_STEPS: Final = 361
"""Along each edge of an extent: degree by degree round the Earth."""
_SHORT: Final = 1e-4
"""Of the breadth: so little that the scale is the same all along."""
_LINES: Final = 73
"""Parallels and meridians that are followed where the edges alone do not tell what is shown."""
_OTHER_NAMES: Final = dict.fromkeys(
    ("EPSG:900913", "EPSG:102100", "EPSG:102113", "EPSG:3785", "ESRI:102100", "ESRI:102113"), "EPSG:3857"
)
_URN: Final = re.compile(
    r"(?:URN:(?:X-)?OGC:DEF:CRS:|HTTPS?://(?:WWW\.)?OPENGIS\.NET/DEF/CRS/)([A-Z0-9_]+)[:/][0-9.]*[:/]([0-9A-Z_.]+)",
    re.ASCII,
)
_GML: Final = re.compile(r"HTTPS?://WWW\.OPENGIS\.NET/GML/SRS/([A-Z]+)\.XML#([0-9]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Crs:
    """One coordinate reference system."""

    name: str
    """As WMS writes it: `EPSG:4326`, `CRS:84`."""

    @classmethod
    def parse(cls, text: str, parameter: str = "CRS", offered: Sequence[str] = OFFERED) -> "Crs":
        """Read a name in any spelling that `canonical` knows.

        Raises:
            Problem: it is not one of `offered`.

        """
        name = canonical(text)
        if name not in offered:
            message = f"{parameter}={shown(text)} is not offered; there are {', '.join(offered)}"
            raise Problem("unknown_crs", message, parameter=parameter)
        return cls(name)

    @property
    def northing_first(self) -> bool:
        """Whether the system's own definition writes y before x, as WMS 1.3.0 then does (06-042, 6.7.2)."""
        return projections.northing_first(self.name)

    @property
    def geographic(self) -> bool:
        """Whether x and y are longitude and latitude."""
        return projections.definition(self.name).is_geographic

    @property
    def separable(self) -> bool:
        """Whether longitude depends on x alone and latitude on y alone."""
        return self.name in _PLAIN or self.name in _ECCENTRICITIES or projections.separable(self.name)

    @property
    def anchor(self) -> tuple[float, float]:
        """X and y of the middle of the area of use; NaN where the system does not show that."""
        return _anchor(self.name)

    @property
    def scale(self) -> tuple[float, float]:
        """Degrees along the Earth for one unit of x, and for one of y, at the anchor."""
        return _scale(self.name)

    @property
    def breadth(self) -> float:
        """The lesser side of what the system shows at once, in its own units; rather too little than too much."""
        return _breadth(self.name)

    def to_geographic(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude on WGS 84 in degrees, of the shape of `x` and `y`.

        Both are NaN where the system has no such place. Longitudes go on past 180 where the view does, in the systems
        that are computed in closed form; others show each place once.
        """
        if self.name in _PLAIN:
            return none_where(np.abs(y) > 90.0, x, y)
        if self.name in _ECCENTRICITIES:
            return np.degrees(x / _RADIUS), _mercator_latitude(y / _RADIUS, _ECCENTRICITIES[self.name])
        return projections.to_places(self.name, x, y)

    def from_geographic(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return x and y of places on WGS 84, of the same shape; both are NaN where the system cannot show them."""
        if self.name in _PLAIN:
            return none_where(np.abs(latitude) > 90.0, longitude, latitude)
        if self.name in _ECCENTRICITIES:
            x, y = np.radians(longitude), _mercator_northing(latitude, _ECCENTRICITIES[self.name])
            # The poles lie at infinity.
            return none_where(np.abs(latitude) >= 90.0, _RADIUS * x, _RADIUS * y)
        return projections.from_places(self.name, longitude, latitude)

    def bounds(self, extent: Extent) -> Box | None:
        """Return the box around what the system shows of an extent; None where that is nothing.

        EPSG:3857 ends at 85.06 degrees, maps round a pole at the equator, others at the area of use that their
        definition states.
        """
        shared = (_shared(extent, area) for area in _shown(self.name))
        boxes = [self._box(part) for part in shared if part is not None]
        found = [box for box in boxes if box is not None]
        if not found:
            return None
        west, south, east, north = zip(*found, strict=True)
        return min(west), min(south), max(east), max(north)

    def _box(self, part: Extent) -> Box | None:
        # Round the pole no edge of the box is straight: follow them all.
        lines = [self.from_geographic(*line) for line in _lines(part, 2)]
        if not all(np.isfinite(x).all() for x, _ in lines):
            # The Earth from space: what is seen ends somewhere within.
            lines = [self.from_geographic(*line) for line in _lines(part, _LINES)]
        seen = [(x, y) for x, y in lines if np.isfinite(x).any()]
        if not seen:
            return None
        return (
            -max(_greatest(-x) for x, _ in seen),
            -max(_greatest(-y) for _, y in seen),
            max(_greatest(x) for x, _ in seen),
            max(_greatest(y) for _, y in seen),
        )


def canonical(text: str) -> str:
    """Return the name as WMS writes it, of a name in any case, a URN or URL of the OGC, or an old name of EPSG:3857."""
    name = text.strip().upper()
    if found := _URN.fullmatch(name) or _GML.fullmatch(name):
        name = ":".join(found.groups())
    if name.startswith("OGC:CRS"):
        name = f"CRS:{name.removeprefix('OGC:CRS')}"
    return _OTHER_NAMES.get(name, name)


def offered_with(more: Iterable[str]) -> tuple[str, ...]:
    """Return `OFFERED` and further names, in any spelling, each system once.

    Raises:
        ValueError: one of them is none that a map can be asked for in; the message says why.

    """
    names = [canonical(name) for name in more]
    for name in names:
        projections.check(name)
    return tuple(dict.fromkeys([*OFFERED, *names]))


def _mercator_northing(latitude: Floats, eccentricity: float) -> Floats:
    """Return the northing in Earth radii."""
    rise = np.radians(latitude)
    northing: Floats = np.arcsinh(np.tan(rise)) - eccentricity * np.arctanh(eccentricity * np.sin(rise))
    return northing


def _mercator_latitude(northing: Floats, eccentricity: float) -> Floats:
    """Return the latitude in degrees, of a northing in Earth radii."""
    within = np.clip(northing, -_POLE, _POLE)
    rise: Floats = np.arctan(np.sinh(within))
    for _ in range(_ROUNDS if eccentricity else 0):
        rise = np.arctan(np.sinh(within + eccentricity * np.arctanh(eccentricity * np.sin(rise))))
    return np.degrees(rise)


def _shared(one: Extent, other: Extent) -> Extent | None:
    west, south = max(one.west, other.west), max(one.south, other.south)
    east, north = min(one.east, other.east), min(one.north, other.north)
    if west >= east or south >= north:
        return None
    return Extent(west=west, south=south, east=east, north=north)


def _lines(part: Extent, count: int) -> list[tuple[Floats, Floats]]:
    """Return longitudes and latitudes along so many parallels and meridians of an extent, its edges among them."""
    around, along = np.linspace(part.west, part.east, _STEPS), np.linspace(part.south, part.north, _STEPS)
    parallels = [(around, np.full(_STEPS, latitude)) for latitude in np.linspace(part.south, part.north, count)]
    return parallels + [(np.full(_STEPS, longitude), along) for longitude in np.linspace(part.west, part.east, count)]


def _greatest(values: Floats) -> float:
    """Return what no value along a curve exceeds, of which some are given."""
    place = int(np.nanargmax(values))
    if not 0 < place < values.size - 1:
        return float(values[place])
    # Between samples a smooth curve rises by an eighth of the second difference; twice that is on the safe side.
    rise = abs(values[place - 1] - 2.0 * values[place] + values[place + 1]) / 4.0
    return float(values[place] + (rise if np.isfinite(rise) else 0.0))


@lru_cache(maxsize=256)
def _anchor(name: str) -> tuple[float, float]:
    area = projections.areas(name)[0]
    middle = np.array([(area.west + area.east) / 2]), np.array([(area.south + area.north) / 2])
    x, y = Crs(name).from_geographic(*middle)
    return float(x[0]), float(y[0])


@lru_cache(maxsize=256)
def _scale(name: str) -> tuple[float, float]:
    crs = Crs(name)
    (x, y), step = crs.anchor, crs.breadth * _SHORT
    longitude, latitude = crs.to_geographic(np.array([x, x + step, x]), np.array([y, y, y + step]))
    east = (longitude + 180.0 - longitude[0]) % 360.0 - 180.0
    far = np.hypot(east * np.cos(np.radians(latitude[0])), latitude - latitude[0]) / step
    return float(far[1]), float(far[2])


@lru_cache(maxsize=256)
def _breadth(name: str) -> float:
    box = Crs(name).bounds(Extent(west=-180.0, south=-90.0, east=180.0, north=90.0))
    if box is None:
        return 0.0
    west, south, east, north = box
    return min(east - west, north - south)


def _shown(name: str) -> tuple[Extent, ...]:
    if name == "EPSG:3857":
        return (Extent(west=-180.0, south=-_MERCATOR_EDGE, east=180.0, north=_MERCATOR_EDGE),)
    return projections.shown(name)
