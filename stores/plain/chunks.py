"""Reads map-shaped chunks of a plain Zarr store: puts them together from the chunks that are stored."""

import asyncio
import lzma
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from zarr import AsyncArray

from core.dataset import Description, Variable
from stores.base import VersionGoneError
from stores.cache import CacheKey, ChunkCache
from stores.plain.blocks import Index, Piece, block_slices
from stores.plain.header import unit_of
from stores.plain.kept import TEXT, kept, kept_dtype
from stores.reader import Offload

DAMAGED: Final = (
    ArithmeticError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    zlib.error,
)
"""What codecs say of bytes that they cannot decode."""
_AT_ONCE: Final = 16
"""Stored chunks that are read and decoded at the same time, for one dataset."""
_ON_LOOP: Final = 2**18
"""Bytes that are put together in about 0.1 ms."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One variable: its stored array, and how that becomes what is asked for."""

    array: AsyncArray[Any]
    variable: Variable
    shape: Index
    """As asked for: slots where it is stepped, then `Variable.shape`."""
    order: Index
    """The dimension of the stored array behind each one asked for; none behind the slot of a scalar time."""
    unit: Index
    """Shape of what is read and decoded in one go, in stored order."""
    fill: Any
    """Of what was never written, in the type that is served."""

    def piece(self, chunk: Index) -> Piece:
        """Return where a chunk lies in the stored array."""
        sizes = self.variable.chunks[len(self.variable.chunks) - len(self.order) :]
        starts = [place * size for place, size in zip(chunk[len(chunk) - len(self.order) :], sizes, strict=True)]
        by_stored = sorted(range(len(self.order)), key=lambda place: self.order[place])
        return Piece(
            start=tuple(starts[place] for place in by_stored),
            size=tuple(sizes[place] for place in by_stored),
            shape=tuple(self.array.shape),
        )

    def assembled(self, piece: Piece, blocks: Mapping[Index, NDArray[Any]]) -> NDArray[Any]:
        """Return the chunk that was asked for, whole and read-only."""
        found = piece.assembled(blocks, self.unit, self.fill).transpose(self.order)
        chunk = np.ascontiguousarray(found).reshape(self.variable.chunks)
        chunk.flags.writeable = False
        return chunk


def parts_of(arrays: Mapping[str, AsyncArray[Any]], description: Description, steps: int) -> dict[str, Part]:
    """Return how each variable of a dataset is read; `steps` is the number of slots."""
    found = {}
    for name, variable in description.variables.items():
        array = arrays[name]
        fill = array.metadata.fill_value
        dtype = array.dtype
        empty = np.zeros(1, dtype) if fill is None else np.asarray([fill]).astype(dtype)
        found[name] = Part(
            array=array,
            variable=variable,
            shape=(steps, *variable.shape) if variable.stepped else variable.shape,
            order=_order(variable, description),
            unit=unit_of(array),
            fill=kept(empty, variable.dtype)[0],
        )
    return found


def _order(variable: Variable, description: Description) -> Index:
    time = description.time.dimension if description.time is not None else ""
    if variable.grid is None:
        rest = [name for name in variable.dimensions if name != time or not variable.stepped]
    else:
        grid = description.grids[variable.grid]
        rows, columns = (description.variables[name].dimensions[0] for name in (grid.y, grid.x))
        rest = [*variable.axes, rows, columns]
    stepped = [time] if variable.stepped and time in variable.dimensions else []
    return tuple(variable.dimensions.index(name) for name in [*stepped, *rest])


class StoredBlocks:
    """A `stores.base.ChunkReader` of the chunks that are stored, in stored order; edges are cut off."""

    def __init__(self, parts: Mapping[str, Part], *, version: str, name: str) -> None:
        """Read `parts`, by `stored/NAME`; `name` stands for the store in messages."""
        self._parts = {f"stored/{variable}": part for variable, part in parts.items()}
        self._version = version
        self._name = name
        self._turn = asyncio.Semaphore(_AT_ONCE)

    @property
    def version(self) -> str:
        """Name of what was found when the store was opened."""
        return self._version

    async def read(self, array: str, chunk: Index) -> NDArray[Any]:
        """Return one block, read-only, in the type that is served; the fill value where it was never written.

        Raises:
            OSError: it cannot be read or decoded.

        """
        part = self._parts[array]
        async with self._turn:
            where = block_slices(chunk, part.unit, tuple(part.array.shape))
            return await _piece(part.array, where, f"{self._name}: block {chunk} of {array}")


async def whole(array: AsyncArray[Any], what: str) -> NDArray[Any]:
    """Return all of an array in the type that is served, read-only; `what` names it in messages.

    Raises:
        OSError: it cannot be read or decoded.

    """
    return await _piece(array, ..., what)


async def _piece(array: AsyncArray[Any], where: Any, what: str) -> NDArray[Any]:
    try:
        found = kept(np.asarray(await array.getitem(where)), kept_dtype(array.dtype) or TEXT)
    except DAMAGED as error:
        raise OSError(f"{what} cannot be read: {str(error) or type(error).__name__}") from error
    found.flags.writeable = False
    return found


class PlainChunks:
    """A `stores.base.ChunkReader` of a plain Zarr store as it was found.

    Stored chunks are kept in the cache that is shared with what is put together of them, and each is decoded once
    for all who ask at the same time.
    """

    def __init__(
        self,
        blocks: StoredBlocks,
        parts: Mapping[str, Part],
        *,
        cache: tuple[ChunkCache, str],
        is_current: Callable[[str], Awaitable[bool]],
        offload: Offload,
    ) -> None:
        """Read `parts` by way of `blocks`.

        Args:
            blocks: the stored chunks.
            parts: by variable.
            cache: where stored chunks are kept, and under which dataset.
            is_current: tells whether the metadata of a variable is still what was found.
            offload: runs the work on large chunks off the event loop.

        """
        self._blocks = blocks
        self._parts = {f"data/{name}": part for name, part in parts.items()}
        self._cache, self._dataset = cache
        self._is_current = is_current
        self._offload = offload
        self._revision = int(blocks.version[:15], 16)

    @property
    def version(self) -> str:
        """Name of what was found when the store was opened."""
        return self._blocks.version

    async def read(self, array: str, chunk: Index) -> NDArray[Any] | None:
        """Return one chunk, whole and read-only, or None beyond the end of the array.

        What was never written is the fill value (Zarr core specification v3.1, "fill_value").

        Raises:
            VersionGoneError: the metadata was written again meanwhile.
            OSError: the array is not there, or a stored chunk cannot be read or decoded.
            ValueError: the index is none of the array's.

        """
        part = self._parts.get(array)
        if part is None:
            raise OSError(f"dataset {self._dataset}: there is no array {array}")
        if len(chunk) != len(part.variable.chunks) or any(place < 0 for place in chunk):
            raise ValueError(f"{chunk} is not the index of a chunk of {array}, which has shape {part.shape}")
        if any(
            place * size >= length for place, size, length in zip(chunk, part.variable.chunks, part.shape, strict=True)
        ):
            return None
        piece = part.piece(chunk)
        try:
            blocks = await self._read(part, piece)
        except OSError as error:
            raise OSError(f"dataset {self._dataset}: chunk {chunk} of {array}: {error}") from error
        # Asked when all is read: what lies in a store that is gone by then was never written there.
        if not await self._is_current(part.variable.name):
            raise VersionGoneError(f"dataset {self._dataset}: the metadata of {array} was written again")
        if part.array.dtype.itemsize * np.prod(piece.size, dtype=np.int64) <= _ON_LOOP:
            return part.assembled(piece, blocks)
        return await self._offload(lambda: part.assembled(piece, blocks))

    async def _read(self, part: Part, piece: Piece) -> dict[Index, NDArray[Any]]:
        wanted = piece.blocks(part.unit)
        keys = [
            CacheKey(dataset=self._dataset, array=f"stored/{part.variable.name}", chunk=index, revision=self._revision)
            for index in wanted
        ]
        found = await asyncio.gather(*(self._cache.read(self._blocks, key) for key in keys))
        return {index: block for index, block in zip(wanted, found, strict=True) if block is not None}
