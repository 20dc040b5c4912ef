"""Compares source files with the checksums that they had when they were taken."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from stores.ingest.crew import Crew
from stores.ingest.refusal import Unreadable
from stores.ingest.scan import checksum_of


def differences(sources: Sequence[tuple[str, str]], crew: Crew) -> Iterator[tuple[str, str | None]]:
    """Yield each path of (path, checksum) and what is wrong with the file, None where nothing is.

    Raises:
        WorkerDiedError: a worker of the crew died.

    """
    found = crew.each(_read, [path for path, _ in sources])
    for (path, checksum), now in zip(sources, found, strict=True):
        if isinstance(now, Unreadable):
            yield path, now.reason
        else:
            yield path, None if now == checksum else "its content is not the one that was taken"


def _read(path: str) -> str | Unreadable:
    """Return the checksum of a file; a refusal is a result, so that it comes back from a worker like any other."""
    try:
        return checksum_of(Path(path))
    except Unreadable as refusal:
        return refusal
