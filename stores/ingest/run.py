"""The ingest: makes a dataset hold what a set of files holds, and publishes it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from stores.ingest.crew import Crew
from stores.ingest.ledger import load
from stores.ingest.manifest import State
from stores.ingest.survey import survey
from stores.ingest.taking import Progress as Progress  # noqa: PLC0414 -- part of what callers need
from stores.ingest.taking import Taking
from stores.location import Location
from stores.writer import open_writer

KEPT: Final = timedelta(days=1)
"""How long versions are kept after others were published: longer than any request lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What an ingest did; files by name, in the order in which they win."""

    added: tuple[str, ...]
    replaced: tuple[str, ...]
    withdrawn: tuple[str, ...]
    kept: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    """(name, reason)."""
    left_out: tuple[tuple[str, str, str], ...] = ()
    """(name, variable, reason): of files that were taken otherwise."""
    steps: int
    """Of the dataset."""
    seconds: float
    bytes_read: int
    """Of files: those looked at and those read."""


def ingest(
    location: Location,
    dataset_id: str,
    files: Sequence[Path],
    *,
    crew: Crew,
    report: Callable[[Progress], None],
) -> Summary:
    """Make the dataset hold what `files` hold, reading only what changed, and publish it.

    May be killed at any moment and run again. Where no file can be taken nothing is withdrawn either: an empty folder
    is more likely a disk that is not there.

    Raises:
        LockedError: another process writes the dataset.
        LostChunkError: the store does not give back what was written; nothing is published.

    """
    started = time.monotonic()
    with open_writer(location, dataset_id) as writer:
        before = load(writer)
        found = survey(before, files, crew)
        run = Taking(location, writer, crew, found)
        if found.files:
            run.all(report)
        if run.state.description is not None:
            writer.publish()
        if run.changed:
            writer.collect(datetime.now(UTC) - KEPT)
        return _summary(before, run, time.monotonic() - started)


def _summary(before: State, run: Taking, seconds: float) -> Summary:
    after = run.state
    paths = [entry.path for entry in after.ranked]
    replaced = {
        path
        for path in paths
        if path in before.entries and before.entries[path].checksum != after.entries[path].checksum
    }

    def names(chosen: Sequence[str]) -> tuple[str, ...]:
        return tuple(Path(path).name for path in chosen)

    return Summary(
        added=names([path for path in paths if path not in before.entries]),
        replaced=names([path for path in paths if path in replaced]),
        withdrawn=names([path for path in before.entries if path not in after.entries]),
        kept=names([path for path in paths if path in before.entries and path not in replaced]),
        refused=tuple(run.found.refused),
        steps=len(after.steps),
        seconds=seconds,
        bytes_read=run.found.bytes_read + run.bytes_done,
    )
