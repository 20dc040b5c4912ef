"""A selection as a table: one line for each time, level and cell, with its coordinates and the unpacked values.

Source: RFC 4180 (CSV); the names of columns are those that THREDDS writes for points, `name[unit="..."]`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.dataset import CurvilinearGrid, MeshGrid, ProjectedGrid, RectilinearGrid
from core.packing import Packing
from core.problem import Problem
from core.selection.given import Given, packings_at
from core.selection.plan import Plan
from core.selection.reading import Block, Reading, blocks
from core.selection.sought import Sought, sought
from core.selection.spelling import Spelling, Texts, marked, spelled
from core.selection.worked import DIGITS, LATITUDE, LONGITUDE, Worked, between, elevations, in_plane, worked
from core.time import iso

LINES: Final = 1 << 14
"""That are written in one go: some ten milliseconds."""
TIME: Final = "time"
"""Head of the column of times."""
_MANY: Final = 1 << 17
"""Lines from which on it pays to write all codes of a type beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listed:
    """A column of coordinates that are known before anything is read."""

    head: str
    places: tuple[int, ...]
    """Dimensions of the table that it goes along."""
    texts: Texts
    """Along these."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Read:
    """A column of a variable that has to be read: a field, or a coordinate of a curvilinear grid."""

    head: str
    places: tuple[int, ...]
    """Dimensions of the table that it goes along."""
    name: str
    """Of the variable."""
    spelling: Spelling


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """All columns of a selection."""

    columns: tuple[Listed | Worked | Read, ...]
    """Time, latitude, longitude, the other axes, then the fields."""
    rank: int
    """Number of dimensions that its lines follow, in row-major order."""
    inside: NDArray[np.bool_] | None = None
    """Which rows and columns, the last two of these, have lines; None for all of them."""
    sought: Sought | None = None
    """Which levels have lines, one at each step; None for all of them."""

    @property
    def head(self) -> bytes:
        """The first line."""
        return (",".join(column.head for column in self.columns) + "\r\n").encode()

    @property
    def read(self) -> tuple[Read, ...]:
        """What has to be read."""
        return tuple(column for column in self.columns if isinstance(column, Read))


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


def table(plan: Plan, givens: Mapping[str, Given]) -> Table:
    """Return the table of a plan, by what is given out of its variables.

    Raises:
        Problem: `invalid_value`: the fields make no one table.

    """
    rank = len(together(plan))
    many = prod(plan.shape(plan.fields[0])) >= _MANY
    known = coordinates(plan, plan.fields[0], givens)
    # Fields on the same dimensions are asked for in the same box.
    hull = plan.hulls.get(plan.variable(plan.fields[0]).grid or "")
    columns = (*known, *fields(plan, givens, rank, many=many))
    return Table(
        columns=columns, rank=rank, inside=None if hull is None else hull.inside, sought=sought(plan, plan.fields[0])
    )


def fields(plan: Plan, givens: Mapping[str, Given], rank: int, *, many: bool) -> Iterator[Read]:
    """Yield the columns of the fields; with all codes written beforehand for `many` lines."""
    for name in plan.fields:
        yield _read(plan, givens[name], tuple(range(rank)), many=many)


def coordinates(plan: Plan, field: str, givens: Mapping[str, Given]) -> Iterator[Listed | Worked | Read]:
    """Yield the columns of coordinates of a field: time, latitude, longitude, then the other axes.

    Levels that follow the surface and the bottom of the sea have their heights beside them where the place is one.
    """
    variable, dimensions = plan.variable(field), plan.dimensions(field)
    rank = len(dimensions.all)
    if variable.stepped:
        calendar = plan.dataset.steps.calendar
        times = np.array([iso(int(time), calendar) for time in plan.rows[:, 0]], dtype=np.bytes_)
        timed = dimensions.slot is not None
        yield Listed(head=TIME, places=(0,) if timed else (), texts=times if timed else np.array(times[0]))
    yield from _places(plan, field, rank, givens)
    first = rank - len(dimensions.others)
    for place, name in enumerate(variable.axes):
        axis = plan.dataset.description.axes[name]
        taken = plan.cut(name, len(axis.values)).indices
        yield Listed(head=_head(name, axis.units), places=(first + place,), texts=spelled(np.array(axis.values)[taken]))
        if plan.here is not None and plan.here.levels.axis == name:
            yield elevations(plan.here, taken, (*range(first), first + place))


def _places(plan: Plan, field: str, rank: int, givens: Mapping[str, Given]) -> Iterator[Listed | Worked | Read]:
    grid = plan.dataset.description.grids[plan.variable(field).grid or ""]
    if isinstance(grid, MeshGrid):
        longitudes, latitudes = plan.centres[plan.variable(field).grid or ""]
        for head, values in ((LATITUDE, latitudes), (LONGITUDE, longitudes)):
            yield Listed(head=head, places=(rank - 1,), texts=spelled(values.round(DIGITS)))
        return
    rows, columns = plan.inner(field)[-2:]
    if isinstance(grid, ProjectedGrid):
        yield from worked(in_plane(grid, (rows.indices, columns.indices)), rank)
        return
    if isinstance(grid, CurvilinearGrid) and grid.staggered is not None:
        yield from worked(between(plan, plan.variable(field).grid or ""), rank)
        return
    for name, head, side in ((grid.y, LATITUDE, 0), (grid.x, LONGITUDE, 1)):
        if not isinstance(grid, RectilinearGrid):
            yield replace(_read(plan, givens[name], (rank - 2, rank - 1), many=False), head=head)
            continue
        values = np.array((grid.latitudes, grid.longitudes)[side])[(rows, columns)[side].indices]
        if name in plan.turns and side:
            values = values + 360.0 * np.array(plan.turns[name])
        dtype = "f4" if plan.variable(name).dtype == "f4" else "f8"
        yield Listed(head=head, places=(rank - 2 + side,), texts=spelled(values.astype(dtype)))


def _read(plan: Plan, given: Given, places: tuple[int, ...], *, many: bool) -> Read:
    spelling = Spelling(given=given, packing=packing(plan, given.name))
    return Read(
        head=_head(given.name, plan.variable(given.name).units),
        places=places,
        name=given.name,
        spelling=spelling.looked_up if many else spelling,
    )


def packing(plan: Plan, name: str) -> Packing | None:
    """Return the packing of a variable that has one and the same at all steps that are taken."""
    if plan.variable(name).stepped:
        return next(iter(packings_at(plan, name)), None)
    found = [packing[name] for packing in plan.dataset.packings if name in packing]
    return found[-1] if found else None


def _head(path: str, units: str) -> str:
    name = path.rpartition("/")[2].replace(",", "_")
    plain = units.replace('"', "'").replace(",", " ").replace("\r", " ").replace("\n", " ")
    return f'{name}[unit="{plain}"]' if plain else name


def parts(table: Table, readings: Sequence[Reading]) -> Iterator[tuple[Block, tuple[Block, ...]]]:
    """Yield the table in row-major order: a block of it, and the block of each column that is read, as in `readings`.

    All of them together take no more memory than one block of a file does.
    """
    whole = [reading for column, reading in zip(table.read, readings, strict=True) if len(column.places) == table.rank]
    widest = max(whole, key=lambda reading: reading.itemsize)
    for block in blocks(replace(widest, itemsize=sum(reading.itemsize for reading in readings))):
        start, shape = block.start[-table.rank :], block.shape[-table.rank :]
        yield (
            Block(start=start, shape=shape),
            tuple(
                _along(column.places, start, shape, len(reading.shape))
                for column, reading in zip(table.read, readings, strict=True)
            ),
        )


def _along(places: tuple[int, ...], start: tuple[int, ...], shape: tuple[int, ...], rank: int) -> Block:
    # A variable whose one step has no dimension is stored along the slots all the same.
    more = rank - len(places)
    return Block(
        start=(*(0 for _ in range(more)), *(start[place] for place in places)),
        shape=(*(1 for _ in range(more)), *(shape[place] for place in places)),
    )


def lines(table: Table, block: Block, known: Mapping[str, NDArray[Any]], first: int) -> bytes:
    """Return up to `LINES` lines of a block, from the `first` on: of each cell in row-major order.

    `known` are the values of the block, by variable, as they are given out.
    """
    numbers = np.arange(first, min(first + LINES, prod(block.shape)))
    if table.inside is not None:
        numbers = numbers[_has_line(table.inside, block, np.unravel_index(numbers, block.shape)[-2:])]
    at = np.unravel_index(numbers, block.shape)
    there = None
    if table.sought is not None:
        kept, there = table.sought.lines(tuple(each + start for each, start in zip(at, block.start, strict=True)))
        numbers, at = numbers[kept], tuple(each[kept] for each in at)
    cells = [
        column.spelling.written(_some(known[column.name], column, at, numbers))
        if isinstance(column, Read)
        else _coordinates(column, tuple(at[place] + block.start[place] for place in column.places))
        for column in table.columns
    ]
    cells = [np.broadcast_to(texts, numbers.shape) for texts in cells]
    if table.sought is not None and there is not None:
        along = table.sought.place
        cells = [
            marked(texts, ~there) if along in column.places else texts
            for column, texts in zip(table.columns, cells, strict=True)
        ]
    return _joined(cells)


def _coordinates(column: Listed | Worked, at: tuple[NDArray[np.intp], ...]) -> Texts:
    if isinstance(column, Worked):
        return spelled(column.values(*at))
    texts: Texts = column.texts[at or ...]
    return texts


def _has_line(inside: NDArray[np.bool_], block: Block, at: tuple[NDArray[np.intp], ...]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = inside[at[0] + block.start[-2], at[1] + block.start[-1]]
    return found


def _some(
    values: NDArray[Any], column: Read, at: tuple[NDArray[np.intp], ...], numbers: NDArray[np.intp]
) -> NDArray[Any]:
    if len(column.places) == len(at):
        return values.reshape(-1).take(numbers)
    found: NDArray[Any] = values[tuple(at[place] for place in column.places)]
    return found


def _joined(cells: Sequence[Texts]) -> bytes:
    """Join columns to lines."""
    widths = [texts.itemsize for texts in cells]
    *starts, end = accumulate((width + 1 for width in widths), initial=0)
    # Each text in a field of its own width, what is left of it being NUL, which no text holds.
    page = np.empty((cells[0].size, end + 1), dtype=np.uint8)
    for start, width, texts in zip(starts, widths, cells, strict=True):
        page[:, start : start + width] = np.ascontiguousarray(texts).view(np.uint8).reshape(-1, width)
        page[:, start + width] = ord(",")
    page[:, end - 1], page[:, end] = ord("\r"), ord("\n")
    text: bytes = page[page != 0].tobytes()
    return text
