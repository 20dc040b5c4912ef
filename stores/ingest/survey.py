"""Finds out which files are there, which of them can be taken, and what they hold."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from core.dataset import Description
from stores.ingest.crew import Crew, WorkerDiedError
from stores.ingest.elsewhere import mesh_among
from stores.ingest.fitting import CURE, Fitting
from stores.ingest.header import Header
from stores.ingest.manifest import INGEST_FORMAT, Entry, State
from stores.ingest.packing_table import PackingTable
from stores.ingest.plan import Found, triage
from stores.ingest.refusal import NoMesh, Unreadable
from stores.ingest.renewal import given_only
from stores.ingest.scan import Scanned, scan_whole, stat
from stores.ingest.sharing import Sharing
from stores.ingest.union import all_of, restricted, united

_ROLLED_BACK: Final = "it was rolled back: replace the file"

_OTHERWISE: Final = "an earlier release took it up otherwise: remove the dataset from the store and ingest it again"


@dataclass(slots=True, kw_only=True)
class Survey:
    """What an ingest has to work with; changes while files are looked at and turn out unreadable."""

    files: dict[str, Entry] = field(default_factory=dict)
    """By path: all that can be taken, as they are to be taken up."""
    frozen: set[str] = field(default_factory=set)
    """Paths of files that can no longer be read as they were taken up: they give what is stored of them."""
    headers: dict[str, Header] = field(default_factory=dict)
    """Of the files that were opened."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """(name, reason)."""
    packings: PackingTable = field(default_factory=PackingTable)
    rejected: Collection[str] = ()
    """Checksums of files that are not to be taken."""
    bytes_read: int = 0
    mesh: Path | None = None
    """The file that has the mesh of files that lack theirs."""

    def description(self, state: State) -> Description | None:
        """Return what the dataset will be once all files are taken up; None without any."""
        found = state.description
        for path, header in self.headers.items():
            if path in self.files and path not in self.frozen:
                found = united(found, restricted(header.description, self.files[path].variables))
        return found and restricted(found, all_of(entry.variables for entry in self.files.values()))

    def refuse(self, path: str, reason: str, state: State) -> None:
        """Do without a file; what was taken from it before, if anything, stays until it can be replaced."""
        self.refused.append((Path(path).name, reason))
        self.files.pop(path, None)
        self.freeze([path], state)

    def freeze(self, paths: Iterable[str], state: State) -> None:
        """Keep what is stored of files, if anything, and read nothing of them."""
        for path in paths:
            if path in state.entries and state.entries[path].checksum not in self.rejected:
                self.files[path] = given_only(state.entries[path], state)
                self.frozen.add(path)


def survey(
    state: State, paths: Sequence[Path], crew: Crew, *, rejected: Collection[str] = (), mesh: Path | None = None
) -> Survey:
    """Look at the files; those with the size and time of the last ingest are not opened.

    Files with a checksum in `rejected` are refused, and nothing of their content is kept. Where fields name a mesh that
    their file does not have, `mesh` is the file that has it; else it is looked for among the files themselves.
    """
    found = Survey(packings=PackingTable(state.packings), rejected=rejected, mesh=mesh)
    # A file without times was gone: if it is back it is as good as new.
    taken = {path: old for path, old in state.entries.items() if old.times}
    kept = {path: old for path, old in taken.items() if old.checksum not in rejected}
    split = triage(taken, list(_found(paths, found, state)))
    found.files.update({path: kept[path] for path in split.unchanged if path in kept})
    found.refused.extend((Path(path).name, _ROLLED_BACK) for path in split.unchanged if path not in kept)
    fitting, sharing = Fitting(state), Sharing()
    same = {old.checksum: old for old in state.entries.values() if not old.outdated}
    suspect = [Path(path) for path in split.suspect]
    for path, seen in _looked_at_twice(suspect, found, paths, crew):
        old = kept.get(str(path))
        reason = _refusal(seen, old, rejected) or (_misfit(seen, old, fitting) if isinstance(seen, Scanned) else "")
        if isinstance(seen, Scanned):
            found.bytes_read += seen.size
        if reason is None and isinstance(seen, Scanned):
            found.headers[str(path)] = sharing.header(seen.header)
            found.files[str(path)] = _entry(str(path), seen, same.get(seen.checksum), found.packings)
        else:
            found.refuse(str(path), reason or "", state)
    return found


def look(path: Path, mesh: str = "") -> Scanned | Unreadable:
    """Scan one file; a refusal is a result, so that it comes back from a worker like any other."""
    try:
        return scan_whole(path, mesh)
    except Unreadable as refusal:
        return refusal


def _found(paths: Sequence[Path], survey: Survey, state: State) -> Iterator[Found]:
    for path in sorted(paths, key=lambda path: (path.name, str(path))):
        try:
            size, modified = stat(path)
        except Unreadable as refusal:
            # It was listed: that it cannot be looked at does not say that it was withdrawn.
            survey.refuse(str(path), refusal.reason, state)
        else:
            yield Found(path=str(path), size=size, modified=modified)


def _looked_at_twice(
    suspect: Sequence[Path], found: Survey, paths: Sequence[Path], crew: Crew
) -> Iterator[tuple[Path, Scanned | Unreadable]]:
    """Scan files, those that lack their mesh once more if another file has it."""
    lacking: list[tuple[Path, NoMesh]] = []
    for path, seen in looked_at(suspect, crew, found.mesh):
        if isinstance(seen, NoMesh):
            lacking.append((path, seen))
        else:
            yield path, seen
    if lacking and found.mesh is None:
        try:
            found.mesh = crew.one(mesh_among, (lacking[0][1].mesh, sorted(paths)))
        except WorkerDiedError:
            # One of the files did it, which is refused for it by name.
            found.mesh = None
        if found.mesh is not None:
            yield from looked_at([path for path, _ in lacking], crew, found.mesh)
            return
    yield from lacking


def looked_at(
    paths: Sequence[Path], crew: Crew, mesh: Path | None = None
) -> Iterator[tuple[Path, Scanned | Unreadable]]:
    """Scan files in the crew; one that ends its process is refused like any other."""
    done = 0
    looking = partial(look, mesh="" if mesh is None else str(mesh))
    try:
        for seen in crew.each(looking, paths):
            yield paths[done], seen
            done += 1
    except WorkerDiedError:
        # One of those in flight did it: alone, it takes nobody with it.
        for path in paths[done:]:
            yield path, _alone(path, crew, looking)


def _alone(path: Path, crew: Crew, looking: Callable[[Path], Scanned | Unreadable]) -> Scanned | Unreadable:
    try:
        return crew.one(looking, path)
    except WorkerDiedError as error:
        return Unreadable(path.name, str(error))


def _refusal(seen: Scanned | Unreadable, old: Entry | None, rejected: Collection[str]) -> str | None:
    """Say what is wrong with a file itself, or None; `old` is what was taken from it before."""
    if isinstance(seen, Unreadable):
        return seen.reason
    if seen.checksum in rejected:
        return _ROLLED_BACK
    same = old is not None and old.outdated and old.checksum == seen.checksum
    lost = () if old is None or same else (name for name in seen.header.left_out if name in old.variables)
    # Else a damaged file would take away what the one before it gave.
    return next((f"variable {name}: {seen.header.left_out[name]}" for name in lost), None)


def _misfit(seen: Scanned, old: Entry | None, fitting: Fitting) -> str | None:
    """Say why a file cannot be part of the dataset, or None; `old` is what was taken from it before."""
    reason = fitting.misfit(seen.header)
    if reason is None or old is None or not old.outdated or old.checksum != seen.checksum:
        return reason
    return f"{_OTHERWISE} ({reason.removesuffix(f'; {CURE}')})"


def _entry(path: str, seen: Scanned, same: Entry | None, packings: PackingTable) -> Entry:
    """Return a file as it is to be taken up; `same` was taken up with the same bytes, under this or another name."""
    header = seen.header
    return Entry(
        path=path,
        size=seen.size,
        modified=seen.modified,
        checksum=seen.checksum,
        ingest_format=INGEST_FORMAT,
        times=tuple(int(time) for time in header.times),
        fixed=header.fixed,
        coordinates=header.coordinates,
        packing=packings.index(header.packings),
        statistics={} if same is None else same.statistics,
        by_time={} if same is None else same.by_time,
        reference=header.reference,
        left_out=dict(header.left_out),
        variables=frozenset(header.description.variables),
    )
