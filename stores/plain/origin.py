"""The port under plain Zarr: where its documents and chunks come from."""

from dataclasses import dataclass
from typing import Final, Protocol

from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest

LARGEST: Final = 2**30
"""Bytes of one object, at most: what is larger is no chunk of a map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One metadata document as found now."""

    data: bytes
    stamp: str
    """Names what was found: another after each writing."""
    modified: int | None
    """When it was written, milliseconds since 1970-01-01T00:00:00Z; None where nobody says."""


class Origin(Protocol):
    """Reads the objects of one Zarr store.

    Absent is what is surely not there. All else that is not read whole is an error, which names store and key.
    """

    @property
    def name(self) -> str:
        """For messages to the operator: the folder or address, without what is secret in it."""
        ...

    async def document(self, key: str) -> Document | None:
        """Return a metadata document, None where there is none.

        Raises:
            OSError: it cannot be read.

        """
        ...

    async def stamp(self, key: str) -> str | None:
        """Return the stamp that `document` would give, None where there is no such document.

        Raises:
            OSError: it cannot be told.

        """
        ...

    async def read(self, key: str, request: ByteRequest | None) -> bytes | None:
        """Return a chunk, or exactly the part of it that `request` names; None where it was never written.

        Raises:
            OSError: it cannot be read, or ends before the part does.

        """
        ...

    async def names(self) -> list[str] | None:
        """List what lies directly in the store, in order; None where the origin cannot.

        Raises:
            OSError: it cannot be read.

        """
        ...

    async def close(self) -> None:
        """Let go of connections; what is under way fails."""
        ...


def checked_key(key: str) -> str:
    """Return `key` if it stays inside the store: names come from metadata, which others may have written.

    Raises:
        OSError: it does not.

    """
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in key.split("/")):
        raise OSError(f"{key[:200]!r} is no key of a Zarr store")
    return key


def bounds(request: ByteRequest | None, size: int) -> tuple[int, int]:
    """Return first byte and length of a part of an object of `size` bytes.

    Raises:
        OSError: the object is empty, too large, or ends before the part does. zarr-python takes an empty shard for
            one that was never written.

    """
    if request is None:
        start, stop = 0, size
    elif isinstance(request, RangeByteRequest):
        start, stop = request.start, request.end
    elif isinstance(request, OffsetByteRequest):
        start, stop = request.offset, size
    else:
        start, stop = size - request.suffix, size
    if size == 0:
        raise OSError("it is empty, which no chunk is")
    if not 0 <= start <= stop <= size:
        raise OSError(f"it ends at byte {size}, before the part that is due: it was cut short or rewritten")
    if stop - start > LARGEST:
        raise OSError(f"it has {stop - start} bytes, more than {LARGEST}")
    return start, stop - start
