"""Where: a box or a point. Degrees, longitudes in any convention."""

from dataclasses import dataclass
from typing import Final

from core.problem import Problem
from gateway.ncss.request.parameters import Parameters

_BOX: Final = ("west", "east", "south", "north")
_PROJECTED: Final = ("minx", "maxx", "miny", "maxy")
_POINT: Final = ("longitude", "latitude")
_POLE: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What lies from west to east and from south to north, ends included."""

    west: float
    """Degrees east, in any convention."""
    east: float
    """Degrees east; below `west` where the box crosses the meridian at which its convention begins."""
    south: float
    """Degrees north, at most `north`."""
    north: float
    """Degrees north; may lie beyond the pole, as the edges of cells do."""
    projected: bool
    """Whether it was asked for in the coordinates of the grid itself (minx, ...)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The cell at a place."""

    longitude: float
    """Degrees east, in any convention."""
    latitude: float
    """Degrees north."""


Place = Box | Point | None
"""None: the whole grid."""


def place_asked(given: Parameters) -> Place:
    """Read the place; a point goes before a box, and one in the grid's own coordinates before one in degrees.

    Raises:
        Problem: `missing_parameter`, `invalid_value`.

    """
    point = _all_or_none(given, _POINT)
    if point is not None:
        if abs(point[1]) > _POLE:
            raise Problem("invalid_value", f"latitude={point[1]:g} is beyond the pole", parameter="latitude")
        return Point(longitude=point[0], latitude=point[1])
    projected = _all_or_none(given, _PROJECTED)
    if projected is not None:
        return _box(projected, _PROJECTED)
    box = _all_or_none(given, _BOX)
    return None if box is None else _box(box, _BOX)


def _box(edges: list[float], names: tuple[str, ...]) -> Box:
    west, east, south, north = edges
    if south > north:
        message = f"{names[2]}={south:g} lies above {names[3]}={north:g}: exchange them"
        raise Problem("invalid_value", message, parameter=names[2])
    return Box(west=west, east=east, south=south, north=north, projected=names is _PROJECTED)


def _all_or_none(given: Parameters, names: tuple[str, ...]) -> list[float] | None:
    """Return the numbers of all `names`; None where none of them is given."""
    numbers = [given.number(name) for name in names]
    there = [number for number in numbers if number is not None]
    if not there:
        return None
    if len(there) < len(names):
        absent = names[numbers.index(None)]
        raise Problem("missing_parameter", f"{absent} is required: {', '.join(names)} go together", parameter=absent)
    return there
