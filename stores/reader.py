"""Reads chunks of one version of a store: key, bytes, checksum, decoded array."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import icechunk
from numpy.typing import NDArray

from stores.arrays import ArrayMetadata, read_array
from stores.base import VersionGoneError
from stores.codec import decode
from stores.failures import reason_of
from stores.fetching import PATIENCE, fetch, within
from stores.layout import chunk_key, metadata_key

Offload = Callable[[Callable[[], NDArray[Any]]], Awaitable[NDArray[Any]]]
"""Runs work off the event loop, as `gateway.workers.Workers.run` does."""

_ON_LOOP: Final = 2**20
"""Decoded bytes: up to here decoding takes about 0.2 ms, no more than handing it to a thread."""


class IcechunkChunks:
    """A `stores.base.ChunkReader` of one snapshot."""

    def __init__(
        self,
        session: icechunk.Session,
        dataset_id: str,
        *,
        is_kept: Callable[[], Awaitable[bool]],
        offload: Offload | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Read from a read-only session, waiting `patience` seconds for each answer.

        `is_kept` tells whether the snapshot is still there, and is asked after a failure only.
        """
        self._patience = patience
        self._store = session.store
        self._version = session.snapshot_id
        self._dataset_id = dataset_id
        self._is_kept = is_kept
        self._offload = offload
        self._arrays: dict[str, ArrayMetadata] = {}

    @property
    def version(self) -> str:
        """Name of the immutable snapshot that is read."""
        return self._version

    async def read(self, array: str, chunk: tuple[int, ...]) -> NDArray[Any] | None:
        """Return one chunk as stored (still packed, read-only), or None where nothing was ever written.

        Raises:
            VersionGoneError: the snapshot was collected.
            OSError: the array is not there, or the chunk cannot be read or fails its checksum.
            ValueError: the index is none of the array's.

        """
        metadata = self._arrays.get(array) or await self.array(array)
        if len(chunk) != len(metadata.chunks) or any(part < 0 for part in chunk):
            raise ValueError(f"{chunk} is not the index of a chunk of {array}, which has shape {metadata.shape}")
        encoded = await self.get(chunk_key(array, chunk), f"chunk {chunk} of {array}")
        if encoded is None:
            return None
        try:
            if self._offload is None or metadata.chunk.nbytes <= _ON_LOOP:
                return decode(encoded, metadata.chunk)
            return await self._offload(lambda: decode(encoded, metadata.chunk))
        except (ValueError, RuntimeError) as error:
            raise OSError(f"dataset {self._dataset_id}: chunk {chunk} of {array} is damaged: {error}") from error

    async def array(self, path: str) -> ArrayMetadata:
        """Return the metadata of an array.

        Raises:
            VersionGoneError: the snapshot was collected.
            OSError: there is no such array, or it cannot be read.

        """
        raw = await self.get(metadata_key(path), f"the metadata of {path}")
        if raw is None:
            raise OSError(f"dataset {self._dataset_id}: version {self._version} has no array {path}")
        try:
            self._arrays[path] = read_array(bytes(raw))
        except ValueError as error:
            raise OSError(f"dataset {self._dataset_id}: the array {path} cannot be read: {error}") from error
        return self._arrays[path]

    async def get(self, key: str, what: str) -> memoryview | None:
        """Return the value of a key, None where it was never written; `what` names it in messages.

        Raises:
            VersionGoneError: the snapshot was collected.
            OSError: it cannot be read.

        """
        try:
            found = await within(self._patience, fetch(self._store, key))
        except TimeoutError as error:
            raise OSError(f"dataset {self._dataset_id}: {what} cannot be read: {error}") from error
        except icechunk.IcechunkError as error:
            if await self._is_kept():
                reason = reason_of(error)
                raise OSError(f"dataset {self._dataset_id}: {what} cannot be read: {reason}") from error
            raise VersionGoneError(f"dataset {self._dataset_id}: version {self._version} was collected") from error
        return None if found is None else found.as_numpy_array().data
