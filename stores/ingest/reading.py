"""Reads parts of a file and encodes their chunks: what worker processes do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.attributes import text_of
from core.chunking import sides
from stores.codec import encode
from stores.ingest.clock import recoded
from stores.ingest.elsewhere import MeshedSource
from stores.ingest.overviews import is_flag, overviews
from stores.ingest.parts import Part, Task
from stores.ingest.refusal import Unreadable
from stores.ingest.scan import stat
from stores.ingest.source import Index
from stores.ingest.statistics import Contribution, contribution
from stores.layout import data, overview

Chunks = dict[tuple[int, ...], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """What became of one part."""

    name: str
    """Of the variable."""
    chunks: dict[str, Chunks]
    """By path of the array, by index."""
    contributions: Mapping[int | None, Contribution] = field(default_factory=dict)
    """To the statistics of a field, by index along the file's time, or None where there are no slots."""


def read_task(task: Task) -> list[Encoded]:
    """Read and encode all parts of a task.

    Raises:
        Unreadable: the library cannot read a part, or the file is not the one that was looked at.

    """
    path = Path(task.path)
    with MeshedSource(path, Path(task.mesh) if task.mesh else None) as source:
        found = [_encoded(part, _read(source, part, task)) for part in task.parts]
    if stat(path) != task.stamp:
        raise Unreadable(path.name, "the file changed while it was read: it is taken by the next ingest")
    return found


def _read(source: MeshedSource, part: Part, task: Task) -> NDArray[Any]:
    """Return a part as stored, shape (steps, ...); one step where there are no slots."""
    dimensions = part.variable.dimensions
    time = task.time.dimension if task.time else ""
    raw = source.part(part.variable.name, _index(part, time))
    # A time that is a scalar is no dimension: its one step is put in front.
    stepped = part.time is not None and time in dimensions
    order = (*((time,) if stepped else ()), *part.order)
    values = raw.transpose(_places(dimensions, order))
    if len(part.variable.shape) > len(part.order):
        # On a mesh: one row.
        values = values[..., None, :]
    if task.time is not None and part.variable.name in task.time_variables:
        units = text_of(source.raw().variables[task.time.variable].attributes, "units") or ""
        values = values if units == task.time.units else recoded(source.name, values, units, task.time)
    return values if stepped else values[None]


def _places(dimensions: tuple[str, ...], order: tuple[str, ...]) -> list[int]:
    """Return where each of `order` stands in `dimensions`; a matrix of covariances has one of them twice."""
    left = list(enumerate(dimensions))
    found = []
    for wanted in order:
        place = next(place for place in left if place[1] == wanted)
        left.remove(place)
        found.append(place[0])
    return found


def _index(part: Part, time: str) -> Index:
    spans = {time: slice(*part.time)} if part.time is not None else {}
    if part.levels is not None:
        spans[part.order[0]] = slice(*part.levels)
    return tuple(spans.get(name, slice(None)) for name in part.variable.dimensions)


def _encoded(part: Part, values: NDArray[Any]) -> Encoded:
    variable = part.variable
    chunks: dict[str, Chunks] = {}
    first = part.levels[0] if part.levels else 0
    size = variable.chunks[1:] if variable.stepped else variable.chunks
    prefixes: list[tuple[int, ...]] = [(slot,) for slot in part.slots] or [()]
    for place, prefix in enumerate(prefixes):
        step = values[place, ...]  # with the dots an array, even where one value is left
        base = (*prefix, first) if part.levels else prefix
        chunks.setdefault(data(variable.name), {}).update(_cut(step, size, prefix, first))
        if variable.grid is not None:
            for path, found in _coarser(part, step, base):
                chunks.setdefault(path, {}).update(found)
    contributions = dict(_contributions(part, values)) if variable.grid is not None else {}
    return Encoded(name=variable.name, chunks=chunks, contributions=contributions)


def _contributions(part: Part, values: NDArray[Any]) -> Iterator[tuple[int | None, Contribution]]:
    """Yield what each step contributes: another file may win one of them."""
    for place, step in enumerate(values if part.packing is not None else ()):
        found = contribution(step, part.packing) if part.packing is not None else None
        if found is not None:
            yield None if part.time is None else part.time[0] + place, found


def _coarser(part: Part, step: NDArray[Any], base: tuple[int, ...]) -> Iterator[tuple[str, Chunks]]:
    """Yield the chunks of all overviews of one step, plane by plane; `base` is where its first plane lies."""
    variable = part.variable
    if part.packing is None or not variable.overviews:
        return
    flags = is_flag(variable.attributes)
    slots, first = (base[:-1], base[-1]) if part.levels else (base, 0)
    for at in np.ndindex(step.shape[:-2]):
        planes = overviews(step[at], part.packing, variable.overviews, flags=flags)
        place = (*slots, at[0] + first, *at[1:]) if at else slots
        for factor, plane in zip(variable.overviews, planes, strict=True):
            yield overview(factor, variable.name), _cut(plane, sides(plane.shape), place, 0)


def _cut(values: NDArray[Any], size: tuple[int, ...], prefix: tuple[int, ...], first: int) -> Chunks:
    """Cut into chunks of `size`, those at the far edges filled up; `first` is where the first dimension begins."""
    counts = [-(-length // side) for length, side in zip(values.shape, size, strict=True)]
    found = {}
    for at in product(*(range(count) for count in counts)):
        spans: list[Any] = [slice(i * side, (i + 1) * side) for i, side in zip(at, size, strict=True)]
        block = values[(*spans, ...)]
        index = (at[0] + first, *at[1:]) if at else at
        found[*prefix, *index] = encode(_filled_up(block, (1,) * len(prefix) + size, len(prefix)))
    return found


def _filled_up(block: NDArray[Any], size: tuple[int, ...], before: int) -> NDArray[Any]:
    shaped = block.reshape((1,) * before + block.shape)
    if shaped.shape == size:
        return shaped
    empty: Any = "" if block.dtype.kind == "O" else 0
    whole = np.full(size, empty, dtype=block.dtype)
    whole[tuple(slice(0, length) for length in shaped.shape)] = shaped
    return whole
