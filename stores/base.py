"""The ports of the stores: what the gateway may ask of them."""

from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from core.dataset import Dataset


class VersionGoneError(Exception):
    """The snapshot was collected: reopen the dataset, and never take it for absent."""


class ChunkReader(Protocol):
    """Reads chunks of one version of one dataset.

    Every reader is run through `tests/contracts/test_chunk_readers.py`.
    """

    @property
    def version(self) -> str:
        """Name of the immutable snapshot that is read."""
        ...

    async def read(self, array: str, chunk: tuple[int, ...]) -> NDArray[Any] | None:
        """Return one chunk (still packed, read-only), or None where nothing was ever written and nothing is meant.

        `array` is a path in the store: `data/thetao`, `overviews/4/thetao`, `geometry/g0/edges`. A chunk at the
        far edge is returned whole; what lies beyond the array's shape means nothing.

        Raises:
            VersionGoneError: the version was collected, or written over where there is but one.
            OSError: the chunk exists but cannot be read or fails its checksum; the message names array and chunk.

        """
        ...


class DatasetSource(Protocol):
    """One dataset that changes from version to version."""

    @property
    def id(self) -> str:
        """As the configuration names it."""
        ...

    async def open(self) -> tuple[Dataset, ChunkReader]:
        """Return the version that is published now and a reader of it.

        Raises:
            OSError: it cannot be read now (never: "no such dataset").

        """
        ...


@runtime_checkable
class Watched(Protocol):
    """A source that may tell cheaply that nothing is new."""

    @property
    def watched(self) -> bool:
        """Whether it can, where it lies."""
        ...

    def newest(self) -> bool:
        """Tell, by one short look that may block, that the version last opened is the one published now.

        False where that is not certain: `open` tells.
        """
        ...


@runtime_checkable
class Closing(Protocol):
    """A source that holds connections."""

    async def close(self) -> None:
        """Let go of them; what is under way fails."""
        ...
