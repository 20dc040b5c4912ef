"""Blocks of steps: how the copy of a field that is cut for series lies, and which steps may be read from it.

A block holds `SLOTS` slots side by side, so that the series of one cell lies in few chunks. It is written when all of
its slots hold steps, and again when half of them hold other content. What each of its places holds is recorded as the
revision of the step; a place is read only where that is the step's revision still, else from the maps.
"""

from itertools import product
from math import isqrt, log2, prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.chunking import side

SLOTS: Final = 64
"""Slots in one block: ten years of days are 57 chunks."""
NOTHING: Final = -1
"""Recorded where a block holds no step: revisions are 63 bits."""
CHUNK: Final = 2**19
"""Decoded bytes of one chunk, about."""
WINDOW: Final = 2**27
"""Decoded bytes of all slots and levels that one chunk of a map meets, at most: what is cut anew in one go."""
_LEAST: Final = 8
"""Cells along a side."""

Record = NDArray[np.int64]
"""By block, by place in it: the revision that it holds, or `NOTHING`; shape (blocks, slots)."""


def chunk_shape(shape: tuple[int, ...], map_chunks: tuple[int, ...], itemsize: int, slots: int) -> tuple[int, ...]:
    """Return the shape (slots, axes..., ny, nx) of the chunks for series of a field.

    `shape` is (axes..., ny, nx) and `map_chunks`, the chunks of its maps, (1, axes..., ny, nx). Sides divide those of
    the maps' chunks where they can, so that each of these is read once for a block.
    """
    ny, nx = map_chunks[-2:]
    axes = [1] * (len(shape) - 2)
    if axes:
        level = slots * itemsize
        most = min(WINDOW // (level * ny * nx), CHUNK // (level * min(_LEAST**2, ny * nx)))
        axes[-1] = side(max(1, shape[-3]), max(1, most))
    cells = max(_LEAST**2, CHUNK // (slots * prod(axes) * itemsize))
    return (slots, *axes, *_sides(ny, nx, cells))


def _sides(ny: int, nx: int, cells: int) -> tuple[int, int]:
    """Return sides of about so many cells, as square as their being divisors allows."""
    if ny * nx <= cells:
        return ny, nx
    pairs = [pair for pair in product(_divisors(ny), _divisors(nx)) if cells / 2 <= prod(pair) <= cells * 2]
    if not pairs:
        return side(ny, isqrt(cells)), side(nx, isqrt(cells))
    return min(pairs, key=lambda pair: abs(log2(prod(pair) / cells)) + abs(log2(pair[0] / pair[1])) / 4)


def _divisors(length: int) -> list[int]:
    return [part for part in range(min(_LEAST, length), length + 1) if length % part == 0]


def empty(slots: int) -> Record:
    """Return the record of no blocks."""
    return np.empty((0, slots), dtype=np.int64)


def held(rows: NDArray[np.int64], record: Record) -> NDArray[np.bool_]:
    """Tell which steps, rows of a step table, are held by their blocks; shape (n,)."""
    slots = record.shape[1]
    block, place = np.divmod(rows[:, 1], slots)
    found = block < len(record)
    found[found] = record[block[found], place[found]] == rows[found, 2]
    return found


def wanted(rows: NDArray[np.int64], slots: int) -> Record:
    """Return the record that blocks would have if all were written now."""
    found = np.full((-(-(int(rows[:, 1].max(initial=-1)) + 1) // slots), slots), NOTHING, dtype=np.int64)
    found.reshape(-1)[rows[:, 1]] = rows[:, 2]
    return found


def due(rows: NDArray[np.int64], record: Record, *, again: bool) -> list[int]:
    """Return the blocks to be written: those full for the first time and, if `again`, those that are half outdated.

    So no more is written, over the years, than two slots for each step that is taken up.
    """
    should = wanted(rows, record.shape[1])
    there = np.full_like(should, NOTHING)
    there[: len(record)] = record[: len(should)]
    fresh = (there == NOTHING).all(axis=1)
    full = (should != NOTHING).all(axis=1)
    outdated = 2 * ((should != NOTHING) & (should != there)).sum(axis=1) >= record.shape[1]
    return [int(block) for block in np.flatnonzero(np.where(fresh, full, outdated & again))]


def renewed(record: Record, block: int, revisions: NDArray[np.int64]) -> Record:
    """Return the record after one block was written, or emptied."""
    found = np.full((max(len(record), block + 1), record.shape[1]), NOTHING, dtype=np.int64)
    found[: len(record)] = record
    found[block] = revisions
    return found
