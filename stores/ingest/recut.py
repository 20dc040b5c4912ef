"""Cuts the chunks of maps anew, for series: many slots side by side, spatially small.

What is read are the store's own chunks, and no source file: so this needs no processes, for the library that
compresses lets threads run side by side. A window of a block is held in memory: `core.series.WINDOW` at most.
"""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from core.dataset import Variable
from stores.bridge import Bridge
from stores.codec import decode, encode
from stores.layout import chunk_key, data
from stores.reader import IcechunkChunks

_THREADS: Final = max(1, min(4, os.cpu_count() or 1))
_AT_ONCE: Final = 16
"""Chunks of maps that are fetched together."""
_PUT: Final = 64
"""Chunks that are given out together."""

Spans = tuple[range, ...]
"""A box of a field, (axes..., rows, columns)."""
Chunks = dict[tuple[int, ...], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of one field."""

    variable: Variable
    number: int
    slots: tuple[int, ...]
    """Of its slots those that hold the field."""


class Recut:
    """Reads one version of a store."""

    def __init__(self, chunks: IcechunkChunks) -> None:
        """Start threads; the context ends them."""
        self._chunks = chunks
        self._bridge = Bridge()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="series")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)
        self._bridge.close()

    def read(self, array: str, chunk: tuple[int, ...]) -> NDArray[Any] | None:
        """Return one decoded chunk of any array; None where it was never written.

        Raises:
            OSError: it cannot be read.

        """
        return self._bridge.run(self._chunks.read(array, chunk))

    def cut(self, block: Block) -> Iterator[Chunks]:
        """Yield the encoded chunks of a block, some at a time.

        Raises:
            OSError: a chunk of the maps cannot be read.

        """
        for window in windows(block.variable):
            values = self._bridge.run(self._window(block, window))
            boxes = [(block, values, window, box) for box in _boxes(window, block.variable.series[1:])]
            encoded = self._pool.map(_encoded, boxes)
            while some := dict(islice(encoded, _PUT)):
                yield some

    async def _window(self, block: Block, window: Spans) -> NDArray[Any]:
        """Return the values of all slots of a block, shape (slots, *window); zeros where the field is not there."""
        slots, *_ = block.variable.series
        values = np.zeros((slots, *map(len, window)), dtype=np.dtype(block.variable.dtype))
        size, gate = block.variable.chunks[1:], asyncio.Semaphore(_AT_ONCE)
        spans = (range(part.start // side, -(-part.stop // side)) for part, side in zip(window, size, strict=True))
        indices = list(product(*spans))

        async def place(slot: int, index: tuple[int, ...]) -> None:
            async with gate:
                found = await self._decoded(data(block.variable.name), (slot, *index))
                if found is not None:
                    _copy(values[slot - block.number * slots], window, found[0], index)

        await asyncio.gather(*(place(slot, index) for slot in block.slots for index in indices))
        return values

    async def _decoded(self, path: str, index: tuple[int, ...]) -> NDArray[Any] | None:
        """Return a chunk of the maps, decoded by a thread."""
        what = f"chunk {index} of {path}"
        array = await self._chunks.array(path)
        encoded = await self._chunks.get(chunk_key(path, index), what)
        if encoded is None:
            return None
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, decode, encoded, array.chunk)
        except (ValueError, RuntimeError) as error:
            raise OSError(f"{what} is damaged: {error}") from error


def windows(variable: Variable) -> Iterator[Spans]:
    """Cut a field into boxes of whole chunks for series, each of which meets few chunks of maps."""
    spans = []
    for length, new, old in zip(variable.shape, variable.series[1:], variable.chunks[1:], strict=True):
        step = max(1, old // new) * new
        spans.append([range(start, min(start + step, length)) for start in range(0, length, step)])
    return product(*spans)


def _boxes(window: Spans, size: tuple[int, ...]) -> Iterator[Spans]:
    """Cut a window into the boxes of single chunks."""
    parts = zip(window, size, strict=True)
    return product(
        *([range(at, min(at + side, span.stop)) for at in range(span.start, span.stop, side)] for span, side in parts)
    )


def _copy(values: NDArray[Any], window: Spans, chunk: NDArray[Any], index: tuple[int, ...]) -> None:
    """Copy into a window what it shares with a chunk."""
    into, out = [], []
    for span, side, at in zip(window, chunk.shape, index, strict=True):
        low, high = max(span.start, at * side), min(span.stop, (at + 1) * side)
        into.append(slice(low - span.start, high - span.start))
        out.append(slice(low - at * side, high - at * side))
    values[tuple(into)] = chunk[tuple(out)]


def _encoded(what: tuple[Block, NDArray[Any], Spans, Spans]) -> tuple[tuple[int, ...], bytes]:
    """Encode one box of a window, filled up at the far edges; with its index."""
    block, values, window, box = what
    size = block.variable.series
    spans = (slice(part.start - span.start, part.stop - span.start) for part, span in zip(box, window, strict=True))
    found = values[(slice(None), *spans)]
    if found.shape != size:
        whole = np.zeros(size, dtype=found.dtype)
        whole[tuple(map(slice, found.shape))] = found
        found = whole
    index = (part.start // side for part, side in zip(box, size[1:], strict=True))
    return (block.number, *index), encode(found)
