"""What a verification has found, as values. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Chunk = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a store that is not as it should be."""

    path: str
    """Of the array."""
    reason: str
    chunk: Chunk | None = None
    """Index of the chunk where it is one."""

    @property
    def what(self) -> str:
        """Path and index for people."""
        return self.path if self.chunk is None else f"{self.path} chunk {'.'.join(map(str, self.chunk)) or '0'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What of one version is damaged or missing."""

    chunks: tuple[tuple[str, Chunk], ...] = ()
    """Path of the array and index."""
    arrays: tuple[str, ...] = ()
    """Paths of those that are lost as a whole."""
    revisions: Mapping[int, int] = field(default_factory=dict)
    """What each slot held in that version: it may hold something else by now."""

    @property
    def paths(self) -> frozenset[str]:
        """Return the arrays of which something is damaged."""
        return frozenset((*self.arrays, *(path for path, _ in self.chunks)))
