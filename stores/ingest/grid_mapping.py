"""Fields on x and y axes in the plane of a projection, or about another pole: which system these axes count in.

Source: CF Conventions 1.11, 5.6 (grid mappings), appendix F (their names and parameters).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import pyproj
from numpy.typing import NDArray

from core.attributes import Attribute, Attributes, text_of
from core.dataset import CurvilinearGrid, Description, ProjectedGrid
from core.grids.projected import Projected
from core.mesh_plane import METRES
from core.native import Native, native
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.horizontal import Direction, Pair, bounds_of, centres_of, spread, unpacked
from stores.ingest.refusal import Unreadable

_AXES: Final[dict[str, Direction]] = {
    "projection_x_coordinate": "x",
    "projection_y_coordinate": "y",
    "projection_x_angular_coordinate": "x",
    "projection_y_angular_coordinate": "y",
    "grid_longitude": "x",
    "grid_latitude": "y",
}
"""By standard name."""
_NAMES: Final[dict[str, Direction]] = {
    **dict.fromkeys(("x", "xc", "easting", "rlon"), "x"),
    **dict.fromkeys(("y", "yc", "northing", "rlat"), "y"),
}
_WKT: Final = ("crs_wkt", "spatial_ref", "esri_pe_string")
_PROJ: Final = ("proj4_params", "proj4", "proj4_string", "proj4text", "proj_params", "proj_string")
_FIGURE: Final = (
    "semi_major_axis",
    "earth_radius",
    "inverse_flattening",
    "reference_ellipsoid_name",
    "horizontal_datum_name",
)
_ANGLES: Final = {
    **dict.fromkeys(("rad", "radian", "radians"), 1.0),
    **dict.fromkeys(("urad", "microradian", "microradians"), 1e-6),
    **dict.fromkeys(("degree", "degrees", "degrees_east", "degrees_north"), float(np.pi / 180.0)),
}
"""Radians."""
_AGREEING: Final = 0.05
"""Of a cell: how far at most the places that a file gives may lie from those that its projection gives."""
_KEPT: Final = 64
_COMPARED: Final = 1 << 20
"""Cells; of a larger grid every so many rows and columns are compared."""


def projected_pair(file: RawFile, field: RawVariable, own: Pair | None, values: Values) -> Pair | None:
    """Find the axes and the system of a field on a projection; None where it has none that can be used.

    `own` are its places by longitude and latitude. Axes of those go before a projection; the places of each cell give
    way to one that leads to the same everywhere.
    """
    if own is not None and own.rectilinear:
        return None
    placed = own is not None and spread(file, own, values)
    for pair, _ in _readings(file, field, values):
        if pair is not None and not (placed and own is not None and not _agrees(file, pair, own, values)):
            return pair
    return None


def projected_grid(file: RawFile, pair: Pair, values: Values) -> ProjectedGrid:
    """Read the grid.

    Raises:
        Unreadable: a coordinate is missing, or the axes make no grid on the Earth.

    """
    plain = ProjectedGrid(
        x=pair.x,
        y=pair.y,
        xs=tuple(centres_of(file, pair.x, values).tolist()),
        ys=tuple(centres_of(file, pair.y, values).tolist()),
        unit=pair.unit,
        crs=pair.crs,
        mapping=pair.mapping,
        extent=(0.0, 0.0, 0.0, 0.0),
        x_bounds=bounds_of(file, pair.x, values),
        y_bounds=bounds_of(file, pair.y, values),
    )
    try:
        extent = Projected(plain).surveyed()
    except ValueError as error:
        raise Unreadable(file.name, f"{pair.x} and {pair.y} on the grid mapping {pair.mapping}: {error}") from error
    return replace(
        plain,
        extent=(extent.west, extent.south, extent.east, extent.north),
        digest=blake2b(repr(plain).encode(), digest_size=8).hexdigest(),
    )


def why_unmapped(file: RawFile, values: Values) -> str | None:
    """Say why no projection of the file can be used; None where no variable is on one."""
    for field in file.variables.values():
        if len(field.dimensions) < 2 or (axes := _axes(file, field)) is None:
            continue
        named = field.words("grid_mapping")
        mappings = file.mappings(field)
        if not named:
            return (
                f"{axes[0].name} and {axes[1].name} are no longitude and latitude, and {field.name} has no grid_mapping"
            )
        if not mappings:
            return f"the grid mapping {' '.join(named)} of {field.name} is not in the file"
        return next((reason for _, reason in _readings(file, field, values) if reason), None)
    return None


def unused_mappings(file: RawFile, description: Description, values: Values) -> tuple[str, ...]:
    """Say which projections are not used of fields whose cells are placed by longitude and latitude, and why."""
    found = []
    for field in description.fields:
        grid = description.grids[field.grid or ""]
        raw = file.variables[field.name]
        if isinstance(grid, CurvilinearGrid) and (said := list(_readings(file, raw, values))):
            other = f"the grid mapping {text_of(raw.attributes, 'grid_mapping')} leads to other places"
            reason = other if any(pair is not None for pair, _ in said) else said[0][1]
            found.append(f"{reason}; {grid.y} and {grid.x} are used instead")
    return tuple(dict.fromkeys(found))


def systems(attributes: Attributes) -> Iterator[pyproj.CRS | str]:
    """Yield the systems that a grid mapping describes, the most complete description first, or why one is none.

    Parameters of CF go before a text of WKT (CF 5.6), any text before parameters without a figure of the Earth.
    """
    plain = {name: _plain(attribute) for name, attribute in attributes.items() if name not in (*_WKT, *_PROJ)}
    ways: list[tuple[str, Callable[[], pyproj.CRS]]] = [
        (f"{name} cannot be used", partial(make, text))
        for make, names in ((pyproj.CRS.from_wkt, _WKT), (pyproj.CRS.from_string, _PROJ))
        for name in names
        if (text := text_of(attributes, name)) is not None
    ]
    kind = text_of(attributes, "grid_mapping_name")
    if kind is not None:
        figured = any(name in attributes for name in _FIGURE)
        ways.insert(0 if figured else len(ways), (kind, partial(_from_parameters, tuple(plain.items()))))
    if not ways:
        yield f"it has neither grid_mapping_name nor any of {', '.join((*_WKT[:2], *_PROJ[:2]))}"
    for said, make in ways:
        try:
            found = make()
        except (pyproj.exceptions.ProjError, KeyError, TypeError, ValueError) as error:
            yield f"{said}: {_missing(error)}"
        else:
            yield found


def _readings(file: RawFile, field: RawVariable, values: Values) -> Iterator[tuple[Pair | None, str]]:
    """Yield what the axes of a field may mean, or why they mean nothing, in words."""
    axes = _axes(file, field)
    if axes is None:
        return
    x, y = axes
    for mapping in file.mappings(field):
        for found in systems(mapping.attributes):
            reason, pair = found if isinstance(found, str) else "", None
            if not isinstance(found, str):
                try:
                    unit = _unit(file, (x, y), found, values)
                    native(found.to_wkt())
                except ValueError as error:
                    reason = str(error)
                else:
                    pair = Pair(
                        x=x.name,
                        y=y.name,
                        dimensions=(y.dimensions[0], x.dimensions[0]),
                        rectilinear=False,
                        mapping=mapping.name,
                        crs=found.to_wkt(),
                        unit=unit,
                    )
            yield pair, f"the grid mapping {mapping.name}: {reason}" if reason else ""


def _axes(file: RawFile, field: RawVariable) -> tuple[RawVariable, RawVariable] | None:
    """Return x and y of a field that has both along its dimensions."""
    found: dict[Direction, RawVariable] = {}
    for dimension in field.dimensions:
        for variable in file.along(dimension, seen_from=field.group):
            direction = _direction(variable) if variable.numeric else None
            if direction is not None and direction not in found:
                found[direction] = variable
                break
    return (found["x"], found["y"]) if len(found) == 2 else None


def _direction(variable: RawVariable) -> Direction | None:
    if variable.standard_name:
        return _AXES.get(variable.standard_name)
    axis = (text_of(variable.attributes, "axis") or "").lower()
    return {"x": "x", "y": "y"}.get(axis) or _NAMES.get(variable.short)  # type: ignore[return-value]  # both literal


def _unit(file: RawFile, axes: tuple[RawVariable, RawVariable], crs: pyproj.CRS, values: Values) -> float:
    """Return units of a system for one of the axes.

    Raises:
        ValueError: these are not in units of that system.

    """
    if crs.is_geographic and not crs.is_derived:
        raise ValueError("longitude and latitude have no x and y")
    found = {_factor(file, axis, crs, values) for axis in axes}
    if len(found) > 1:
        raise ValueError(f"{axes[0].name} is in {axes[0].units!r}, {axes[1].name} in {axes[1].units!r}")
    return found.pop()


def _factor(file: RawFile, axis: RawVariable, crs: pyproj.CRS, values: Values) -> float:
    units = axis.units.lower() if axis.units != "1" else ""
    if crs.is_geographic:
        if (angle := _ANGLES.get(units or "degrees")) is None:
            raise ValueError(f"{axis.name} is in {axis.units!r}: it takes degrees")
        return float(np.degrees(angle)) if units.startswith("r") else 1.0
    if not units:
        # Angles seen from a satellite are below a tenth; metres on the ground are not.
        units = "rad" if "angular" in axis.standard_name or _tiny(file, axis, values) else "m"
    if units in METRES:
        return METRES[units] / float(crs.axis_info[0].unit_conversion_factor)
    height = crs.to_cf().get("perspective_point_height")
    if units not in _ANGLES or height is None:
        raise ValueError(f"{axis.name} is in {axis.units!r}: it takes m or km, or rad seen from a satellite")
    return _ANGLES[units] * float(height)


def _tiny(file: RawFile, axis: RawVariable, values: Values) -> bool:
    return float(np.nanmax(np.abs(unpacked(file, axis.name, values)), initial=0.0)) < 1.0


def _agrees(file: RawFile, pair: Pair, own: Pair, values: Values) -> bool:
    """Tell whether a projection leads to the places that the file gives its cells, everywhere."""
    if pair.dimensions != own.dimensions:
        return False
    x, y = (unpacked(file, name, values) * pair.unit for name in (pair.x, pair.y))
    every = np.s_[:: max(1, round(np.sqrt(x.size * y.size / _COMPARED)))]
    longitude, latitude = (unpacked(file, name, values)[every, every] for name in (own.x, own.y))
    plane: Native = native(pair.crs)
    east, north = plane.from_places(longitude, latitude)
    off_x, off_y = east - x[None, every], north - y[every, None]
    if plane.geographic:
        off_x = (off_x + 180.0) % 360.0 - 180.0
    given = np.isfinite(longitude) & np.isfinite(latitude)
    with np.errstate(invalid="ignore"):
        near = (np.abs(off_x) <= _AGREEING * _step(x)) & (np.abs(off_y) <= _AGREEING * _step(y))
    return bool(near[given].all())


def _step(axis: NDArray[np.float64]) -> float:
    return float(np.median(np.abs(np.diff(axis)))) if axis.size > 1 else np.inf


# PROJ looks for the name of the datum in all of its tables, which takes longer than reading the rest of a header.
@lru_cache(maxsize=_KEPT)
def _from_parameters(parameters: tuple[tuple[str, Any], ...]) -> pyproj.CRS:
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in parameters}
    return pyproj.CRS.from_cf(given)


def _plain(attribute: Attribute) -> Any:
    numbers = tuple(attribute.numbers.tolist())
    return (numbers[0] if len(numbers) == 1 else numbers) if numbers else attribute.text


def _missing(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
