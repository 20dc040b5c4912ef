"""What a file says of the part of the Earth and of time that it covers.

Source: Attribute Convention for Data Discovery 1.3, "geospatial_*" and "time_coverage_*".
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from core.attributes import CHAR, STRING, Attribute, Attributes
from core.dataset import RectilinearGrid
from core.selection.given import number, text
from core.selection.plan import Plan
from core.time import iso

_OUTDATED: Final = (
    "geospatial_bounds",
    "geospatial_bounds_crs",
    "geospatial_bounds_vertical_crs",
    "time_coverage_duration",
    "geospatial_lat_resolution",
    "geospatial_lon_resolution",
    "time_coverage_resolution",
)
"""True of the whole only."""

Box = tuple[float, float, float, float]


def covered(plan: Plan, extents: Mapping[str, Box]) -> Attributes:
    """Return the attributes of the file with what is true of the part that is taken."""
    old = plan.dataset.description.attributes
    said: dict[str, Any] = {**_places(plan, extents), **_levels(plan), **_times(plan)}
    found = {name: value for name, value in old.items() if name not in _OUTDATED}
    return {**found, **{name: _alike(old.get(name), value) for name, value in said.items()}}


def _places(plan: Plan, extents: Mapping[str, Box]) -> dict[str, float]:
    grids = dict.fromkeys(plan.variable(name).grid or "" for name in plan.fields)
    boxes = [extents[grid_id] if grid_id in extents else _box(plan, grid_id) for grid_id in grids]
    west, south, east, north = (pick([box[side] for box in boxes]) for side, pick in enumerate((min, min, max, max)))
    return {
        "geospatial_lat_min": south,
        "geospatial_lat_max": north,
        "geospatial_lon_min": west,
        "geospatial_lon_max": east,
    }


def _box(plan: Plan, grid_id: str) -> Box:
    grid = plan.dataset.description.grids[grid_id]
    if not isinstance(grid, RectilinearGrid):
        return grid.extent
    rows, columns = (plan.variable(name).dimensions[0] for name in (grid.y, grid.x))
    latitudes = np.array(grid.latitudes)[plan.cut(rows, len(grid.latitudes)).indices]
    longitudes = np.array(grid.longitudes)[plan.cut(columns, len(grid.longitudes)).indices]
    if grid.x in plan.turns:
        longitudes = longitudes + 360.0 * np.array(plan.turns[grid.x])
    return tuple(map(float, (longitudes.min(), latitudes.min(), longitudes.max(), latitudes.max())))  # type: ignore[return-value]


def _levels(plan: Plan) -> dict[str, float]:
    axes = plan.dataset.description.axes
    names = {axis for name in plan.fields for axis in plan.variable(name).axes if axes[axis].kind == "vertical"}
    values = [
        float(value)
        for name in names
        for value in np.array(axes[name].values)[plan.cut(name, len(axes[name].values)).indices]
    ]
    return {"geospatial_vertical_min": min(values), "geospatial_vertical_max": max(values)} if values else {}


def _times(plan: Plan) -> dict[str, str]:
    if plan.dataset.description.time is None or not any(plan.variable(name).stepped for name in plan.fields):
        return {}
    calendar = plan.dataset.steps.calendar
    first, last = (iso(int(plan.rows[place, 0]), calendar) for place in (0, -1))
    return {"time_coverage_start": first, "time_coverage_end": last}


def _alike(old: Attribute | None, value: float | str) -> Attribute:
    """Return a value as text where the source has text, else as a number."""
    if isinstance(value, str):
        return text(value)
    if old is not None and old.type in (CHAR, STRING):
        return text(f"{value:.9g}")
    kind = np.dtype(old.type) if old is not None and np.dtype(old.type).kind == "f" else np.dtype("f8")
    return number(kind.type(value))
