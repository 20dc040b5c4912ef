"""Which variables say where on the Earth the cells of a field lie.

Source: CF Conventions 1.11, 4.1 (latitude), 4.2 (longitude), 5 (coordinate systems), 7.1 (bounds).
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.attributes import text_of
from core.curvilinear_grid import Staggered
from core.dataset import CurvilinearGrid, GridDescription, RectilinearGrid
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.packings import packing_in
from stores.ingest.refusal import Unreadable
from stores.ingest.staggered import staggered

Direction = Literal["x", "y"]

_UNITS: Final[dict[str, Direction]] = {
    **dict.fromkeys(("degrees_east", "degree_east", "degrees_e", "degree_e", "degreese", "degreee"), "x"),
    **dict.fromkeys(("degrees_north", "degree_north", "degrees_n", "degree_n", "degreesn", "degreen"), "y"),
}
_STANDARD_NAMES: Final[dict[str, Direction]] = {"longitude": "x", "latitude": "y"}
_NAMES: Final[dict[str, Direction]] = {
    **dict.fromkeys(("lon", "longitude", "lons", "longitudes", "nav_lon", "glon", "xlong"), "x"),
    **dict.fromkeys(("lat", "latitude", "lats", "latitudes", "nav_lat", "glat", "xlat"), "y"),
}
_PROJECTED: Final[dict[str, Direction]] = {"projection_x_coordinate": "x", "projection_y_coordinate": "y"}
_LONGLAT: Final = re.compile(r"\+proj=(longlat|latlong|lonlat|latlon)\b")
_STAGGERED: Final = re.compile(r"(lon|lat)(?:itude)?_(?:rho|psi|vert|u|v|t|f|w|c)")
"""Names on staggered grids: the cells' centres, corners and sides each have their own."""
_NOT_DEGREES: Final = ("m", "km", "radian", "radians", "rad", "1")
_POLE: Final = 90.0 + 1e-3
"""Single precision writes some edges a little beyond the pole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A longitude and a latitude variable that belong together."""

    x: str
    y: str
    dimensions: tuple[str, str]
    """Row and column dimension."""
    rectilinear: bool
    staggered: Staggered | None = None
    """How places are worked out that the two variables do not hold."""
    mapping: str = ""
    """Name of the grid mapping, where x and y are axes in the plane of a projection."""
    crs: str = ""
    """The system of these axes: WKT2."""
    unit: float = 1.0
    """Units of `crs` for one of the axes."""

    @property
    def id(self) -> str:
        """Name of the grid in the store."""
        between = () if self.staggered is None else self.dimensions
        return ".".join((self.y, self.x, *between, *((self.mapping,) if self.mapping else ())))


class Coordinates(Protocol):
    """Two variables that say where cells lie."""

    @property
    def x(self) -> str:
        """Name of the longitude."""
        ...

    @property
    def y(self) -> str:
        """Name of the latitude."""
        ...


def direction_of(variable: RawVariable) -> Direction | None:
    """Tell whether a variable is a longitude ("x") or a latitude ("y"): standard name, units, axis, then name."""
    if not variable.numeric:
        return None
    if variable.standard_name:
        return _STANDARD_NAMES.get(variable.standard_name)
    units = variable.units.lower()
    if units in _UNITS:
        return _UNITS[units]
    axis = (text_of(variable.attributes, "axis") or "").lower()
    if axis in ("x", "y") and units in ("degrees", "degree"):
        return "x" if axis == "x" else "y"
    return None if units in _NOT_DEGREES else _by_name(variable.short)


def pair_for(file: RawFile, field: RawVariable) -> Pair | None:
    """Find the longitude and latitude of a field, along its dimensions or two-dimensional; None where there is none."""
    by_axis = _along_dimensions(file, field)
    if by_axis is not None:
        return by_axis
    named = file.named(field, "coordinates")
    return _two_dimensional(field, named) or _two_dimensional(field, file.visible(field.group))


def pair_between(file: RawFile, field: RawVariable, own: Pair | None) -> Pair | None:
    """Find the centres between which the points of a field lie, whose `own` places are missing or were never filled in.

    None where it is not on a staggered grid, or its file has no centres either.
    """
    centres: dict[tuple[str, str], tuple[str, str]] = {}
    for x in file.visible(field.group):
        if len(x.dimensions) == 2 and direction_of(x) == "x":
            beside = [y for y in file.visible(field.group) if y.dimensions == x.dimensions and direction_of(y) == "y"]
            if beside:
                centres[x.dimensions[0], x.dimensions[1]] = (x.name, beside[0].name)
    found = staggered(file, field, centres)
    if found is None:
        return None
    x_name, y_name = (found.x, found.y) if own is None else (own.x, own.y)
    return Pair(x=x_name, y=y_name, dimensions=found.dimensions, rectilinear=False, staggered=found)


def grid_of(file: RawFile, pair: Pair, values: Values) -> GridDescription:
    """Read the grid; of a curvilinear one only what the header tells.

    Raises:
        Unreadable: a coordinate is missing, not finite or no latitude.

    """
    if not pair.rectilinear:
        rows, columns = (file.dimensions[name] for name in pair.dimensions)
        nowhere = (0.0, 0.0, 0.0, 0.0)
        return CurvilinearGrid(
            x=pair.x,
            y=pair.y,
            shape=(rows, columns),
            buckets=0,
            depth=0,
            extent=nowhere,
            staggered=pair.staggered,
        )
    latitudes = centres_of(file, pair.y, values)
    if np.abs(latitudes).max(initial=0.0) > _POLE:
        raise Unreadable(file.name, f"{pair.y} runs from {latitudes.min()} to {latitudes.max()}: no latitudes")
    return RectilinearGrid(
        x=pair.x,
        y=pair.y,
        longitudes=tuple(centres_of(file, pair.x, values).tolist()),
        latitudes=tuple(latitudes.tolist()),
        longitude_bounds=bounds_of(file, pair.x, values),
        latitude_bounds=bounds_of(file, pair.y, values),
    )


def spread(file: RawFile, pair: Coordinates, values: Values) -> bool:
    """Tell whether coordinates place their cells apart from one another; they may be but one cell."""

    def apart(name: str) -> bool:
        found = unpacked(file, name, values)
        found = found[np.isfinite(found)]
        return bool(found.size) and (found.size == 1 or float(np.ptp(found)) > 0.0)

    held = (pair.staggered or pair) if isinstance(pair, Pair) else pair
    return apart(held.x) and apart(held.y)


def bounds_name(file: RawFile, name: str) -> str | None:
    """Return the bounds of a coordinate if it names some and they are in the file."""
    return next((found.name for found in file.named(file.variables[name], "bounds")), None)


def unpacked(file: RawFile, name: str, values: Values) -> NDArray[np.float64]:
    """Return the values of a coordinate as numbers, NaN where missing."""
    packing = packing_in(file, file.variables[name])
    return packing.unpack(values(name)).astype(np.float64)


def _by_name(name: str) -> Direction | None:
    if name in _NAMES:
        return _NAMES[name]
    staggered = _STAGGERED.fullmatch(name)
    return None if staggered is None else _NAMES[staggered[1]]


def _along_dimensions(file: RawFile, field: RawVariable) -> Pair | None:
    found: dict[Direction, tuple[str, str]] = {}
    geographic = _is_geographic(file, field)
    for dimension in field.dimensions:
        # The coordinate variable proper comes first: an auxiliary one may hold the same twice.
        for variable in file.along(dimension, seen_from=field.group):
            direction = direction_of(variable) or (_PROJECTED.get(variable.standard_name) if geographic else None)
            if direction is not None and direction not in found:
                found[direction] = (variable.name, dimension)
                break
    if len(found) < 2:
        return None
    (x, columns), (y, rows) = found["x"], found["y"]
    return Pair(x=x, y=y, dimensions=(rows, columns), rectilinear=True)


def _is_geographic(file: RawFile, field: RawVariable) -> bool:
    """Tell whether the projection of a field is none: then its projection coordinates are degrees."""
    return any(
        text_of(mapping.attributes, "grid_mapping_name") == "latitude_longitude"
        or _LONGLAT.search(text_of(mapping.attributes, "proj4_params", "proj4") or "") is not None
        for mapping in file.mappings(field)
    )


def _two_dimensional(field: RawVariable, candidates: list[RawVariable]) -> Pair | None:
    fitting = [
        (variable, direction_of(variable))
        for variable in candidates
        if len(variable.dimensions) == 2 and set(variable.dimensions) <= set(field.dimensions)
    ]
    for x in (variable for variable, direction in fitting if direction == "x"):
        for y in (variable for variable, direction in fitting if direction == "y"):
            if x.dimensions == y.dimensions and field.name not in (x.name, y.name):
                rows, columns = x.dimensions
                return Pair(x=x.name, y=y.name, dimensions=(rows, columns), rectilinear=False)
    return None


def centres_of(file: RawFile, name: str, values: Values) -> NDArray[np.float64]:
    """Return the values of an axis.

    Raises:
        Unreadable: one of them is missing.

    """
    found = unpacked(file, name, values)
    gone = int(np.count_nonzero(~np.isfinite(found)))
    if gone or not found.size:
        what = f"{gone} of {found.size} values of {name} are missing" if found.size else f"{name} is empty"
        raise Unreadable(file.name, f"no georeference: {what}")
    return found


def bounds_of(file: RawFile, name: str, values: Values) -> tuple[tuple[float, float], ...]:
    """Return the edges of the cells along an axis; none where the file does not give them."""
    found = bounds_name(file, name)
    size = file.variables[name].shape[0]
    if found is None or not file.variables[found].numeric or file.variables[found].shape != (size, 2):
        return ()
    edges: NDArray[Any] = unpacked(file, found, values)
    return tuple((float(low), float(high)) for low, high in edges) if np.isfinite(edges).all() else ()
