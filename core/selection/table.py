"""A selection as a table: one line for each time, level and cell, with its coordinates and the unpacked values.

Source: RFC 4180 (CSV); the names of columns are those that THREDDS writes for points, `name[unit="..."]`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.dataset import RectilinearGrid
from core.packing import Packing
from core.problem import Problem
from core.selection.given import Given
from core.selection.plan import Plan
from core.time import iso

_LINES: Final = 1 << 14
"""That are written in one go: some ten milliseconds."""
_DECIMALS: Final = "%.15g"
"""Of doubles: two more would show what binary numbers make of 0.1."""

Strings = NDArray[np.str_]
Known = Mapping[str, NDArray[Any]]
"""Values by variable, as they are given out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of coordinates: what it holds along some of the dimensions of the fields."""

    head: str
    places: tuple[int, ...]
    """Dimensions that it goes along."""
    values: Strings
    """Along these."""


def together(plan: Plan) -> tuple[str, ...]:
    """Return the dimensions of the fields, if they are those of all.

    Raises:
        Problem: `invalid_value`: they make no one table.

    """
    found = {plan.dimensions(name).all: name for name in reversed(plan.fields)}
    if len(found) > 1:
        names = " and ".join(sorted(found.values()))
        message = f"{names} do not lie on the same axes, so they make no one table: ask for each, or for netCDF"
        raise Problem("invalid_value", message, parameter="var")
    return next(iter(found))


def coordinates_of(plan: Plan) -> tuple[str, ...]:
    """Return the variables that have to be read for the coordinates: those of curvilinear grids."""
    grid = plan.dataset.description.grids[plan.variable(plan.fields[0]).grid or ""]
    return () if isinstance(grid, RectilinearGrid) else (grid.y, grid.x)


def columns(plan: Plan, known: Known) -> list[Column]:
    """Return the columns of coordinates: time, latitude, longitude, then the other axes."""
    names = together(plan)
    variable = plan.variable(plan.fields[0])
    found = []
    if plan.dimensions(variable.name).slot is not None or variable.stepped:
        calendar = plan.dataset.steps.calendar
        times = np.array([iso(int(time), calendar) for time in plan.rows[:, 0]])
        found.append(Column(head="time", places=(0,) if plan.dimensions(variable.name).slot else (), values=times))
    found += _places(plan, known, len(names))
    first = len(names) - len(plan.dimensions(variable.name).others)
    for place, name in enumerate(variable.axes):
        axis = plan.dataset.description.axes[name]
        values = np.array(axis.values)[plan.cut(name, len(axis.values)).indices]
        head = _head(name.rpartition("/")[2], axis.units)
        found.append(Column(head=head, places=(first + place,), values=written(values)))
    return found


def _places(plan: Plan, known: Known, count: int) -> Iterator[Column]:
    grid = plan.dataset.description.grids[plan.variable(plan.fields[0]).grid or ""]
    rows, columns = plan.inner(plan.fields[0])[-2:]
    for name, head, side in (
        (grid.y, 'latitude[unit="degrees_north"]', 0),
        (grid.x, 'longitude[unit="degrees_east"]', 1),
    ):
        if not isinstance(grid, RectilinearGrid):
            yield Column(head=head, places=(count - 2, count - 1), values=written(known[name]))
            continue
        values = np.array((grid.latitudes, grid.longitudes)[side])[(rows, columns)[side].indices]
        if name in plan.turns and side:
            values = values + 360.0 * np.array(plan.turns[name])
        dtype = "f4" if plan.variable(name).dtype == "f4" else "f8"
        yield Column(head=head, places=(count - 2 + side,), values=written(values.astype(dtype)))


def head(columns: Sequence[Column], plan: Plan) -> str:
    """Return the first line."""
    fields = [_head(name.rpartition("/")[2], plan.variable(name).units) for name in plan.fields]
    return ",".join([*(column.head for column in columns), *fields]) + "\r\n"


def _head(name: str, units: str) -> str:
    plain = units.replace('"', "'").replace(",", " ").replace("\r", " ").replace("\n", " ")
    return f'{name.replace(",", "_")}[unit="{plain}"]' if plain else name.replace(",", "_")


def lines(columns: Sequence[Column], fields: Sequence[NDArray[Any]], first: int) -> bytes:
    """Return some lines from the `first` on: of each cell in row-major order."""
    shape = fields[0].shape
    places = np.arange(first, min(first + _LINES, prod(shape)))
    at = np.unravel_index(places, shape) if shape else ()
    cells = [column.values[tuple(at[place] for place in column.places) or ...] for column in columns]
    parts = [np.broadcast_to(np.ravel(cell), places.shape).tolist() for cell in cells]
    parts += [written(values.reshape(-1)[places]).tolist() for values in fields]
    return ("\r\n".join(map(",".join, zip(*parts, strict=True))) + "\r\n").encode()


def firsts(fields: Sequence[NDArray[Any]]) -> range:
    """Return where each portion of lines begins."""
    return range(0, fields[0].size, _LINES)


def written(values: NDArray[Any]) -> Strings:
    """Write numbers with as few digits as tell them apart in their type; same shape."""
    if values.dtype.kind == "f" and values.dtype.itemsize > 4:
        flat = [_DECIMALS % value for value in values.reshape(-1).tolist()]
        found = np.array(flat, dtype=np.str_).reshape(values.shape)
    else:
        found = values.astype(np.str_)
    return np.where(np.char.lower(found) == "nan", "NaN", found)


def unpacked(given: Given, values: NDArray[Any], packing: Packing | None) -> NDArray[Any]:
    """Return the values of a field that is given out, NaN where missing; whole numbers stay whole where none is."""
    if given.unpacked or packing is None:
        return np.where(values == given.fill, np.nan, values)
    if not packing.packed and values.dtype.kind in "iu" and not packing.is_missing(values).any():
        return packing.counted(values)
    return packing.unpack(values)
