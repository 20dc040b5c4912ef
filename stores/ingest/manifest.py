"""What has been taken up: the source files and the steps they gave, as the store's documents keep them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.dataset import Description
from core.packing import Packing
from stores.ingest.statistics import Contribution

INGEST_FORMAT: Final = 3
"""Raised when the same file would be described or stored otherwise: all files are then read again."""

Rank = tuple[bool, int, str, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Variables that are stored of a file, and the times at which they are."""

    variables: tuple[str, ...]
    times: tuple[int, ...]
    """Milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One source file: a `stores.documents.SourceFile` and what only the ingest needs."""

    path: str
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    checksum: str
    ingest_format: int = 1
    """The `INGEST_FORMAT` in which it was taken up: other software may have understood the same bytes otherwise."""
    times: tuple[int, ...]
    """All that the file holds, milliseconds, in file order; one 0 for a file without time."""
    fixed: str
    """Digest of its variables without time, packed as they are; empty for a file that has no time at all."""
    coordinates: str
    """Digest of its horizontal coordinates."""
    packing: int
    """Index into the packings of the dataset."""
    statistics: Mapping[str, Contribution] = field(default_factory=dict)
    """By field without time."""
    by_time: Mapping[int, Mapping[str, Contribution]] = field(default_factory=dict)
    """By time, by field: of what was read of it, which may have been won by another file since."""
    reference: int | None = None
    """Reference time of the forecast run, milliseconds; None where the file names none."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What of the file is not taken, and why."""
    given: tuple[Given, ...] | None = None
    """Of a file that can no longer be read: what is still stored of it; None where all that it has can be had."""
    variables: frozenset[str] = frozenset()
    """Those that are taken. The document says which of the dataset's the file lacks."""

    rank: Rank = field(init=False, repr=False, compare=False)
    """Files of a higher rank win where times coincide: the later run, then name, then modification."""

    def __post_init__(self) -> None:
        """Work out the rank once: thousands of files are sorted again and again."""
        rank = self.reference is not None, self.reference or 0, self.name, self.modified, self.path
        object.__setattr__(self, "rank", rank)

    @property
    def content(self) -> tuple[str, int]:
        """What is equal of files that are stored alike."""
        return self.checksum, self.ingest_format

    @property
    def outdated(self) -> bool:
        """Whether it was taken up by software that stored it otherwise."""
        return self.ingest_format != INGEST_FORMAT

    @property
    def name(self) -> str:
        """Of the file, without folders."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one file gives to one step."""

    path: str
    revision: int
    """Names what the file holds of that time."""
    variables: frozenset[str]
    whole: bool
    """Whether that is all the file holds of that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One step as it is stored. A variable is in one piece at most."""

    slot: int
    revision: int
    """Names the content: `stores.ingest.pieces.revision_of` the pieces."""
    packing: int
    pieces: tuple[Piece, ...]
    """By rank of their files; empty where it is not known which file gave what: then all is read again."""
    path: str
    """Of the file of the highest rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that the ingest knows of a dataset at one commit."""

    description: Description | None = None
    """None before the first file."""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By path. A file that is gone stays, without times, as long as what has no time is still that of it."""
    steps: Mapping[int, Placed] = field(default_factory=dict)
    """By time."""
    packings: tuple[Mapping[str, Packing], ...] = ()
    lost: frozenset[str] = frozenset()
    """Variables without time whose stored values are to be read again."""

    @property
    def ranked(self) -> list[Entry]:
        """The files, the one that wins last."""
        return sorted(self.entries.values(), key=attrgetter("rank"))

    @property
    def newest(self) -> Entry | None:
        """The file that global attributes come from."""
        return max(self.entries.values(), key=attrgetter("rank"), default=None)

    @property
    def fixed(self) -> dict[str, Entry]:
        """The file that each variable without time comes from: the newest that has it; none for what is lost."""
        if self.description is None:
            return {}
        found: dict[str, Entry] = {}
        left = {name for name, variable in self.description.variables.items() if not variable.stepped} - self.lost
        for entry in reversed(self.ranked):
            given = entry.variables & left
            found |= dict.fromkeys(given, entry)
            left -= given
            if not left:
                break
        return found

    def rows(self) -> NDArray[np.int64]:
        """Return the step table; the source of a step is its file's place in `ranked`."""
        place = {entry.path: index for index, entry in enumerate(self.ranked)}
        rows = [
            (time, step.slot, step.revision, step.packing, place[step.path])
            for time, step in sorted(self.steps.items())
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, 5)
