"""What a request takes of one version of a dataset: steps, and an index for each dimension of each variable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset, MeshGrid, RectilinearGrid, Variable
from core.layer import Layer
from core.numbers import shown
from core.problem import Problem
from core.selection.asked import Along, Between, Box, Nearest, Point, Subset
from core.selection.company import company
from core.selection.cut import Cut, along, cut_of, whole
from core.selection.heights import LevelsHere, levels_here
from core.selection.hull import Hull
from core.selection.mesh_part import Renumbered
from core.selection.places import columns, rows
from core.selection.term_cuts import with_cells_around
from core.steps import StepTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """The dimensions of one variable, as it is stored."""

    slot: str | None
    """The time; None for a variable without slots, and for one whose only step has no dimension in the source."""
    others: tuple[str, ...]
    """In stored order: axes, row, column; of what is no field those of the source without time."""

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, time first."""
        return self.others if self.slot is None else (self.slot, *self.others)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What is taken; nothing has been read for it, except where the cells of curvilinear grids lie."""

    dataset: Dataset
    fields: tuple[str, ...]
    """That are asked for, in the order of the source."""
    variables: tuple[str, ...]
    """Fields and all that comes along with them, in the order of the source."""
    rows: NDArray[np.int64]
    """Of the step table, shape (steps, 5), times rising; one for a dataset without time."""
    cuts: Mapping[str, Cut]
    """By dimension; one that is not here is taken whole."""
    turns: Mapping[str, tuple[int, ...]]
    """By longitude variable, where the seam is crossed: whole turns to be added to each column."""
    renumbered: Mapping[str, Renumbered] = field(default_factory=dict)
    """By variable that names nodes of a mesh of which a part is taken."""
    centres: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict)
    """By grid on a mesh: longitudes and latitudes of the cells that are taken, degrees."""
    hulls: Mapping[str, Hull] = field(default_factory=dict)
    """By grid of which cells outside the box are taken: the fields asked for are filled there."""
    around: frozenset[str] = frozenset()
    """Terms on the cells around points between them, which are needed outside the box as well."""
    here: LevelsHere | None = None
    """Of fields at one place: where their levels are in metres, if they follow the surface and the bottom."""

    def variable(self, name: str) -> Variable:
        """Return a variable as the source has it."""
        return self.dataset.description.variables[name]

    def dimensions(self, name: str) -> Dimensions:
        """Return the dimensions of a variable as it is given out."""
        return dimensions_of(self.dataset, self.variable(name))

    def on_mesh(self, name: str) -> bool:
        """Tell whether a variable is a field on a mesh."""
        return isinstance(self.dataset.description.grids.get(self.variable(name).grid or ""), MeshGrid)

    def cut(self, dimension: str, length: int) -> Cut:
        """Return what is taken along a dimension."""
        return self.cuts.get(dimension) or whole(length)

    def inner(self, name: str) -> tuple[Cut, ...]:
        """Return what is taken of a variable along each stored dimension but the slot."""
        names, shape = self.dimensions(name).others, self.variable(name).shape
        if self.on_mesh(name):
            # Stored as one row, which is none of the source's dimensions.
            shape = (*shape[:-2], shape[-1])
        return tuple(self.cut(dimension, length) for dimension, length in zip(names, shape, strict=True))

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a variable as it is given out."""
        slot = self.dimensions(name).slot
        inner = tuple(map(len, self.inner(name)))
        return inner if slot is None else (len(self.rows), *inner)

    @property
    def cells(self) -> int:
        """Values of the fields."""
        return sum(prod(self.shape(name)) for name in self.fields)


def dimensions_of(dataset: Dataset, variable: Variable) -> Dimensions:
    """Return the dimensions of a variable as it is stored and given out."""
    description = dataset.description
    time = description.time.dimension if description.time is not None and variable.stepped else None
    rest = tuple(name for name in variable.dimensions if name != time)
    if variable.grid is not None:
        rest = (*variable.axes, *grid_dimensions(dataset, variable.grid))
    # What has but one time in every file gets a dimension where there are more steps.
    slot = time if time is not None and (time in variable.dimensions or len(dataset.steps) > 1) else None
    return Dimensions(slot=slot, others=rest)


def grid_dimensions(dataset: Dataset, grid_id: str) -> tuple[str, ...]:
    """Return the row and the column dimension of a grid; of a mesh its only one."""
    return dataset.description.grid_dimensions(grid_id)


Placed = Mapping[str, tuple[Cut, Cut]]
"""By grid: rows and columns that had to be read to be known: those of points, and of curvilinear grids."""


def plan(dataset: Dataset, layers: Sequence[Layer], subset: Subset, placed: Placed) -> Plan:
    """Work out what a request takes.

    Args:
        dataset: the version.
        layers: of the variables that are asked for; not empty.
        subset: what is asked for.
        placed: by grid, for each that a box cannot be found on by its axes.

    Raises:
        Problem: nothing is there of what is asked for; it says what is.

    """
    fields = [layer.variable for layer in layers]
    cuts, turns = _placed(dataset, fields, subset, placed)
    for name, cut in _along_axes(dataset, fields, subset).items():
        cuts[name] = cut
    chosen = {field.name for field in fields}
    variables = company(dataset.description, chosen)
    cuts, around = with_cells_around(dataset.description, fields, variables, cuts)
    return Plan(
        dataset=dataset,
        fields=tuple(name for name in dataset.description.variables if name in chosen),
        variables=variables,
        around=around,
        here=levels_here(layers, subset.height) if isinstance(subset.place, Point) else None,
        rows=_steps(dataset.steps, layers, subset.time),
        cuts=cuts,
        turns=turns,
    )


def _placed(
    dataset: Dataset, fields: Sequence[Variable], subset: Subset, placed: Placed
) -> tuple[dict[str, Cut], dict[str, tuple[int, ...]]]:
    cuts: dict[str, Cut] = {}
    turns: dict[str, tuple[int, ...]] = {}
    for grid_id in dict.fromkeys(variable.grid or "" for variable in fields):
        grid = dataset.description.grids[grid_id]
        if grid_id in placed:
            found = placed[grid_id]
        elif isinstance(subset.place, Box) and isinstance(grid, RectilinearGrid):
            across = columns(grid, subset.place)
            found = rows(grid, subset.place), across.cut
            if across.turns is not None:
                turns[grid.x] = across.turns[:: subset.stride]
        else:
            found = whole(grid_shape(grid)[0]), whole(grid_shape(grid)[1])
        names = grid_dimensions(dataset, grid_id)
        if isinstance(grid, MeshGrid) and subset.stride > 1:
            message = "a mesh has no rows and columns of which some could be left out: ask without horizStride"
            raise Problem("invalid_value", message, parameter="horizStride")
        for name, cut in zip(names, found[-len(names) :], strict=True):
            strided = cut.strided(subset.stride)
            cuts[name] = strided if name not in cuts else _joined(cuts[name], strided)
    return cuts, turns


def grid_shape(grid: Any) -> tuple[int, int]:
    """Return the number of rows and columns of a grid."""
    if isinstance(grid, RectilinearGrid):
        return len(grid.latitudes), len(grid.longitudes)
    shape: tuple[int, int] = grid.shape
    return shape


def _joined(first: Cut, second: Cut) -> Cut:
    """Return what either takes of a dimension that two grids share."""
    if first == second:
        return first
    both = np.union1d(first.indices, second.indices)
    apart = np.diff(both)
    if any((np.diff(cut.indices) < 0).any() for cut in (first, second)) and apart.max() > apart.min():
        # A run over the seam goes on to be one.
        both = np.roll(both, -1 - int(apart.argmax()))
    return cut_of(both)


def _along_axes(dataset: Dataset, fields: Sequence[Variable], subset: Subset) -> dict[str, Cut]:
    axes = {name: dataset.description.axes[name] for field in fields for name in field.axes}
    asked: dict[str, Along] = dict(subset.others)
    for name in asked:
        if name not in axes or axes[name].kind == "vertical":
            there = ", ".join(name for name, axis in axes.items() if axis.kind == "other") or "none"
            message = f"there is no dimension {shown(name)} beside time, place and depth; there is {there}"
            raise Problem("invalid_dimension", message, parameter=name)
    if subset.vertical is not None:
        asked |= {name: subset.vertical for name, axis in axes.items() if axis.kind == "vertical"}
    return {
        name: along(axes[name].values, each, "vertCoord" if axes[name].kind == "vertical" else name)
        for name, each in asked.items()
    }


def _steps(table: StepTable, layers: Sequence[Layer], asked: Along | None) -> NDArray[np.int64]:
    """Return the steps asked for, of those at which one of the layers is there."""
    if not any(layer.has_time for layer in layers):
        return table.rows if any(layer.variable.stepped for layer in layers) else table.rows[-1:]
    times = np.unique(np.concatenate([layer.steps.times for layer in layers if layer.has_time]))
    there = table.rows[np.isin(table.times, times)]
    if isinstance(asked, Nearest):
        nearest = int(np.abs(there[:, 0] - round(asked.value)).argmin())
        return there[nearest : nearest + 1]
    if isinstance(asked, Between):
        low, high = (-np.inf if asked.low is None else asked.low), (np.inf if asked.high is None else asked.high)
        inside = there[(there[:, 0] >= low) & (there[:, 0] <= high)][:: asked.stride]
        if not len(inside):
            first, last = (StepTable(calendar=table.calendar, rows=there).iso(place) for place in (0, -1))
            message = f"there is no step in the time range that is asked for; they run from {first} to {last}"
            raise Problem("invalid_dimension", message, parameter="time")
        return inside
    return there
