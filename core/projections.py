"""What PROJ knows about coordinate reference systems, by their names. Coordinates here are always x, then y.

Transformers may be shared between threads: pyproj >= 3.1 keeps one PROJ context for each.
Source: OGC 06-042, 6.7.2 and annex B.
"""

import re
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError, ProjError

from core.extent import Extent

Floats = NDArray[np.float64]

_WGS84: Final = "OGC:CRS84"
_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,31}:[A-Z0-9_.]{1,32}", re.ASCII)
_FLAT: Final = ("Geographic 2D CRS", "Projected CRS")
_FAR: Final = 1e12
"""Metres or degrees; what lies farther away is at infinity."""
_ASTRAY: Final = 1e3, 1e-3
"""Units of a projected system, and share of the coordinates, by which a place may miss the point it came from.

Two operations between the same datums differ by some hundred metres at most; a projection that is asked for what lies
beyond its reach answers with places on another side of the Earth.
"""
_ORIGINS: Final = ("Longitude of natural origin", "Longitude of false origin", "Longitude of origin")
_POLE: Final = 90.0
_MERIDIANS: Final = (-120.0, -30.0, 60.0, 150.0)
_ROUND: Final = 1e-6
"""Of a radius: a transformation between datums bends circles by less."""
_HALF: Final = 3.0
"""Times as far; 1.8 in equal areas, 2.4 in stereographic maps, and boundless in gnomonic ones."""
_HAIR: Final = 1e-9
"""Degrees; a tenth of a millimetre."""
_EXACT: Final = 1e-9
"""Share of a span that is rounding."""
_KEPT: Final = 256


def check(name: str) -> None:
    """Refuse a name that no map can be asked for in.

    Raises:
        ValueError: saying why.

    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a coordinate reference system: write AUTHORITY:CODE, as EPSG:3035")
    try:
        found = definition(name)
    except CRSError as error:
        raise ValueError(f"{name} is not a coordinate reference system that PROJ knows") from error
    if found.type_name not in _FLAT:
        raise ValueError(f"{name} is a {found.type_name}; a map needs a geographic or projected one of two axes")
    inner = _inside(areas(name)[0])
    try:
        x, y = from_places(name, *inner)
    except ProjError as error:
        raise ValueError(f"{name} has no known relation to WGS 84, in which the data are") from error
    if not (np.isfinite(x) & np.isfinite(y)).any():
        raise ValueError(f"{name} shows nothing of the area of use that its own definition states")


@lru_cache(maxsize=_KEPT)
def definition(name: str) -> pyproj.CRS:
    """Return the definition of `EPSG:4326`, `CRS:84`, ...

    Raises:
        CRSError: PROJ knows none.

    """
    return pyproj.CRS.from_authority(*(f"OGC:CRS{name[4:]}" if name.startswith("CRS:") else name).split(":"))


def to_places(name: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude on WGS 84 in degrees; both are NaN where the system has no such place."""
    longitude, latitude = _transformed(_to_wgs84(name), x, y)
    if definition(name).is_geographic:
        return longitude, latitude
    # Beyond its reach (the rim of the disc, the other side of the Earth) a projection may answer with any place.
    back_x, back_y = from_places(name, longitude, latitude)
    least, share = _ASTRAY
    with np.errstate(invalid="ignore", over="ignore"):
        there = np.abs(back_x - x) + np.abs(back_y - y) <= least + share * (np.abs(x) + np.abs(y))
    return none_where(~there, longitude, latitude)


def from_places(name: str, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Return x and y of places on WGS 84 in degrees; both are NaN where the system cannot show them."""
    x, y = _transformed(_from_wgs84(name), longitude, latitude)
    return none_where(np.abs(latitude) > 90.0, x, y)


def none_where(beyond: NDArray[np.bool_], x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return `x` and `y`, both NaN where `beyond`."""
    if not beyond.any():
        return x, y
    return np.where(beyond, np.nan, x), np.where(beyond, np.nan, y)


@lru_cache(maxsize=_KEPT)
def northing_first(name: str) -> bool:
    """Tell whether the definition writes y before x."""
    # Directions do not tell: on a polar map both axes point south, or both north. Places do.
    places = _inside(areas(name)[0])
    own = pyproj.Transformer.from_crs(_WGS84, definition(name)).transform(*places)
    settled = _from_wgs84(name).transform(*places)
    return not np.allclose(own, settled, rtol=_EXACT, atol=0.0)


@lru_cache(maxsize=_KEPT)
def separable(name: str) -> bool:
    """Tell whether longitude depends on x alone and latitude on y alone."""
    # Another datum is shifted differently in different parts of its area.
    grids = [from_places(name, *np.meshgrid(*_inside(area))) for area in areas(name)]
    return all(
        np.ptp(x, axis=0).max() <= _EXACT * np.ptp(x, axis=1).min()
        and np.ptp(y, axis=1).max() <= _EXACT * np.ptp(y, axis=0).min()
        for x, y in grids
    )


@lru_cache(maxsize=_KEPT)
def areas(name: str) -> tuple[Extent, ...]:
    """Return the area of use that the definition states, cut at the date line and where the plane is cut."""
    area = definition(name).area_of_use
    west, south, east, north = area.bounds if area else (-180.0, -90.0, 180.0, 90.0)
    spans = [(west, east)] if west < east else [(west, 180.0), (-180.0, east)]
    cut = [part for first, last in spans for part in _cut(first, last, _seam(name))]
    return tuple(Extent(west=first, south=south, east=last, north=north) for first, last in cut)


@lru_cache(maxsize=_KEPT)
def shown(name: str) -> tuple[Extent, ...]:
    """Return what maps are drawn of: the areas of use, of a map round a pole all that lies up to the equator.

    Polar systems state some thirty degrees round the pole, for their scale is true there. People look at more, and a
    square map of as much has corners beyond it.
    """
    found = areas(name)
    south, north = min(area.south for area in found), max(area.north for area in found)
    around = min(area.west for area in found) == -180.0 and max(area.east for area in found) == 180.0
    pole = _POLE if north == _POLE else -_POLE
    if not around or (south == -_POLE) == (north == _POLE) or not _shows_half(name, pole):
        return found
    low, high = (min(south, 0.0), north) if pole > 0 else (south, max(north, 0.0))
    return tuple(Extent(west=area.west, south=low, east=area.east, north=high) for area in found)


def _shows_half(name: str, pole: float) -> bool:
    """Tell whether parallels are circles round a pole, the equator not much farther out than twice as far as 45."""
    x, y = from_places(name, *np.meshgrid(np.array(_MERIDIANS), np.array([pole, pole / 2, 0.0])))
    radii = np.hypot(x - x[0, 0], y - y[0, 0])
    _, middle, equator = radii.max(axis=1)
    return bool(np.ptp(radii, axis=1).max() <= _ROUND * middle and equator <= _HALF * middle)


def _cut(first: float, last: float, seam: float | None) -> list[tuple[float, float]]:
    if seam is None or not first < seam < last:
        return [(first, last)]
    # The meridian itself is on one side of the map or on the other.
    return [(first, seam - _HAIR), (seam + _HAIR, last)]


def _seam(name: str) -> float | None:
    """Return the meridian opposite to the origin, in degrees: the left and right edge of most maps of the world."""
    operation = definition(name).coordinate_operation
    origins = [float(found.value) for found in operation.params if found.name in _ORIGINS] if operation else []
    return origins[0] % 360.0 - 180.0 if origins else None


def _inside(area: Extent) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes within an area, at no remarkable places of it."""
    shares = np.array([0.04, 0.23, 0.41, 0.59, 0.74, 0.97])
    return (
        area.west + (area.east - area.west) * shares,
        area.south + (area.north - area.south) * shares[::-1],
    )


def _transformed(transformer: pyproj.Transformer, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    first, second = transformer.transform(x, y)
    # PROJ answers infinity where there is no place, and nearly that for the pole opposite to a polar map.
    return none_where(~((np.abs(first) < _FAR) & (np.abs(second) < _FAR)), first, second)


@lru_cache(maxsize=_KEPT)
def _to_wgs84(name: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(definition(name), _WGS84, always_xy=True)


@lru_cache(maxsize=_KEPT)
def _from_wgs84(name: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_WGS84, definition(name), always_xy=True)
