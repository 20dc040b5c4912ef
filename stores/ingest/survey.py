"""Finds out which files are there, which of them can be taken, and what they hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.dataset import Description
from core.packing import Packing
from stores.ingest.crew import Crew, WorkerDiedError
from stores.ingest.difference import difference
from stores.ingest.header import Header
from stores.ingest.manifest import Entry, State
from stores.ingest.plan import Found, triage
from stores.ingest.refusal import Unreadable
from stores.ingest.scan import Scanned, scan_whole, stat
from stores.layout import NodeNameError, data


@dataclass(slots=True, kw_only=True)
class Survey:
    """What an ingest has to work with; grows while the files are looked at."""

    files: dict[str, Entry] = field(default_factory=dict)
    """By path: all that can be taken, as they are to be taken up."""
    headers: dict[str, Header] = field(default_factory=dict)
    """Of the files that were opened."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """(name, reason)."""
    packings: list[Mapping[str, Packing]] = field(default_factory=list)
    description: Description | None = None
    """Of the dataset: from the first file that was ever taken."""
    bytes_read: int = 0


def survey(state: State, paths: Sequence[Path], crew: Crew) -> Survey:
    """Look at the files; those with the size and time of the last ingest are not opened."""
    found = Survey(packings=list(state.packings), description=state.description)
    there = list(_found(paths, found))
    split = triage(state.entries, there)
    found.files.update({path: state.entries[path] for path in split.unchanged})
    for path, seen in looked_at([Path(path) for path in split.suspect], crew):
        old = state.entries.get(str(path))
        reason = seen.reason if isinstance(seen, Unreadable) else _misfit(state, found, seen.header)
        if isinstance(seen, Scanned):
            found.bytes_read += seen.size
        if reason is None and isinstance(seen, Scanned):
            found.headers[str(path)] = seen.header
            found.files[str(path)] = _entry(str(path), seen, state, found)
            continue
        found.refused.append((path.name, reason or ""))
        if old is not None:
            # What was taken from it before stays until it can be replaced.
            found.files[str(path)] = old
    return found


def look(path: Path) -> Scanned | Unreadable:
    """Scan one file; a refusal is a result, so that it comes back from a worker like any other."""
    try:
        return scan_whole(path)
    except Unreadable as refusal:
        return refusal


def _found(paths: Sequence[Path], survey: Survey) -> Iterator[Found]:
    for path in sorted(paths, key=lambda path: (path.name, str(path))):
        try:
            size, modified = stat(path)
        except Unreadable as refusal:
            survey.refused.append((refusal.name, refusal.reason))
        else:
            yield Found(path=str(path), size=size, modified=modified)


def looked_at(paths: Sequence[Path], crew: Crew) -> Iterator[tuple[Path, Scanned | Unreadable]]:
    """Scan files in the crew; one that ends its process is refused like any other."""
    done = 0
    try:
        for seen in crew.each(look, paths):
            yield paths[done], seen
            done += 1
    except WorkerDiedError:
        # One of those in flight did it: alone, it takes nobody with it.
        for path in paths[done:]:
            yield path, _alone(path, crew)


def _alone(path: Path, crew: Crew) -> Scanned | Unreadable:
    try:
        return crew.one(look, path)
    except WorkerDiedError as error:
        return Unreadable(path.name, str(error))


def _misfit(state: State, survey: Survey, header: Header) -> str | None:
    """Say why a file cannot be part of the dataset, or make it the first."""
    try:
        for name in header.description.variables:
            data(name)
    except NodeNameError as error:
        return str(error)
    if survey.description is None:
        survey.description = header.description
        return None
    found = difference(survey.description, header.description)
    coordinates = {entry.coordinates for entry in (*state.entries.values(), *survey.files.values())}
    if found is None and coordinates and header.coordinates not in coordinates:
        found = "its horizontal coordinates are others"
    return None if found is None else f"it does not fit the dataset: {found}"


def _entry(path: str, seen: Scanned, state: State, survey: Survey) -> Entry:
    header = seen.header
    if header.packings not in survey.packings:
        survey.packings.append(header.packings)
    entry = Entry(
        path=path,
        size=seen.size,
        modified=seen.modified,
        checksum=seen.checksum,
        times=tuple(int(time) for time in header.times),
        fixed=header.fixed,
        coordinates=header.coordinates,
        packing=survey.packings.index(header.packings),
    )
    # The same bytes under this or another name contribute the same.
    same = next((old for old in state.entries.values() if old.checksum == seen.checksum), None)
    return entry if same is None else replace(entry, statistics=same.statistics)
