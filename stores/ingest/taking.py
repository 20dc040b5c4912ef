"""Takes up the files of one dataset one by one, each in a commit that is read back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from core.attributes import text_of
from core.dataset import CurvilinearGrid, Description
from stores.ingest.crew import Crew, WorkerDiedError
from stores.ingest.geometry import Asked, build_geometry
from stores.ingest.ledger import LostChunkError, Written, load, make_arrays, put_geometry, save
from stores.ingest.manifest import Entry, Placed, State
from stores.ingest.parts import Part, Task, fixed_parts, stepped_parts, tasks
from stores.ingest.plan import Reading, plan, reowned, revision, slots_for
from stores.ingest.reading import read_task
from stores.ingest.refusal import Unreadable
from stores.ingest.scan import scan
from stores.ingest.statistics import Contribution, joined
from stores.ingest.survey import Survey
from stores.location import Location
from stores.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an ingest is."""

    file: str
    """Name of the file that is read."""
    bytes_done: int
    bytes_total: int
    """Of the files that are to be read."""


class Taking:
    """One ingest under way."""

    def __init__(self, location: Location, writer: Writer, crew: Crew, found: Survey) -> None:
        """Begin where the last commit left off."""
        self.location, self.writer, self.crew, self.found = location, writer, crew, found
        self.state = load(writer)
        self.written = Written()
        self.changed = False
        self.bytes_done = 0

    def all(self, report: Callable[[Progress], None]) -> None:
        """Take up everything; a file that turns out unreadable is left out, and the rest planned anew."""
        while self.found.files:
            todo = plan(self.state.steps, self.found.files.values())
            refused = next((path for path, refusal in self._each(todo.readings, report) if refusal), None)
            if refused is None:
                self._tidy()
                return

    def _each(
        self, readings: Sequence[Reading], report: Callable[[Progress], None]
    ) -> Iterator[tuple[str, str | None]]:
        self._tidy()
        total = self.bytes_done + sum(self.found.files[reading.path].size for reading in readings)
        for reading in readings:
            report(Progress(file=Path(reading.path).name, bytes_done=self.bytes_done, bytes_total=total))
            refusal = self._try(reading)
            self.bytes_done += 0 if refusal else self.found.files[reading.path].size
            yield reading.path, refusal
        report(Progress(file="", bytes_done=self.bytes_done, bytes_total=total))

    def _try(self, reading: Reading) -> str | None:
        """Take up one file, or say why not."""
        try:
            self._take(reading)
        except (Unreadable, WorkerDiedError, MemoryError) as error:
            self._forget()
            reason = _reason(error)
            self.found.refused.append((Path(reading.path).name, reason))
            del self.found.files[reading.path]
            old = self.state.entries.get(reading.path)
            if old is not None and any(step.path == reading.path for step in self.state.steps.values()):
                self.found.files[reading.path] = replace(old, times=self._held(old))
            return reason
        return None

    def _forget(self) -> None:
        self.writer.discard()
        self.written = Written()

    def _held(self, entry: Entry) -> tuple[int, ...]:
        """Return the times of a file of which the store holds the content."""
        steps = self.state.steps
        return tuple(
            time
            for index, time in enumerate(entry.times)
            if time in steps and steps[time].revision == revision(entry.checksum, index)
        )

    def _take(self, reading: Reading) -> None:
        entry = self.found.files[reading.path]
        description = self._description(entry)
        slots = slots_for(self.state.steps, [time for time, _ in reading.steps])
        packings = self.found.packings[entry.packing]
        make_arrays(self.writer, description, packings, self._capacity(slots))
        steps = [(index, slots[time]) for time, index in reading.steps]
        found = self._read(entry, stepped_parts(description, steps, packings), description)
        placed = {
            time: Placed(
                path=entry.path,
                slot=slots[time],
                revision=revision(entry.checksum, index),
                packing=entry.packing,
            )
            for time, index in reading.steps
        }
        same = entry.checksum == getattr(self.state.entries.get(entry.path), "checksum", None)
        earlier: Mapping[str, Contribution] = entry.statistics if same else {}
        entry = replace(entry, statistics=_together(earlier, found))
        after = replace(
            self.state,
            description=description,
            entries={**self.state.entries, entry.path: entry},
            steps={**self.state.steps, **placed},
            packings=tuple(self.found.packings),
        )
        self._commit(self._renewed(after), f"take {Path(entry.path).name}")
        self.found.files[entry.path] = self.state.entries[entry.path]

    def _tidy(self) -> None:
        """Commit what needs no reading of steps: files that are gone, renamed or only touched."""
        if self.state.description is None:
            return
        steps = reowned(self.state.steps, self.found.files.values())
        wanted = {time for entry in self.found.files.values() for time in entry.times}
        pending = {reading.path for reading in plan(self.state.steps, self.found.files.values()).readings}
        entries = {
            path: self.state.entries[path] if path in pending else entry
            for path, entry in self.found.files.items()
            if path not in pending or path in self.state.entries
        }
        after = replace(
            self.state,
            entries=entries,
            steps={time: step for time, step in steps.items() if time in wanted and step.path in entries},
            packings=tuple(self.found.packings),
        )
        if after == self.state:
            return
        try:
            after = self._renewed(after)
        except (Unreadable, WorkerDiedError, MemoryError) as error:
            self._forget()
            newest = after.newest
            self.found.refused.append((Path(newest.path).name if newest else "", _reason(error)))
        self._commit(after, "withdraw")

    def _renewed(self, after: State) -> State:
        """Give the state the global attributes, and the store the variables without time, of its newest file."""
        newest, before = after.newest, self.state.newest
        if newest is None or after.description is None:
            return after
        if before is not None and newest.checksum == before.checksum:
            return after
        header = self.found.headers.get(newest.path) or self.crew.one(scan, Path(newest.path))
        names = {found.name for found in after.description.fields if not found.stepped}
        if before is None or not newest.fixed or newest.fixed != before.fixed:
            parts = fixed_parts(after.description, self.found.packings[newest.packing])
            fixed = self._read(newest, parts, after.description)
        else:
            fixed = {name: part for name, part in before.statistics.items() if name in names}
        # Only the newest file contributes to what has no time.
        entries = {path: replace(entry, statistics=_without(entry, names)) for path, entry in after.entries.items()}
        newest = entries[newest.path]
        entries[newest.path] = replace(newest, statistics={**newest.statistics, **fixed})
        attributes = header.description.attributes
        return replace(after, description=replace(after.description, attributes=attributes), entries=entries)

    def _read(self, entry: Entry, parts: Iterator[Part], description: Description) -> dict[str, Contribution]:
        """Read parts of a file into the store; return what they contribute to the statistics."""
        like = _task(entry, description)
        found: dict[str, list[Contribution | None]] = {}
        for encoded in self.crew.each(read_task, tasks(parts, like)):
            for part in encoded:
                for path, chunks in part.chunks.items():
                    self.writer.put_chunks(path, chunks)
                    self.written.add(path, chunks)
                found.setdefault(part.name, []).append(part.contribution)
        return {name: total for name, some in found.items() if (total := joined(some)) is not None}

    def _description(self, entry: Entry) -> Description:
        """Return the description of the dataset; at the first file, work out the geometry of its grids."""
        if self.state.description is not None:
            return self.state.description
        description = self.found.headers[entry.path].description
        grids = dict(description.grids)
        for name, grid in grids.items():
            if isinstance(grid, CurvilinearGrid):
                built = self.crew.one(build_geometry, Asked(path=entry.path, grid=grid))
                put_geometry(self.writer, name, built)
                grids[name] = built.grid
        return replace(description, grids=grids)

    def _capacity(self, slots: Mapping[int, int]) -> int:
        return 1 + max([step.slot for step in self.state.steps.values()] + list(slots.values()), default=-1)

    def _commit(self, after: State, message: str) -> None:
        save(self.writer, self.state, after)
        version = self.writer.commit(message)
        try:
            self.written.check(self.location, self.writer.dataset_id, version)
        except LostChunkError:
            # So that the next ingest reads these steps again.
            kept = {time: step for time, step in self.state.steps.items() if after.steps.get(time) == step}
            save(self.writer, after, replace(after, steps=kept))
            self.writer.commit("drop what was lost")
            raise
        self.state = after
        self.changed = True


def _reason(error: Unreadable | WorkerDiedError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return f"there is too little memory for it: {error}"
    return error.reason if isinstance(error, Unreadable) else str(error)


def _without(entry: Entry, names: AbstractSet[str]) -> dict[str, Contribution]:
    return {name: part for name, part in entry.statistics.items() if name not in names}


def _together(first: Mapping[str, Contribution], second: Mapping[str, Contribution]) -> dict[str, Contribution]:
    names = dict.fromkeys((*first, *second))
    found = {name: joined((first.get(name), second.get(name))) for name in names}
    return {name: part for name, part in found.items() if part is not None}


def _task(entry: Entry, description: Description) -> Task:
    time_axis = description.time
    named: tuple[str, ...] = ()
    if time_axis is not None:
        bounds = text_of(description.variables[time_axis.variable].attributes, "bounds", "climatology")
        named = (time_axis.variable, *((bounds,) if bounds else ()))
    return Task(path=entry.path, stamp=(entry.size, entry.modified), parts=(), time=time_axis, time_variables=named)
