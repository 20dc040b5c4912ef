"""Chunks for zarr-python, which takes what it is not given for never written: so a failure is never "not given"."""

import struct
from collections.abc import AsyncIterator, Container, Iterable
from typing import Final, NoReturn

from zarr.abc.store import ByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype

from stores.plain.origin import Origin

_BLOSC_HEADER: Final = struct.Struct("<BBBBIII")
"""Versions, flags, size of an element, then bytes before compression, of a block, after compression."""


class ChunkStore(Store):
    """A zarr-python store that reads chunks of one origin and nothing else."""

    def __init__(self, origin: Origin, framed: Container[str]) -> None:
        """Read from `origin`; chunks of the arrays in `framed` are Blosc frames.

        Blosc reads beyond the end of a frame that was cut short, and returns what it finds there.
        """
        super().__init__(read_only=True)
        self._origin = origin
        self._framed = framed

    def __eq__(self, other: object) -> bool:
        """Tell whether both read from the same origin."""
        return isinstance(other, ChunkStore) and other._origin is self._origin

    __hash__ = None  # type: ignore[assignment]

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        """Return a chunk, or a part of it; None only where it was never written.

        Raises:
            OSError: it cannot be read, or was cut short.

        """
        found = await self._origin.read(key, byte_range)
        if found is None:
            return None
        if byte_range is None and key.partition("/")[0] in self._framed:
            _check_frame(found, key)
        return prototype.buffer.from_bytes(found)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Return parts of chunks."""
        return [await self.get(key, prototype, part) for key, part in key_ranges]

    async def exists(self, key: str) -> bool:
        """Tell whether a chunk was ever written."""
        return await self._origin.read(key, None) is not None

    @property
    def supports_writes(self) -> bool:
        """No."""
        return False

    @property
    def supports_deletes(self) -> bool:
        """No."""
        return False

    @property
    def supports_listing(self) -> bool:
        """No: not every origin can."""
        return False

    async def set(self, key: str, value: Buffer) -> NoReturn:
        """Refuse to write."""
        raise NotImplementedError

    async def delete(self, key: str) -> NoReturn:
        """Refuse to delete."""
        raise NotImplementedError

    def list(self) -> AsyncIterator[str]:
        """Refuse to list."""
        raise NotImplementedError

    def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Refuse to list."""
        raise NotImplementedError

    def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Refuse to list."""
        raise NotImplementedError


def _check_frame(data: bytes, key: str) -> None:
    if len(data) < _BLOSC_HEADER.size:
        raise OSError(f"{key}: {len(data)} bytes are too few for a Blosc frame")
    size = _BLOSC_HEADER.unpack_from(data)[-1]
    if size != len(data):
        raise OSError(f"{key}: it has {len(data)} bytes where its Blosc header says {size}: it was cut short")
