"""What stands where the rows and the columns that a view round a pole shows cross, as parts of chunks.

Nothing is copied before it is known whether these are fewer than pixels: then they are coloured one part after another,
else put together as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.polar import Polar
from core.polar_tables import Indices

Place = tuple[slice, slice]
"""Rows and columns of a block."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mosaic:
    """A block of values, one for each crossing of `lines`, before it is put together."""

    lines: tuple[Indices, Indices]
    """Rows and columns of the array that pixels show, ascending; -1 among them where some lie outside."""
    parts: tuple[tuple[Place, NDArray[Any]], ...]
    """Where in the block what each chunk has of it lies; other crossings are shown by no pixel, or absent."""
    whole: bool
    """Whether each crossing that is no part is shown by no pixel."""

    @property
    def shape(self) -> tuple[int, int]:
        """Of the block."""
        return self.lines[0].size, self.lines[1].size

    def joined(self, absent: Any) -> NDArray[Any]:
        """Return the block, as stored; `absent` where a pixel may show nothing."""
        first = self.parts[0][1]
        block = np.empty((*self.shape, *first.shape[2:]), dtype=first.dtype)
        if not self.whole:
            block.fill(absent)
        for into, part in self.parts:
            block[into] = part
        return block

    def absent(self) -> NDArray[np.bool_] | None:
        """Tell where the block has nothing; None where no pixel shows that."""
        if self.whole:
            return None
        gone = np.ones(self.shape, dtype=np.bool_)
        for into, _ in self.parts:
            gone[into] = False
        return gone


def mosaic_of(
    cells: Polar, size: tuple[int, int], chunks: Mapping[tuple[int, int], NDArray[Any] | None]
) -> Mosaic | None:
    """Return what `chunks` of `size` (ny, nx) have for the cells; None where nothing was written.

    Args:
        cells: of the pixels.
        size: of a chunk.
        chunks: by their place among others, each in which cells lie; None stands for one never written.

    """
    rows, columns = lines = cells.lines()
    across = list(_cut(columns, size[1]))
    parts = []
    for row, down, of_rows in _cut(rows, size[0]):
        for column, right, of_columns in across:
            chunk = chunks.get((row, column))
            if chunk is not None:
                # Runs are views; whatever else lies in a chunk is copied.
                parts.append(((down, right), chunk[of_rows][:, of_columns]))
    if not parts:
        return None
    inside = bool(rows[0] >= 0 and columns[0] >= 0)
    return Mosaic(lines=lines, parts=tuple(parts), whole=inside and all(one is not None for one in chunks.values()))


def _cut(line: Indices, size: int) -> Iterator[tuple[int, slice, slice | Indices]]:
    """Cut a line where chunks of `size` end: yield the chunk, which part of the line it holds, and where."""
    chunks = line // size
    ends = np.flatnonzero(chunks[1:] != chunks[:-1]) + 1
    for start, stop in pairwise([0, *ends.tolist(), line.size]):
        chunk = int(chunks[start])
        if chunk >= 0:
            there = line[start:stop] - chunk * size
            first, last = int(there[0]), int(there[-1])
            # Along a line hardly any cell is left out: most are one run.
            yield chunk, slice(start, stop), slice(first, last + 1) if last - first == stop - start - 1 else there
