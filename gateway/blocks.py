"""Reads variables block by block, a few blocks ahead of whoever writes them, in bounded memory."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.packing import Packing
from core.selection.given import Given
from core.selection.plan import Plan
from core.selection.reading import Block, Piece, Reading, blocks, pieces
from core.series import Record
from gateway.sampling import Sampler
from stores.cache import CacheKey
from stores.layout import data, series

_AT_ONCE: Final = 16
"""Chunks that are read together for one block: about a megabyte each."""
_AHEAD: Final = 2
"""Blocks that are read before the one before them has been taken."""
_KEPT: Final = 2**25
"""Bytes of chunks that one request may leave in the cache: a large one would push all others out."""
_LONG: Final = 2**17
"""Values that are converted in about a millisecond."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """A part of a variable that is given out."""

    variable: Given
    start: tuple[int, ...]
    """Along each of its dimensions."""
    values: NDArray[Any]
    """In its own type, native byte order; text as objects."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlockReader:
    """Reads one version of one dataset, as a plan says."""

    sampler: Sampler
    plan: Plan
    record: Record | None
    """What the blocks for series hold."""
    kept: int
    """Bytes of all chunks that the plan wants."""
    revisions: Mapping[int, int]
    """By slot."""
    fixed: int
    """Names the content of what has no slots, which any source file may write anew."""

    def blocks(self, wanted: Sequence[tuple[Given, Reading]]) -> AsyncGenerator[Values]:
        """Read variables one after the other, each in row-major order.

        Nothing is read for one that has gone: whoever closes the iterator, or is cancelled in it, ends all reading.

        Raises:
            OSError: a chunk cannot be read.
            VersionGoneError: the version was collected.

        """
        return self.read((given, reading, block) for given, reading in wanted for block in blocks(reading))

    async def read(self, todo: Iterable[tuple[Given, Reading, Block]]) -> AsyncGenerator[Values]:
        """Yield some blocks of variables, in the order in which they are asked for; otherwise as `blocks`."""
        under_way: deque[asyncio.Task[Values]] = deque()
        try:
            for given, reading, block in todo:
                under_way.append(asyncio.create_task(self._read(given, reading, block)))
                if len(under_way) > _AHEAD:
                    yield await under_way.popleft()
            while under_way:
                yield await under_way.popleft()
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _read(self, given: Given, reading: Reading, block: Block) -> Values:
        variable = self.plan.variable(given.name)
        dtype = np.dtype("u1" if variable.dtype == "S1" else "O" if variable.dtype == "str" else variable.dtype)
        fill = np.frombuffer(given.fill, "u1")[0] if variable.dtype == "S1" else 0 if given.unpacked else given.fill
        values = np.full(block.shape, fill, dtype=dtype)
        written = np.zeros(block.shape, dtype=np.bool_) if given.unpacked else None
        todo = pieces(reading, block)
        while some := list(islice(todo, _AT_ONCE)):
            await asyncio.gather(*(self._into(values, written, given.name, piece) for piece in some))
        start = block.start[len(block.start) - len(given.shape) :]
        convert = self._unpacked if given.unpacked else self._turned if given.turns else _as_it_is
        found = await self.sampler.workers.do(
            convert, values, (given, block, written), long=values.size > _LONG and convert is not _as_it_is
        )
        found = found.view("S1") if variable.dtype == "S1" else found
        if given.numbers is not None:
            found = given.numbers.written(found)
        if given.outside is not None:
            corner = (block.start[-2], block.start[-1])
            found = self.plan.hulls[variable.grid or ""].filled(found, corner, given.outside)
        return Values(variable=given, start=start, values=found.reshape(found.shape[found.ndim - len(given.shape) :]))

    async def _into(self, values: NDArray[Any], written: NDArray[np.bool_] | None, name: str, piece: Piece) -> None:
        key = self._key(name, piece)
        cache, reader = self.sampler.cache, self.sampler.reader
        chunk = cache.held(key)
        if chunk is None:
            small = self.kept <= _KEPT
            chunk = await cache.read(reader, key) if small else await reader.read(key.array, key.chunk)
        if chunk is None:
            return
        if self.plan.on_mesh(name):
            chunk = chunk[..., 0, :]
        values[piece.into] = (chunk.view(np.uint8) if chunk.dtype.kind == "S" else chunk)[piece.inside]
        if written is not None:
            written[piece.into] = True

    def _key(self, name: str, piece: Piece) -> CacheKey:
        if piece.copy == "series" and self.record is not None:
            # Content is named by all that the block holds: where that is equal, so is the chunk in every version.
            revision = digest(self.record[piece.chunk[0]])
        elif self.plan.variable(name).stepped:
            revision = self.revisions[piece.chunk[0]]
        else:
            revision = self.fixed
        array = series(name) if piece.copy == "series" else data(name)
        # A mesh is stored as one row, which is none of the dimensions that are given out.
        index = (*piece.chunk[:-1], 0, piece.chunk[-1]) if self.plan.on_mesh(name) else piece.chunk
        return CacheKey(dataset=self.sampler.dataset, array=array, chunk=index, revision=revision)

    def _unpacked(self, values: NDArray[Any], how: "How") -> NDArray[Any]:
        """Unpack each step by its own packing."""
        given, block, written = how
        found = np.full(values.shape, given.fill, dtype=given.dtype)
        for packing, places in self._packings(given.name, block):
            codes = values[places]
            floats = packing.unpack(codes)
            there = ~np.isnan(floats) if written is None else written[places] & ~np.isnan(floats)
            found[places] = np.where(there, floats, found[places])
        return self._turned(found, how) if given.turns else found

    def _packings(self, name: str, block: Block) -> Iterator[tuple[Packing, Any]]:
        """Yield the packings of a block, and at which of its places along the slots each holds."""
        packings = self.plan.dataset.packings
        if not self.plan.variable(name).stepped:
            # What has no time is that of the newest file.
            rows = self.plan.dataset.steps.rows
            newest = max((row for row in rows if name in packings[row[3]]), key=lambda row: int(row[4]))
            yield packings[newest[3]][name], ...
            return
        here = self.plan.rows[block.start[0] : block.start[0] + block.shape[0], 3]
        for index in np.unique(here).tolist():
            if name in packings[index]:
                yield packings[index][name], here == index

    def _turned(self, values: NDArray[Any], how: "How") -> NDArray[Any]:
        given, block, _ = how
        turns = np.array(given.turns[block.start[0] : block.start[0] + block.shape[0]], dtype=values.dtype)
        moved = values + 360 * turns.reshape(-1, *(1 for _ in values.shape[1:]))
        return np.where(values == given.fill, values, moved)


How = tuple[Given, Block, NDArray[np.bool_] | None]


def _as_it_is(values: NDArray[Any], _: How) -> NDArray[Any]:
    return values


def digest(numbers: NDArray[np.int64]) -> int:
    """Return a name for revisions: 64 bits."""
    return int.from_bytes(blake2b(numbers.tobytes(), digest_size=8).digest(), "big")
