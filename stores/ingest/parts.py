"""How the reading of a file is cut into parts that fit in memory. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Final

import numpy as np

from core.dataset import Description, MeshGrid, TimeAxis, Variable
from core.packing import Packing

BUDGET: Final = 8 * 2**20
"""Raw bytes that one task reads, about: a worker needs a small multiple, and a day of a small grid keeps two busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A block of one variable, and where it goes."""

    variable: Variable
    """As the dataset describes it."""
    order: tuple[str, ...]
    """Dimensions as stored, without the slot."""
    time: tuple[int, int] | None = None
    """First index and end along the file's time; None for a variable without slots."""
    slots: tuple[int, ...] = ()
    """For each index of `time`."""
    levels: tuple[int, int] | None = None
    """First index and end along the first dimension of `order`; None for all."""
    packing: Packing | None = None
    """For a field."""

    @property
    def nbytes(self) -> int:
        """Raw size."""
        cells = prod(self.variable.shape)
        if self.levels is not None:
            cells = cells // max(1, self.variable.shape[0]) * (self.levels[1] - self.levels[0])
        return cells * max(1, len(self.slots)) * _itemsize(self.variable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Parts of one file that a worker reads in one go."""

    path: str
    stamp: tuple[int, int]
    """Size and time of modification that the file must have."""
    parts: tuple[Part, ...]
    time: TimeAxis | None
    """Of the dataset."""
    time_variables: tuple[str, ...] = ()
    """The time coordinate and its bounds."""
    mesh: str = ""
    """Path of the file that has its mesh, where that is another one."""

    @property
    def nbytes(self) -> int:
        """Raw size of all parts."""
        return sum(part.nbytes for part in self.parts)


def stepped_parts(
    description: Description, steps: Sequence[tuple[int, int]], packings: Mapping[str, Packing]
) -> Iterator[Part]:
    """Cut all variables with slots; `steps` are (index along the file's time, slot), indices ascending."""
    for variable in description.variables.values():
        if variable.stepped:
            whole = Part(
                variable=variable, order=stored_order(description, variable), packing=packings.get(variable.name)
            )
            for run in _runs(steps, max(1, BUDGET // max(1, whole.nbytes))):
                yield from _by_level(whole, run)


def fixed_parts(description: Description, packings: Mapping[str, Packing]) -> Iterator[Part]:
    """Cut all variables without slots."""
    for variable in description.variables.values():
        if not variable.stepped:
            whole = Part(
                variable=variable, order=stored_order(description, variable), packing=packings.get(variable.name)
            )
            yield from _by_level(whole, ())


def tasks(parts: Iterator[Part], like: Task) -> Iterator[Task]:
    """Group parts into tasks of about `BUDGET` bytes; `like` says all but the parts."""
    group: list[Part] = []
    size = 0
    for part in parts:
        if group and size + part.nbytes > BUDGET:
            yield _task(like, group)
            group, size = [], 0
        group.append(part)
        size += part.nbytes
    if group:
        yield _task(like, group)


def _task(like: Task, group: Sequence[Part]) -> Task:
    return replace(like, parts=tuple(group))


def _by_level(whole: Part, run: Sequence[tuple[int, int]]) -> Iterator[Part]:
    """Cut one run of steps along the first axis of a field, where that is needed."""
    variable = whole.variable
    size = max(1, whole.nbytes)
    levels = variable.shape[0] if variable.axes else 1
    most = max(1, BUDGET * levels // size) if variable.axes else 1
    for start in range(0, levels, most):
        yield Part(
            variable=variable,
            order=whole.order,
            time=(run[0][0], run[-1][0] + 1) if run else None,
            slots=tuple(slot for _, slot in run),
            levels=(start, min(levels, start + most)) if variable.axes else None,
            packing=whole.packing,
        )


def _runs(steps: Sequence[tuple[int, int]], most: int) -> Iterator[Sequence[tuple[int, int]]]:
    """Cut into runs of indices without gaps, of at most `most` steps."""
    start = 0
    for end in range(1, len(steps) + 1):
        if end == len(steps) or end - start == most or steps[end][0] != steps[end - 1][0] + 1:
            yield steps[start:end]
            start = end


def stored_order(description: Description, variable: Variable) -> tuple[str, ...]:
    """Return the dimensions of a variable as it is stored, without the slot."""
    time = description.time.dimension if description.time else None
    if variable.grid is None:
        return tuple(name for name in variable.dimensions if name != time)
    return (*variable.axes, *description.grid_dimensions(variable.grid))


def array_order(description: Description, variable: Variable) -> tuple[str, ...]:
    """Return the dimensions of the array of a variable, without the slot: on a mesh there is one row more."""
    order = stored_order(description, variable)
    meshed = variable.grid is not None and isinstance(description.grids[variable.grid], MeshGrid)
    return (*order[:-1], f"{order[-1]}_row", order[-1]) if meshed else order


def _itemsize(variable: Variable) -> int:
    return 16 if variable.dtype == "str" else np.dtype(variable.dtype).itemsize
