"""Which cell of an array each pixel of a picture shows, and how to pick them out of chunks.

Indices address the last two dimensions of an array, (y, x), first row and column 0; -1 is "no cell here".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.polar import Polar
from core.polar_blocks import mosaic_of

Indices = NDArray[np.signedinteger[Any]]
"""32 bits do where a picture has one for each pixel: half of the memory that is gone through."""
Chunk = tuple[int, int]
"""Position of a chunk in the chunk grid, (row, column)."""

_ROOMY = 8
"""Times as many cells as pixels; up to there it is quicker to copy what lies around the cells than to sort them."""
_SMALL = 64
"""Bytes for each pixel; likewise."""
_BOTH = 2
"""Chunks of which none can be without a cell."""
_FEW = 64
"""Chunks that are counted one by one."""
_LATTICE = 16
"""About as many pixels along each side tell how far apart the cells of all are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Separable:
    """Cells whose row depends on the pixel's row alone, and whose column on its column alone."""

    rows: Indices
    """Row of the array for each pixel row, shape (h,); -1 outside."""
    columns: Indices
    """Column of the array for each pixel column, shape (w,); -1 outside."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.rows.size, self.columns.size

    def coarser(self, factor: int) -> "Separable":
        """Return the cells of the array that holds one cell for each block of `factor` x `factor`."""
        # Floor division keeps -1 at -1.
        return Separable(rows=self.rows // factor, columns=self.columns // factor)

    def scattered(self) -> "Scattered":
        """Return the same cells pixel by pixel."""
        outside = (self.rows < 0)[:, None] | (self.columns < 0)
        rows, columns = (np.where(outside, -1, part) for part in (self.rows[:, None], self.columns))
        return Scattered(rows=rows, columns=columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scattered:
    """Cells pixel by pixel."""

    rows: Indices
    """Shape (h, w); -1 outside."""
    columns: Indices
    """Shape (h, w); -1 outside, exactly where `rows` is."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture."""
        height, width = self.rows.shape
        return height, width

    def coarser(self, factor: int) -> "Scattered":
        """Return the cells of the array that holds one cell for each block of `factor` x `factor`."""
        return Scattered(rows=self.rows // factor, columns=self.columns // factor)


Cells = Separable | Scattered | Polar


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What was picked out of an array for a picture."""

    values: NDArray[Any]
    """As stored, shape (h, w, ...); where `absent`, any number."""
    absent: NDArray[np.bool_] | None
    """True where there is no cell, or a chunk that was never written, shape (h, w); None where there is none."""


def chunks_of(cells: Cells, size: Chunk) -> list[Chunk]:
    """List the chunks of `size` (ny, nx) that hold the cells, each once, in row order.

    Round a pole there may be some among them that hold none, but are beside one that does.
    """
    if isinstance(cells, Separable):
        rows, columns = _runs(cells.rows, size[0]), _runs(cells.columns, size[1])
        return [(row, column) for row in sorted(rows) for column in sorted(columns) if row >= 0 and column >= 0]
    if isinstance(cells, Polar):
        return sorted(cells.parts(size))
    return _scattered_chunks(cells, size)


def _scattered_chunks(cells: Scattered, size: Chunk) -> list[Chunk]:
    if not cells.rows.size or cells.rows.max() < 0:
        return []
    box = box_of(cells)
    top, left, bottom, right = (end // side for end, side in zip(box, (*size, *size), strict=True))
    across = right - left + 1
    count = (bottom - top + 1) * across
    if count <= _BOTH:
        # Each end of the box has a cell.
        return [(top, left), (bottom, right)][:count]
    if count <= _FEW:
        codes = _parts(cells, size, (top, left, across))
        seen = [code for code in range(count) if (codes == code).any()]
    else:
        # Of many, counting is five times as fast as sorting pixels.
        codes = ((cells.rows // size[0] - top) * across + cells.columns // size[1] - left)[cells.rows >= 0]
        seen = np.flatnonzero(np.bincount(codes)).tolist()
    return [(top + code // across, left + code % across) for code in seen]


def _parts(cells: Scattered, size: Chunk, box: tuple[int, int, int]) -> NDArray[np.int8]:
    """Return the chunk of each pixel, counted row by row from the first row and column of so many columns; -1 for none.

    One byte each is compared eight times as fast as an index.
    """
    codes = cells.rows // size[0]
    codes -= box[0]
    codes *= box[2]
    codes += cells.columns // size[1]
    codes -= box[1]
    return np.maximum(codes, -1, out=codes).astype(np.int8)


def steps_between(cells: Cells) -> float:
    """Tell how many rows or columns, whichever are fewer, lie between neighbouring pixels; 0 for one pixel."""
    if isinstance(cells, Separable):
        return min(_step(cells.rows), _step(cells.columns))
    down, across = (max(1, side // _LATTICE) for side in cells.shape)
    here, below, right = np.s_[:-1:down, :-1:across], np.s_[1::down, :-1:across], np.s_[:-1:down, 1::across]
    inside = (cells.rows[here] >= 0) & (cells.rows[below] >= 0) & (cells.rows[right] >= 0)
    # By the grid's own directions: round a pole a pixel spans many columns, but a fraction of one row.
    rows, columns = (
        np.hypot(indices[below] - indices[here], indices[right] - indices[here])[inside]
        for indices in (cells.rows, cells.columns)
    )
    return _median(np.minimum(rows, columns))


def pick(cells: Cells, size: Chunk, chunks: Mapping[Chunk, NDArray[Any] | None]) -> Picked | None:
    """Pick the cells out of `chunks`, which holds each of `chunks_of`; None stands for one never written.

    Returns:
        None where no chunk was written or no pixel has a cell.

    """
    written = {place: chunk for place, chunk in chunks.items() if chunk is not None}
    if not written:
        return None
    if isinstance(cells, Separable):
        return _pick_separable(cells, size, written, whole=len(written) == len(chunks))
    if isinstance(cells, Polar):
        return _pick_polar(cells, size, chunks)
    if not cells.rows.size or cells.rows.max() < 0:
        return None
    return _pick_scattered(cells, size, written, whole=len(written) == len(chunks))


def _pick_separable(cells: Separable, size: Chunk, written: Mapping[Chunk, NDArray[Any]], *, whole: bool) -> Picked:
    at_rows, at_columns = _runs(cells.rows, size[0]), _runs(cells.columns, size[1])
    everywhere = whole and -1 not in at_rows and -1 not in at_columns
    first_place, first = next(iter(written.items()))
    if everywhere and len(written) == 1:
        return Picked(values=_take(first, cells, first_place, size), absent=None)
    values = np.empty((*cells.shape, *first.shape[2:]), dtype=first.dtype)
    absent = None if everywhere else np.ones(cells.shape, dtype=np.bool_)
    for place, chunk in written.items():
        down, across = at_rows[place[0]], at_columns[place[1]]
        # Runs are copied as blocks; only scattered pixels need an index for each.
        into = (down, across) if isinstance(down, slice) or isinstance(across, slice) else np.ix_(down, across)
        mine = Separable(rows=cells.rows[down], columns=cells.columns[across])
        values[into] = _take(chunk, mine, place, size)
        if absent is not None:
            absent[into] = False
    return Picked(values=values, absent=absent)


def _pick_polar(cells: Polar, size: Chunk, chunks: Mapping[Chunk, NDArray[Any] | None]) -> Picked | None:
    block = mosaic_of(cells, size, chunks)
    if block is None:
        return None
    values = cells.spread(block.joined(0), block.lines)
    gone = block.absent()
    absent = None if gone is None else cells.spread(gone, block.lines)
    return Picked(values=values, absent=absent if absent is not None and absent.any() else None)


def _runs(indices: Indices, size: int) -> dict[int, slice | Indices]:
    """Return where along a picture each part of `size` cells is: as a slice where in one run. -1 is what is outside."""
    if not indices.size:
        return {}
    parts = indices // size
    # Hardly any picture goes back to a part that it has left: looking where parts change beats sorting and comparing.
    changes = np.flatnonzero(parts[1:] != parts[:-1]) + 1
    cuts = [0, *changes.tolist(), parts.size]
    found: dict[int, slice | Indices] = {}
    again = set()
    for start, stop in pairwise(cuts):
        part = int(parts[start])
        if part in found:
            again.add(part)
        found[part] = slice(start, stop)
    return found | {part: np.flatnonzero(parts == part) for part in again}


def _take(chunk: NDArray[Any], cells: Separable, place: Chunk, size: Chunk) -> NDArray[Any]:
    # Rows first: whole rows are contiguous, and most pictures need few of them.
    rows, columns = cells.rows - place[0] * size[0], cells.columns - place[1] * size[1]
    return chunk.take(rows, axis=0).take(columns, axis=1)


def _pick_scattered(cells: Scattered, size: Chunk, written: Mapping[Chunk, NDArray[Any]], *, whole: bool) -> Picked:
    place, one = next(iter(written.items()))
    if not whole:
        return _pick_each(cells, size, written)
    if len(written) == 1:
        block, corner = one, (place[0] * size[0], place[1] * size[1])
    else:
        box = box_of(cells)
        around = (box[2] - box[0] + 1) * (box[3] - box[1] + 1)
        if around * min(1 / _ROOMY, one.itemsize * prod(one.shape[2:]) / _SMALL) > cells.rows.size:
            return _pick_each(cells, size, written)
        # Chunks within the box that no pixel shows are not needed.
        block, corner = _joined(written, size, box), (box[0], box[1])
    # What has no cell takes any value.
    values = block.reshape(-1, *block.shape[2:]).take(_within(cells, corner, block.shape[1]), axis=0, mode="clip")
    absent = cells.rows < 0 if cells.rows.min() < 0 else None
    return Picked(values=values, absent=absent)


def _within(cells: Scattered, corner: tuple[int, int], wide: int) -> NDArray[np.intp]:
    """Return the places of cells in a block that begins at `corner` and has so many columns, counted row by row."""
    at = cells.rows - corner[0]
    at *= wide
    at += cells.columns
    at -= corner[1]
    return at.astype(np.intp, copy=False)


def box_of(cells: Scattered) -> tuple[int, int, int, int]:
    """Return the first row and column, and the last, of those that there are; at least one cell is inside."""
    rows, columns = cells.rows, cells.columns
    # Without a sign, -1 is more than any index.
    first = (int(part.view(f"u{part.itemsize}").min()) for part in (rows, columns))
    return next(first), next(first), int(rows.max()), int(columns.max())


def _joined(written: Mapping[Chunk, NDArray[Any]], size: Chunk, box: tuple[int, int, int, int]) -> NDArray[Any]:
    """Return the part of an array from a first row and column to a last, put together from its chunks."""
    top, left, bottom, right = box
    some = next(iter(written.values()))
    block = np.empty((bottom - top + 1, right - left + 1, *some.shape[2:]), dtype=some.dtype)
    for (row, column), chunk in written.items():
        down, across = row * size[0] - top, column * size[1] - left
        part = chunk[max(-down, 0) : bottom - top + 1 - down, max(-across, 0) : right - left + 1 - across]
        into = block[max(down, 0) :, max(across, 0) :]
        into[: part.shape[0], : part.shape[1]] = part[: into.shape[0], : into.shape[1]]
    return block


def _pick_each(cells: Scattered, size: Chunk, written: Mapping[Chunk, NDArray[Any]]) -> Picked:
    """Pick from one chunk after the other: many are missing, or the cells are few and far between."""
    one = next(iter(written.values()))
    values = np.empty((cells.rows.size, *one.shape[2:]), dtype=one.dtype)
    present = np.zeros(cells.rows.size, dtype=np.bool_)
    row_chunk, column_chunk = (cells.rows // size[0]).ravel(), (cells.columns // size[1]).ravel()
    for (row, column), chunk in written.items():
        mine = np.flatnonzero((row_chunk == row) & (column_chunk == column))
        some = Scattered(rows=cells.rows.reshape(-1)[mine], columns=cells.columns.reshape(-1)[mine])
        at = _within(some, (row * size[0], column * size[1]), chunk.shape[1])
        values[mine] = chunk.reshape(-1, *one.shape[2:]).take(at, axis=0)
        present[mine] = True
    absent = None if present.all() else ~present.reshape(cells.shape)
    return Picked(values=values.reshape(*cells.shape, *one.shape[2:]), absent=absent)


def _step(indices: Indices) -> float:
    inside = indices[indices >= 0]
    return _median(np.abs(inside[1:] - inside[:-1]))


def _median(steps: NDArray[Any]) -> float:
    """Return the upper median, 0 of nothing: numpy's own costs as much as reading a tile."""
    return float(np.partition(steps, steps.size // 2)[steps.size // 2]) if steps.size else 0.0
