"""The ingest: makes a dataset hold what a set of files holds, and publishes it."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import icechunk

from stores.damage import Damage
from stores.failures import reason_of
from stores.ingest.crew import Crew
from stores.ingest.manifest import State
from stores.ingest.mending import Mended, mended
from stores.ingest.survey import Survey, survey
from stores.ingest.taking import Progress as Progress  # noqa: PLC0414 -- part of what callers need
from stores.ingest.taking import Taking
from stores.location import Location
from stores.rejected import rejected
from stores.writer import Writer, open_writer

KEPT: Final = timedelta(days=1)
"""How long versions are kept after others were published, where nothing else is asked for."""


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
    steps_before: int
    seconds: float
    bytes_read: int
    """Of files: those looked at and those read."""
    version: str | None
    """That is served now; None where nothing ever was."""


def ingest(  # noqa: PLR0913 -- what is wanted, who does it and who is told, by name
    location: Location,
    dataset_id: str,
    files: Sequence[Path],
    *,
    crew: Crew,
    report: Callable[[Progress], None],
    keep: timedelta = KEPT,
    unsettled: Collection[Path] = (),
    damage: Damage | None = None,
    mesh: Path | None = None,
) -> Summary:
    """Make the dataset hold what `files` hold, reading only what changed, and publish it.

    May be killed at any moment and run again. Where no file can be taken nothing is withdrawn either: an empty folder
    is more likely a disk that is not there. Contents that a rollback has rejected are not taken again.
    `keep` is how long a version can still be read after another one was published: longer than any request lasts.
    Of the `files` those `unsettled` are still being written: what was taken from them before stays. What the store has
    lost by `damage` is read again, where its files are as they were. Files that lack their mesh have that of `mesh`.

    Raises:
        LockedError: another process writes the dataset.
        LostChunkError: the store does not give back what was written; nothing is published.

    """
    started = time.monotonic()
    with open_writer(location, dataset_id) as writer:
        start = mended(location, writer, crew, damage or Damage(), mesh)
        found = _survey(writer, start, crew, [path for path in files if path not in unsettled], mesh)
        found.freeze(map(str, unsettled), start.sound)
        run = Taking(location, writer, crew, found, start.sound)
        if found.files:
            run.all(report)
        # What is worked out of many steps at once belongs here: all is committed, and nothing published yet.
        # Where all that is there turns out to be unreadable, what was served stays whatever was committed.
        if found.files and run.state.description is not None:
            writer.publish()
        if run.changed:
            _collect(writer, run, datetime.now(UTC) - keep)
        return _summary(start.before, run, time.monotonic() - started, writer.version)


def _survey(writer: Writer, start: Mended, crew: Crew, files: Sequence[Path], mesh: Path | None) -> Survey:
    """Look at the files; those that cannot give again what is damaged of theirs are named."""
    found = survey(start.sound, files, crew, rejected=rejected(writer), mesh=mesh)
    # A file that was opened has changed: its new content is read, or it is refused by name already.
    unread = [path for path in start.amiss if path in found.files and path not in found.headers]
    found.refused.extend((Path(path).name, f"what is damaged of it stays: {start.amiss[path]}") for path in unread)
    return found


def _collect(writer: Writer, run: Taking, older_than: datetime) -> None:
    try:
        writer.collect(older_than)
    except icechunk.IcechunkError as error:
        # All is published by now. Versions that are damaged keep nobody from new data: the next ingest tries again.
        run.found.refused.append(("old versions", f"they cannot be collected: {reason_of(error)}"))


def _summary(before: State, run: Taking, seconds: float, version: str | None) -> Summary:
    after = run.state
    # What is gone may stay among the entries for a while, for what has no time.
    there = [entry for entry in after.ranked if entry.path in run.found.files]
    known = [entry for entry in there if entry.path in before.entries]
    replaced = {entry.path for entry in known if entry.checksum != before.entries[entry.path].checksum}
    gone = [entry for path, entry in before.entries.items() if path not in run.found.files and entry.times]
    return Summary(
        added=tuple(entry.name for entry in there if entry.path not in before.entries),
        replaced=tuple(entry.name for entry in known if entry.path in replaced),
        withdrawn=tuple(entry.name for entry in gone) if run.found.files else (),
        kept=tuple(entry.name for entry in known if entry.path not in replaced),
        refused=tuple(run.found.refused),
        left_out=tuple((entry.name, name, reason) for entry in there for name, reason in entry.left_out.items()),
        steps=len(after.steps),
        steps_before=len(before.steps),
        version=version,
        seconds=seconds,
        bytes_read=run.found.bytes_read + run.bytes_done,
    )
