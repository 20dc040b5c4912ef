"""Reads a field at a height where its levels follow the surface and the bottom: at each place the level that holds it.

Only those chunks are read that hold the levels in question, through the same sampler and cache as everything else.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Chunk, Picked, Scattered, Separable, chunks_of
from core.chunking import coarse, sides
from core.layer import Layer, Selection
from core.vertical.column import NOWHERE
from core.vertical.heights import Heights, TermSlice
from gateway.sampling import Sampler, Window, base_window, overview_window

_ON_THE_LOOP: Final = 4096
"""Pixels whose level is sought in well under a millisecond."""
_AT_ONCE: Final = 8
"""Levels that are read together."""
_MOST_CHUNKS: Final = 16
"""Of one level, for a map from the cells themselves: from further away it is made from overviews, as all others are."""

_SMALL: Final = 2**15
"""Above what two bytes hold."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """What is known of the levels at the places of a picture; all of the shape of the picture."""

    eta: Floats
    """Height of the surface, metres; NaN where it is not known."""
    depth: Floats
    """Of the bottom, metres below the datum; likewise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Group:
    """The pixels that show one level in one chunk."""

    level: int
    chunk: Chunk
    pixels: NDArray[np.intp]
    """Places in the picture, counted row by row."""
    cells: NDArray[np.intp]
    """Theirs in the chunk, likewise."""


def factor_for(layer: Layer, selection: Selection, cells: Cells, factor: int) -> int:
    """Return which overview a map at a height is made from when others would take `factor`: 1 for none.

    Overviews of levels are means of cells at several depths: as long as it can be afforded, a pixel shows the cell
    that it lies in.
    """
    shape = (layer.variable.shape[-2], layer.variable.shape[-1])
    if factor == 1 or len(chunks_of(cells, sides(shape))) <= _MOST_CHUNKS:
        return 1
    common = set(layer.variable.overviews).intersection(*(term.overviews for term in selection.terms))
    return max((one for one in common if one <= factor), default=1)


async def pick_at_height(
    sampler: Sampler, layer: Layer, selection: Selection, cells: Cells, factor: int = 1
) -> tuple[Picked | None, NDArray[np.intp] | None]:
    """Return the stored values of `cells` at the height that is sought, and the level that each is from.

    Both None where no pixel has a cell, or nothing was written. The levels are `NOWHERE` where there is none.

    Args:
        sampler: of the version of the dataset.
        layer: with heights.
        selection: with a height that is sought.
        cells: of the overview of `factor`.
        factor: 1 for the copy.

    Raises:
        OSError: a chunk cannot be read.
        VersionGoneError: the snapshot was collected.
        Problem: `too_large`.

    """
    heights, sought = layer.heights, selection.sought
    place = await read_place(sampler, selection.terms, cells, factor)
    if heights is None or sought is None or place is None:
        return None, None
    long = place.depth.size > _ON_THE_LOOP
    size = sides(coarse((layer.variable.shape[-2], layer.variable.shape[-1]), factor))
    levels, groups = await sampler.workers.do(_grouped, heights, sought, (place, cells, size), long=long)
    wanted: dict[int, list[Chunk]] = {}
    for group in groups:
        wanted.setdefault(group.level, []).append(group.chunk)
    chunks: dict[tuple[int, Chunk], NDArray[Any] | None] = {}
    for some in _batched(wanted, _AT_ONCE):
        windows = [_window(layer, _at_level(heights, selection, level), factor) for level in some]
        read = await asyncio.gather(
            *(sampler.chunks(window, wanted[level]) for window, level in zip(windows, some, strict=True))
        )
        chunks |= {(level, at): chunk for level, found in zip(some, read, strict=True) for at, chunk in found.items()}
    return await sampler.workers.do(_joined, cells.shape, size[1], groups, chunks, long=long), levels


async def read_place(sampler: Sampler, terms: Sequence[TermSlice], cells: Cells, factor: int = 1) -> Place | None:
    """Return surface and bottom under `cells`; None where nothing of them was written."""
    read = [await _term(sampler, term, cells, factor) for term in terms]
    there = [found for found in read if found is not None]
    if not there or len(there) < len(read):
        return None
    return Place(depth=there[0], eta=there[1] if len(there) > 1 else np.zeros(there[0].shape))


async def _term(sampler: Sampler, term: TermSlice, cells: Cells, factor: int) -> Floats | None:
    path = f"data/{term.name}" if factor == 1 else f"overviews/{factor}/{term.name}"
    shape = coarse(term.shape, factor)
    window = Window(array=path, shape=shape, before=term.indices, revision=term.revision)
    # In an overview, what lies between two cells lies in one.
    rows, columns = term.between if factor == 1 else (0, 0)
    around = [_moved(cells, shape, by) for by in product(range(rows + 1), range(columns + 1))]
    picked = [await sampler.pick(window, one) for one in around]
    there = [_unpacked(one, term) for one in picked if one is not None]
    return sum(there[1:], there[0]) / len(around) if len(there) == len(around) else None


def _moved(cells: Cells, shape: tuple[int, int], by: tuple[int, int]) -> Cells:
    """Return the cells so many rows and columns further; beyond the last one that one."""
    if by == (0, 0):
        return cells
    rows, columns = (
        np.where(indices >= 0, np.minimum(indices + step, side - 1), -1)
        for indices, step, side in zip((cells.rows, cells.columns), by, shape, strict=True)
    )
    return (
        replace(cells, rows=rows, columns=columns)
        if isinstance(cells, Separable)
        else Scattered(rows=rows, columns=columns)
    )


def _unpacked(picked: Picked, term: TermSlice) -> Floats:
    found = term.packing.unpack(picked.values).astype(np.float64)
    if picked.absent is not None:
        found[picked.absent] = np.nan
    return found


def _grouped(heights: Heights, sought: float, at: tuple[Place, Cells, Chunk]) -> tuple[NDArray[np.intp], list[_Group]]:
    """Find the level at each pixel, and the pixels of each level in each chunk of a size."""
    place, cells, (down, across) = at
    levels = heights.levels.column.holding(sought, place.eta, place.depth)
    rows, columns = cells.rows, cells.columns
    if isinstance(cells, Separable):
        rows, columns = rows[:, None], columns[None, :]
    wide = int(columns.max()) // across + 1
    if wide == 1 and rows.max() < down:
        # One chunk has them all: dividing takes longer than all else here.
        of_chunk, inside = np.zeros(1, dtype=np.intp), (rows * across + columns).ravel()
    else:
        of_chunk = rows // down * wide + columns // across
        inside = (rows % down * across + columns % across).ravel()
    count = len(heights.levels.column.levels)
    keys = np.where(levels < 0, -1, of_chunk * count + levels).ravel()
    # Numbers of two bytes are sorted in one pass.
    small = keys.astype(np.int16) if keys.max(initial=0) < _SMALL else keys
    order = np.argsort(small, kind="stable")
    keys, inside = keys[order], inside[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    groups = []
    for start, stop in pairwise([*starts.tolist(), keys.size]):
        chunk, level = divmod(int(keys[start]), count)
        groups.append(
            _Group(level=level, chunk=divmod(chunk, wide), pixels=order[start:stop], cells=inside[start:stop])
        )
    return levels, groups


def _at_level(heights: Heights, selection: Selection, level: int) -> Selection:
    """Return the slice of one level."""
    place = len(selection.indices) - len(heights.levels.axes) + heights.levels.place
    return replace(selection, indices=(*selection.indices[:place], level, *selection.indices[place + 1 :]))


def _batched(levels: Iterable[int], most: int) -> Iterator[list[int]]:
    rest = iter(levels)
    while some := list(islice(rest, most)):
        yield some


def _window(layer: Layer, selection: Selection, factor: int) -> Window:
    name, shape = layer.variable.name, (layer.variable.shape[-2], layer.variable.shape[-1])
    return base_window(name, shape, selection) if factor == 1 else overview_window(name, shape, selection, factor)


def _joined(
    shape: tuple[int, int],
    across: int,
    groups: Sequence[_Group],
    chunks: Mapping[tuple[int, Chunk], NDArray[Any] | None],
) -> Picked | None:
    """Put the pixels of all levels into one picture."""
    written = [chunk for chunk in chunks.values() if chunk is not None]
    if not written:
        return None
    values = np.zeros(shape[0] * shape[1], dtype=written[0].dtype)
    absent = np.ones(values.shape, dtype=np.bool_)
    for group in groups:
        chunk = chunks[group.level, group.chunk]
        if chunk is not None:
            # Of a store that is not ours the last chunks of a row may be narrower.
            whole = chunk.shape[1] == across
            values[group.pixels] = chunk.reshape(-1).take(group.cells) if whole else chunk[divmod(group.cells, across)]
            absent[group.pixels] = False
    return Picked(values=values.reshape(shape), absent=absent.reshape(shape) if absent.any() else None)


def level_of(layer: Layer, selection: Selection) -> int:
    """Return the level that a selection names, or that stands for all of them."""
    if layer.heights is None:
        return NOWHERE
    levels = layer.heights.levels
    return selection.indices[len(selection.indices) - len(levels.axes) + levels.place]
