"""What has been taken up: the source files and the steps they gave, as the store's documents keep them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from core.dataset import Description
from core.packing import Packing
from stores.documents import DocumentError
from stores.ingest.statistics import Contribution
from stores.values import plain, typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One source file: a `stores.documents.SourceFile` and what only the ingest needs."""

    path: str
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    checksum: str
    times: tuple[int, ...]
    """All that the file holds, milliseconds, in file order."""
    fixed: str
    """Digest of its variables without time."""
    coordinates: str
    """Digest of its horizontal coordinates."""
    packing: int
    """Index into the packings of the dataset."""
    statistics: Mapping[str, Contribution] = field(default_factory=dict)
    """By field."""

    @property
    def rank(self) -> tuple[str, int, str]:
        """Files of a higher rank win where times coincide: the later name, then the later modification."""
        return PurePath(self.path).name, self.modified, self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where the data of one time lie, and from which file."""

    path: str
    slot: int
    revision: int
    packing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that the ingest knows of a dataset at one commit."""

    description: Description | None = None
    """None before the first file."""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By path."""
    steps: Mapping[int, Placed] = field(default_factory=dict)
    """By time."""
    packings: tuple[Mapping[str, Packing], ...] = ()

    @property
    def ranked(self) -> list[Entry]:
        """The files, the one that wins last."""
        return sorted(self.entries.values(), key=lambda entry: entry.rank)

    @property
    def newest(self) -> Entry | None:
        """The file that global attributes and variables without time come from."""
        return max(self.entries.values(), key=lambda entry: entry.rank, default=None)

    def rows(self) -> NDArray[np.int64]:
        """Return the step table; the source of a step is its file's place in `ranked`."""
        place = {entry.path: index for index, entry in enumerate(self.ranked)}
        rows = [
            (time, step.slot, step.revision, step.packing, place[step.path])
            for time, step in sorted(self.steps.items())
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, 5)


def steps_of(rows: NDArray[np.int64], entries: Sequence[Entry]) -> dict[int, Placed]:
    """Read a step table whose sources are places in `entries`."""
    return {
        int(time): Placed(path=entries[source].path, slot=int(slot), revision=int(revision), packing=int(packing))
        for time, slot, revision, packing, source in rows.tolist()
    }


def write_entries(entries: Sequence[Entry]) -> bytes:
    """Write `meta/sources`, with members that other readers pass over."""
    return json.dumps(plain(list(entries))).encode("ascii")


def read_entries(text: bytes) -> tuple[Entry, ...]:
    """Read `meta/sources`.

    Raises:
        DocumentError: it is something else.

    """
    try:
        found: tuple[Entry, ...] = typed(tuple[Entry, ...], json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise DocumentError(f"the document sources cannot be read: {error!r}") from error
    return found
