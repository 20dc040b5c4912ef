"""Reads a field at a height where its levels follow the surface and the bottom: at each place the level that holds it.

Only those chunks are read that hold the levels in question, through the same sampler and cache as everything else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.blocks import Block, block_of
from core.cells import Cells, Chunk, Picked, Scattered, Separable, chunks_of
from core.chunking import coarse, sides
from core.layer import Layer, Selection
from core.packing import Packing
from core.vertical.column import NOWHERE
from core.vertical.heights import Heights, TermSlice
from core.vertical.parts import Parts, joined, parted
from gateway.corners import at_faces
from gateway.sampling import Sampler, Window, base_window, overview_window

_ON_THE_LOOP: Final = 4096
"""Pixels whose level is sought in well under a millisecond."""
_UNPACKED_ON_THE_LOOP: Final = 2**16
"""Pixels whose depth is unpacked in well under a millisecond."""
_AT_ONCE: Final = 8
"""Levels that are read together."""
_MOST_CHUNKS: Final = 16
"""Of one level, for a map from the cells themselves: from further away it is made from overviews, as all others are."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """What is known of the levels at the places of a picture; all of the shape of the picture."""

    eta: Floats
    """Height of the surface, metres; NaN where it is not known."""
    depth: Floats
    """Of the bottom, metres below the datum; likewise."""


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
) -> Picked | None:
    """Return the stored values of `cells` at the height that is sought; absent where no level holds it.

    None where no pixel has a cell, or nothing was written.

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
    heights, sought, do = layer.heights, selection.sought, sampler.workers.do
    long = not isinstance(cells, Separable) and cells.shape[0] * cells.shape[1] > _ON_THE_LOOP
    block = await do(block_of, cells, long=long)
    few = block if block is not None and block.few else None
    shown = cells if few is None else few.cells
    place = await read_place(sampler, selection.terms, shown, factor, block if few is None else None)
    if heights is None or sought is None or place is None:
        return None
    size = sides(coarse((layer.variable.shape[-2], layer.variable.shape[-1]), factor))
    seen = None if few is None else few.seen
    parts = await do(_parted, heights, sought, (place, shown, seen), size, long=place.depth.size > _ON_THE_LOOP)
    picked = await _read(sampler, layer, selection, parts, factor)
    return picked if few is None or picked is None else await do(few.spread, picked, long=long)


async def _read(sampler: Sampler, layer: Layer, selection: Selection, parts: Parts, factor: int) -> Picked | None:
    """Read what the parts of a picture show."""
    if layer.heights is None:
        return None
    wanted: dict[int, list[Chunk]] = {}
    for part in parts.parts:
        wanted.setdefault(part.level, []).append(part.chunk)
    chunks: dict[tuple[int, Chunk], NDArray[Any] | None] = {}
    at_all, heights = _window(layer, selection, factor), layer.heights
    for some in _batched(wanted, _AT_ONCE):
        windows = [replace(at_all, before=_at_level(heights, selection, level)) for level in some]
        read = await sampler.chunks_of_all(
            [(window, wanted[level]) for window, level in zip(windows, some, strict=True)]
        )
        chunks |= {(level, at): chunk for level, found in zip(some, read, strict=True) for at, chunk in found.items()}
    across = sides(coarse((layer.variable.shape[-2], layer.variable.shape[-1]), factor))[1]
    return await sampler.workers.do(joined, parts, across, chunks, long=parts.pixels.size > _ON_THE_LOOP)


async def read_place(
    sampler: Sampler, terms: Sequence[TermSlice], cells: Cells, factor: int = 1, block: Block | None = None
) -> Place | None:
    """Return surface and bottom under `cells`; None where nothing of them was written.

    Args:
        sampler: of the version of the dataset.
        terms: depth, then the surface, where it is a field.
        cells: of the overview of `factor`.
        factor: 1 for the copy.
        block: of `cells`, where that is known: it is quicker to read what lies around them.

    """
    read = [await _term(sampler, term, (cells, block), factor) for term in terms]
    there = [found for found in read if found is not None]
    if not there or len(there) < len(read):
        return None
    return Place(depth=there[0], eta=there[1] if len(there) > 1 else np.zeros(there[0].shape))


async def _term(sampler: Sampler, term: TermSlice, where: tuple[Cells, Block | None], factor: int) -> Floats | None:
    path = f"data/{term.name}" if factor == 1 else f"overviews/{factor}/{term.name}"
    shape = coarse(term.shape, factor)
    window = Window(array=path, shape=shape, before=term.indices, revision=term.revision)
    # In an overview, what lies between two cells lies in one.
    rows, columns = term.between if factor == 1 else (0, 0)
    cells, block = where
    if term.corners is not None:
        return await at_faces(sampler, term, window, cells)
    around = [
        _moved(cells if block is None else block.cells, shape, by)
        for by in product(range(rows + 1), range(columns + 1))
    ]
    read = [await sampler.pick(window, one) for one in around]
    there = [picked for picked in read if picked is not None]
    if len(there) < len(around):
        return None
    long = cells.shape[0] * cells.shape[1] > _UNPACKED_ON_THE_LOOP
    return await sampler.workers.do(_mean, there, block, term.packing, long=long)


def _mean(read: Sequence[Picked], block: Block | None, packing: Packing) -> Floats:
    """Return the mean of what was picked, NaN where one of them is missing."""
    first, *others = (_unpacked(one if block is None else block.spread(one), packing) for one in read)
    return sum(others, first) / len(read) if others else first


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


def _unpacked(picked: Picked, packing: Packing) -> Floats:
    found = packing.unpack(picked.values).astype(np.float64, copy=False)
    if picked.absent is not None:
        np.copyto(found, np.nan, where=picked.absent)
    return found


def _parted(heights: Heights, sought: float, at: tuple[Place, Cells, NDArray[np.bool_] | None], size: Chunk) -> Parts:
    """Find the level of each cell that is to be seen, and the cells of each level in each chunk of a size."""
    (place, cells, seen), column = at, heights.levels.column
    levels = column.holding(sought, place.eta, place.depth)
    if seen is not None:
        np.copyto(levels, NOWHERE, where=~seen)
    return parted(levels, cells, size, len(column.levels))


def _at_level(heights: Heights, selection: Selection, level: int) -> tuple[int, ...]:
    """Return what stands before (row, column) in the index of a chunk of one level."""
    place = len(selection.indices) - len(heights.levels.axes) + heights.levels.place
    return (*selection.indices[:place], level, *selection.indices[place + 1 :])


def _batched(levels: Iterable[int], most: int) -> Iterator[list[int]]:
    rest = iter(levels)
    while some := list(islice(rest, most)):
        yield some


def _window(layer: Layer, selection: Selection, factor: int) -> Window:
    name, shape = layer.variable.name, (layer.variable.shape[-2], layer.variable.shape[-1])
    return base_window(name, shape, selection) if factor == 1 else overview_window(name, shape, selection, factor)


def level_of(layer: Layer, selection: Selection) -> int:
    """Return the level that a selection names, or that stands for all of them."""
    if layer.heights is None:
        return NOWHERE
    levels = layer.heights.levels
    return selection.indices[len(selection.indices) - len(levels.axes) + levels.place]
