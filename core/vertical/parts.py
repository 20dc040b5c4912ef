"""A picture whose pixels show different levels: which of them are in one chunk, and one picture out of all. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Chunk, Indices, Picked, Separable

_SMALL: Final = 2**15
"""Above what two bytes hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The pixels that show one level in one chunk."""

    level: int
    """Of the stored ones."""
    chunk: Chunk
    """Of that level."""
    along: slice
    """Where they are in `Parts.pixels`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """The pixels of a picture, sorted by what is read for them."""

    shape: tuple[int, int]
    """Height and width of the picture."""
    pixels: Indices
    """Those that show a level, counted row by row, one part after the other."""
    inside: Indices
    """Their cells within their chunks, counted row by row."""
    parts: tuple[Part, ...]
    """In the order of chunks, and of levels within one."""


def parted(levels: Indices, cells: Cells, size: Chunk, count: int) -> Parts:
    """Sort the pixels of a picture by chunk and level.

    Args:
        levels: that each pixel shows, shape (h, w); negative for none, as where there is no cell.
        cells: of an array.
        size: of its chunks.
        count: of its levels.

    """
    rows, columns, (down, across) = cells.rows, cells.columns, size
    if isinstance(cells, Separable):
        rows, columns = rows[:, None], columns[None, :]
    wide, high = int(columns.max()) // across + 1, int(rows.max()) // down + 1
    # Numbers of two bytes are sorted in one pass.
    kind = np.dtype(np.int16 if wide * high * count <= _SMALL else np.intp)
    keys = levels.astype(kind)
    if wide == high == 1:
        # One chunk has them all: dividing takes longer than all else here.
        inside = rows * across + columns
    else:
        row_chunk, column_chunk = rows // down, columns // across
        keys += (row_chunk * (wide * count)).astype(kind, copy=False)
        keys += (column_chunk * count).astype(kind, copy=False)
        # Remainders would be divided for once more.
        inside = (rows - row_chunk * down) * across + (columns - column_chunk * across)
    np.copyto(keys, kind.type(-1), where=levels < 0)
    order = np.argsort(keys, axis=None, kind="stable")
    keys = keys.reshape(-1)[order]
    starts = [*(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), keys.size]
    first = int(np.searchsorted(keys, 0))
    cuts = [first, *(start for start in starts if start > first)]
    parts = []
    for start, stop in pairwise(cuts):
        chunk, level = divmod(int(keys[start]), count)
        parts.append(Part(level=level, chunk=divmod(chunk, wide), along=slice(start - first, stop - first)))
    pixels = order[first:]
    return Parts(shape=levels.shape, pixels=pixels, inside=inside.reshape(-1)[pixels], parts=tuple(parts))


def joined(found: Parts, across: int, chunks: Mapping[tuple[int, Chunk], NDArray[Any] | None]) -> Picked | None:
    """Put the values of all parts into one picture.

    Args:
        found: the parts.
        across: width of a chunk.
        chunks: by level and place, of each part; None stands for one never written.

    Returns:
        None where no chunk was written.

    """
    written = [chunk for chunk in chunks.values() if chunk is not None]
    if not written:
        return None
    values = np.zeros(found.shape, dtype=written[0].dtype)
    absent = np.ones(found.shape, dtype=np.bool_)
    sorted_values, there = np.zeros(found.pixels.size, dtype=values.dtype), np.ones(found.pixels.size, dtype=np.bool_)
    for part in found.parts:
        chunk, inside = chunks[part.level, part.chunk], found.inside[part.along]
        if chunk is None:
            there[part.along] = False
        elif chunk.shape[1] == across:
            chunk.reshape(-1).take(inside, out=sorted_values[part.along], mode="clip")
        else:
            # Of a store that is not ours the last chunks of a row may be narrower.
            sorted_values[part.along] = chunk[divmod(inside, across)]
    values.reshape(-1)[found.pixels] = sorted_values
    absent.reshape(-1)[found.pixels] = ~there
    return Picked(values=values, absent=absent if absent.any() else None)
