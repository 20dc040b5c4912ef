"""Which chunks are read for a variable, in which blocks it is given out, and what of a chunk goes where in a block.

A block is a part of the variable that lies in one piece in row-major order. Blocks follow each other in that order, and
end where chunks end as far as that can be, so that each chunk is read for one block only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import prod
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.selection.cut import Indices

BLOCK: Final = 2**22
"""Bytes of a block, about."""
MOST: Final = 2**25
"""Bytes of a block at most, unless one row is larger: chunks that no block of so many holds are read more than once."""
_EACH: Final = 2**16
"""Bytes that could be decoded while one more chunk is asked for, about."""

Copy = Literal["data", "series"]
Index = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """Where the values of one variable come from."""

    variable: str
    itemsize: int
    """Bytes of one value as stored."""
    indices: tuple[Indices, ...]
    """Along each stored dimension, the slot first where it has slots."""
    data: tuple[int, ...]
    """Shape of the chunks of the map-shaped copy."""
    series: tuple[int, ...] = ()
    """Shape of the chunks of the copy for series, where there is one."""
    there: NDArray[np.bool_] | None = None
    """At which of its slots there is anything, shape (slots,); None for a variable without slots."""
    held: NDArray[np.bool_] | None = None
    """Which of its slots are read from the copy for series; None for none of them."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of all that is read."""
        return tuple(map(len, self.indices))

    @property
    def copies(self) -> list[tuple[Copy, tuple[int, ...], Indices | None]]:
        """Each copy that is read: its name, the shape of its chunks, and the places along the slots it gives."""
        if self.there is None:
            return [("data", self.data, None)]
        held = np.zeros_like(self.there) if self.held is None else self.held
        series, data = np.flatnonzero(self.there & held), np.flatnonzero(self.there & ~held)
        found: list[tuple[Copy, tuple[int, ...], Indices | None]] = []
        if series.size:
            found.append(("series", self.series, series))
        if data.size:
            found.append(("data", self.data, data))
        return found

    @property
    def chunks(self) -> int:
        """Number of chunks that are read."""
        return sum(prod(self._counts(chunks, places)) for _, chunks, places in self.copies)

    @property
    def bytes(self) -> int:
        """Of all chunks that are read, decoded."""
        return sum(
            prod(self._counts(chunks, places)) * prod(chunks) * self.itemsize for _, chunks, places in self.copies
        )

    @property
    def cost(self) -> int:
        """Of reading, in bytes that could be decoded meanwhile."""
        return self.bytes + self.chunks * _EACH

    def _counts(self, chunks: tuple[int, ...], places: Indices | None) -> list[int]:
        taken = self.indices if places is None else (self.indices[0][places], *self.indices[1:])
        return [np.unique(index // size).size for index, size in zip(taken, chunks, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a variable."""

    start: tuple[int, ...]
    """Along each stored dimension, of what is taken."""
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """What of one chunk goes where in a block."""

    copy: Copy
    chunk: tuple[int, ...]
    inside: Index
    """Of the chunk."""
    into: Index
    """Of the block."""


def blocks(reading: Reading) -> Iterator[Block]:
    """Yield all of a variable in row-major order."""
    shape = reading.shape
    if 0 in shape:
        return
    # The outermost dimension of which a part may be one block: what lies within it comes whole.
    depth = next(
        (depth for depth in range(len(shape)) if prod(shape[depth + 1 :]) * reading.itemsize <= BLOCK), len(shape) - 1
    )
    if not shape:
        yield Block(start=(), shape=())
        return
    row = prod(shape[depth + 1 :]) * reading.itemsize
    parts = list(_parts(_edges(reading, depth), max(1, BLOCK // row), max(1, MOST // row)))
    for before in product(*map(range, shape[:depth])):
        for first, last in parts:
            yield Block(
                start=(*before, first, *(0 for _ in shape[depth + 1 :])),
                shape=(*(1 for _ in before), last - first, *shape[depth + 1 :]),
            )


def _edges(reading: Reading, depth: int) -> list[int]:
    """Return where along a dimension another chunk begins, and the end."""
    index = reading.indices[depth]
    sizes = reading.series if depth == 0 and reading.held is not None and reading.held.any() else reading.data
    part = index // sizes[depth]
    return [0, *(np.flatnonzero(part[1:] != part[:-1]) + 1).tolist(), index.size]


def _parts(edges: Sequence[int], wanted: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield parts of about `wanted` places that end where chunks end, unless a chunk has more than `most`."""
    first, end = 0, edges[-1]
    for here, after in pairwise([*edges[1:], end]):
        if here == end or after - first > wanted:
            # Only what a chunk alone makes too long is cut within chunks.
            step = here - first if here - first <= most else wanted
            yield from ((start, min(start + step, here)) for start in range(first, here, step))
            first = here


def quickest(reading: Reading, held: NDArray[np.bool_]) -> Reading:
    """Return a reading by way of the copy for series where less has to be decoded for it than of the maps.

    Args:
        reading: of a variable with slots.
        held: which of its slots its blocks hold, shape (slots,).

    """
    row = prod(reading.shape[1:]) * reading.itemsize
    # A chunk for series serves one block only where all of its slots fit into one.
    if not reading.series or not held.any() or row > BLOCK or row * reading.series[0] > MOST:
        return reading
    other = replace(reading, held=held)
    return other if other.cost < reading.cost else reading


def pieces(reading: Reading, block: Block) -> Iterator[Piece]:
    """Yield what has to be read for a block; what no piece covers was never written."""
    taken = [
        index[start : start + length]
        for index, start, length in zip(reading.indices, block.start, block.shape, strict=True)
    ]
    for copy, chunks, places in reading.copies:
        at = [np.arange(index.size) for index in taken]
        if places is not None:
            first = block.start[0]
            at[0] = places[(places >= first) & (places < first + block.shape[0])] - first
        runs = [list(_runs(index[where], where, size)) for index, where, size in zip(taken, at, chunks, strict=True)]
        for found in product(*runs):
            yield Piece(
                copy=copy,
                chunk=tuple(part for part, _, _ in found),
                inside=_index([inside for _, inside, _ in found]),
                into=_index([into for _, _, into in found]),
            )


def _runs(index: Indices, places: Indices, size: int) -> Iterator[tuple[int, Indices, Indices]]:
    """Yield each chunk along a dimension, what is taken in it, and where that goes."""
    part, inside = np.divmod(index, size)
    order = np.argsort(part, kind="stable")
    cuts = np.flatnonzero(np.diff(part[order])) + 1
    for group in np.split(order, cuts):
        if group.size:
            yield int(part[group[0]]), inside[group], places[group]


def _index(vectors: Sequence[Indices]) -> Index:
    """Return what takes the product of `vectors`: slices where they are evenly spaced, which is five times as quick."""
    evenly = [_slice(vector) for vector in vectors]
    if all(found is not None for found in evenly):
        return tuple(evenly)
    return np.ix_(*vectors)


def _slice(vector: Indices) -> slice | None:
    if vector.size == 1:
        return slice(int(vector[0]), int(vector[0]) + 1)
    step = int(vector[1] - vector[0])
    if step <= 0 or (np.diff(vector) != step).any():
        return None
    return slice(int(vector[0]), int(vector[-1]) + 1, step)
