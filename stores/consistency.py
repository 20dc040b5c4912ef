"""What a version must have, and whether its step table can be right. No I/O."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from core.chunking import coarse, sides
from core.dataset import Dataset, Variable
from stores.layout import data, overview


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An array that a version must have, and which of its chunks."""

    path: str
    shape: tuple[int, ...]
    """Without the slots."""
    chunks: tuple[int, ...]
    """With a leading 1 for the slot where there are slots."""
    slots: tuple[int, ...] | None
    """Those that must be whole; None for an array without slots."""

    def indices(self) -> Iterator[tuple[int, ...]]:
        """Yield the index of each chunk that must be there."""
        inner = self.chunks if self.slots is None else self.chunks[1:]
        counts = [range(-(-length // side)) for length, side in zip(self.shape, inner, strict=True)]
        yield from product(*([] if self.slots is None else [self.slots]), *counts)


def due_arrays(dataset: Dataset) -> Iterator[Due]:
    """Yield the copies and overviews that a version must have."""
    for variable in dataset.description.variables.values():
        slots = _slots(dataset, variable)
        yield Due(path=data(variable.name), shape=variable.shape, chunks=variable.chunks, slots=slots)
        for factor in variable.overviews:
            plane = coarse((variable.shape[-2], variable.shape[-1]), factor)
            yield Due(
                path=overview(factor, variable.name),
                shape=(*variable.shape[:-2], *plane),
                chunks=(*variable.chunks[:-2], *sides(plane)),
                slots=slots,
            )


def _slots(dataset: Dataset, variable: Variable) -> tuple[int, ...] | None:
    """Return the slots of the steps that have a variable; of what is no number, none is known to."""
    if not variable.stepped:
        return None
    rows, packings = dataset.steps.rows, dataset.packings
    return tuple(
        slot
        for slot, packing in rows[:, [1, 3]].tolist()
        if 0 <= packing < len(packings) and variable.name in packings[packing]
    )


def table_faults(dataset: Dataset, *, sources: int) -> Iterator[str]:
    """Say what in the step table cannot be right; `sources` is the number of files."""
    rows = dataset.steps.rows
    if np.any(np.diff(rows[:, 0]) <= 0):
        yield "the times are not strictly increasing"
    if len(np.unique(rows[:, 1])) != len(rows):
        yield "two steps have one slot"
    limits = {"slot": (1, 2**31), "packing": (3, len(dataset.packings)), "source": (4, sources)}
    for name, (column, end) in limits.items():
        wrong = rows[(rows[:, column] < 0) | (rows[:, column] >= end)]
        if len(wrong):
            yield f"the {name} {int(wrong[0, column])} of {len(wrong)} steps is none"
