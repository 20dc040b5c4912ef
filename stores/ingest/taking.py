"""Takes up the files of one dataset one by one, each in a commit that is read back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.dataset import Description
from stores.ingest.blocks import Blocks
from stores.ingest.crew import Crew
from stores.ingest.intake import FileRefusedError, Intake, blaming
from stores.ingest.ledger import clear, make_arrays
from stores.ingest.manifest import Entry, Placed, State
from stores.ingest.parts import Part, fixed_parts, stepped_parts
from stores.ingest.pieces import offered, placed
from stores.ingest.plan import Plan, Reading, joined, plan, settled, slots_for
from stores.ingest.refusal import Unreadable
from stores.ingest.renewal import compacted, ghosts, given_only, inherited, moved, repacked
from stores.ingest.scan import stat
from stores.ingest.survey import Survey
from stores.ingest.union import all_of, needed, restricted, united
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

    def __init__(self, location: Location, writer: Writer, crew: Crew, found: Survey, before: State) -> None:
        """Begin where the last commit left off: at the state `before`."""
        self.found = found
        self.state = before
        self.changed = False
        self.bytes_done = 0
        self._intake = Intake(location, writer, crew, found.mesh)
        self._writer = writer
        self._blocks = Blocks(location, writer)

    def all(self, report: Callable[[Progress], None]) -> None:
        """Take up everything; what turns out unreadable is left out, and the rest planned anew."""
        while self.found.files:
            try:
                todo = self._plan()
                self._tidy(todo)
                for reading in self._reported(todo.readings, report):
                    self._take(reading, todo)
                    # Here, and not only in the end, so that progress is steady.
                    self._cut_for_series(again=False)
                self._close()
                self._cut_for_series(again=True)
            except FileRefusedError as refusal:
                self._intake.forget()
                self._do_without(refusal)
            else:
                return

    def _cut_for_series(self, *, again: bool) -> None:
        """Bring the copy for series up to date; where that cannot be done, series are read from the maps."""
        before = self.state
        self.state, reason = self._blocks.renewed(before, again=again)
        self.changed |= self.state is not before
        if reason and again:
            self.found.refused.append(("copy for series", reason))

    def _plan(self) -> Plan:
        description = self.found.description(self.state)
        if description is None:
            return Plan(wanted={}, readings=())
        files = self.found.files
        todo = plan(self.state.steps, files, offered(description), frozen=self.found.frozen)
        there = self.state.description.variables.keys() if self.state.description is not None else frozenset()
        opened = set(self.found.headers) & set(files) - self.found.frozen
        # A file may win no step, or have no time, and yet bring a variable.
        bringing = {path for path in opened if files[path].variables - there}
        bare = [Reading(path=path, steps=()) for path in bringing - {reading.path for reading in todo.readings}]
        readings = sorted((*bare, *todo.readings), key=lambda reading: files[reading.path].rank)
        # First what takes the place of something: if it is unreadable, nothing else has taken that place yet.
        first = [reading for reading in reversed(readings) if self._replaces(reading.path)]
        rest = [reading for reading in readings if not self._replaces(reading.path)]
        return replace(todo, readings=(*first, *rest))

    def _replaces(self, path: str) -> bool:
        """Tell whether a file has another content than it was taken up with."""
        return path in self.state.entries and self.state.entries[path].content != self.found.files[path].content

    def _reported(self, readings: Sequence[Reading], report: Callable[[Progress], None]) -> Iterator[Reading]:
        """Yield the readings, saying before each and after the last how far the ingest is."""
        total = self.bytes_done + sum(self.found.files[reading.path].size for reading in readings)
        for reading in readings:
            report(Progress(file=Path(reading.path).name, bytes_done=self.bytes_done, bytes_total=total))
            size = self.found.files[reading.path].size
            yield reading
            self.bytes_done += size
        report(Progress(file="", bytes_done=self.bytes_done, bytes_total=total))

    def _do_without(self, refusal: FileRefusedError) -> None:
        """Leave out the variable that cannot be read, or the file where it cannot go without."""
        path, name = refusal.path, refusal.variable
        if not self._dispensable(refusal):
            self.found.refuse(path, refusal.reason, self.state)
            return
        entry = self.found.files[path]
        left_out = {**entry.left_out, name: refusal.reason}
        self.found.files[path] = replace(entry, variables=entry.variables - {name}, left_out=left_out)

    def _dispensable(self, refusal: FileRefusedError) -> bool:
        """Tell whether a file can be taken without the variable that cannot be read."""
        name, entry = refusal.variable, self.found.files[refusal.path]
        description, old = self.found.description(self.state), self.state.entries.get(refusal.path)
        if description is None or name not in entry.variables - needed(description):
            return False
        if all(description.variables[other].grid is None for other in entry.variables - {name}):
            return False
        # A damaged file takes away nothing that the one before it gave.
        stepped = description.variables[name].stepped
        if old is not None and name in old.variables and (stepped or old.checksum != entry.checksum):
            return False
        try:
            # If it went away or changed while it was read, nothing is wrong with the variable.
            return stat(Path(entry.path)) == (entry.size, entry.modified)
        except Unreadable:
            return False

    def _tidy(self, todo: Plan) -> None:
        """Commit what needs no reading of steps: files that are gone, renamed or only touched."""
        if self.state.description is None:
            return
        after = self._tidied(todo)
        after = self._renewed(replace(after, entries={**after.entries, **ghosts(self.state, self.found.files)}))
        if replace(after, packings=self.state.packings) != self.state:
            self._commit(after, "withdraw")

    def _tidied(self, todo: Plan) -> State:
        files = self.found.files
        reading = {each.path for each in todo.readings}
        pending = {path: self._unread(path) for path in reading if path in self.state.entries}
        same = {
            path for path, entry in self.state.entries.items() if path in files and files[path].content == entry.content
        }
        steps = settled(self.state.steps, todo.wanted, {*pending, *same} if reading else frozenset())
        # One that was renamed may have given some of its steps already.
        giving = {piece.path for step in steps.values() for piece in step.pieces}
        entries = {
            path: pending.get(path, entry) for path, entry in files.items() if path not in reading or path in giving
        }
        if self.state.description is not None:
            clear(self._writer, self.state, steps, self.state.description)
        return replace(self.state, entries={**pending, **entries}, steps=steps)

    def _unread(self, path: str) -> Entry:
        """Return a file as it was taken up, before it is read again."""
        entry = self.state.entries[path]
        return entry if entry.checksum == self.found.files[path].checksum else given_only(entry, self.state)

    def _take(self, reading: Reading, todo: Plan) -> None:
        """Take up what is to be read of one file."""
        entry = self.found.files[reading.path]
        description = self._grown(entry)
        slots = slots_for(self.state.steps, [step.time for step in reading.steps])
        steps = self._with_steps(reading, todo, slots, {**self.state.entries, entry.path: entry})
        clear(self._writer, self.state, steps, description)
        packings = self.found.packings[entry.packing]
        with blaming(entry):
            make_arrays(self._writer, description, packings, self._capacity(steps))
        by_time = dict(entry.by_time)
        for names in dict.fromkeys(step.variables for step in reading.steps):
            places = [(step.index, slots[step.time]) for step in reading.steps if step.variables == names]
            parts = _of(names, stepped_parts(description, places, packings))
            found = self._intake.read(entry, parts, description)
            by_time |= {time: {**by_time.get(time, {}), **fields} for time, fields in found.items() if time is not None}
        entry = replace(entry, by_time=by_time)
        entries = {**self.state.entries, entry.path: entry}
        self._commit(
            self._renewed(replace(self.state, description=description, entries=entries, steps=steps)),
            f"take {entry.name}",
        )
        self.found.files[entry.path] = self.state.entries[entry.path]

    def _with_steps(
        self, reading: Reading, todo: Plan, slots: Mapping[int, int], entries: Mapping[str, Entry]
    ) -> dict[int, Placed]:
        """Return all steps as they are once a file is read; what its earlier version gave is gone."""
        steps = dict(self.state.steps)
        old = self.state.entries.get(reading.path)
        for time in () if old is None or old.content == entries[reading.path].content else old.times:
            step = steps.get(time)
            if step is not None and time not in slots and any(piece.path == reading.path for piece in step.pieces):
                left = [piece for piece in step.pieces if piece.path != reading.path]
                if left:
                    steps[time] = placed(step.slot, left, step.packing)
                else:
                    del steps[time]
        for time, slot in slots.items():
            (added,) = (piece for piece in todo.wanted[time] if piece.path == reading.path)
            there = steps[time].pieces if time in steps else ()
            steps[time] = placed(slot, joined(there, added, entries), 0)
        return steps

    @staticmethod
    def _capacity(steps: Mapping[int, Placed]) -> int:
        return 1 + max((step.slot for step in steps.values()), default=-1)

    def _grown(self, entry: Entry) -> Description:
        """Return the description of the dataset with what a file adds to it."""
        header = self.found.headers.get(entry.path)
        if header is None and self.state.description is not None:
            # It was taken up before, and gives back what another file had.
            return self.state.description
        added = self.found.headers[entry.path].description
        grown = united(self.state.description, restricted(added, entry.variables))
        return self._intake.placed(entry, grown)

    def _renewed(self, after: State) -> State:
        """Give the state what follows from its files: what has no time, packings, and global attributes."""
        after = replace(after, lost=frozenset())
        if after.description is None:
            return after
        entries = dict(after.entries)
        for path, names in moved(self.state, after).items():
            parts = fixed_parts(after.description, self.found.packings[entries[path].packing])
            found = self._intake.read(entries[path], _of(names, parts), after.description)
            entries[path] = replace(entries[path], statistics={**entries[path].statistics, **found.get(None, {})})
        after = replace(after, entries=entries, description=self._attributed(after))
        return repacked(self.state, inherited(self.state, after), self.found.packings)

    def _attributed(self, after: State) -> Description | None:
        """Return the description with the attributes of the newest file that can be read."""
        newest, before = after.newest, self.state.newest
        if newest is None or after.description is None:
            return after.description
        header = self.found.headers.get(newest.path)
        if newest.path not in self.found.files or newest.path in self.found.frozen:
            return after.description
        if header is None:
            if before is not None and newest.content == before.content:
                return after.description
            header = self._intake.header(newest)
        groups = {**after.description.groups, **header.description.groups}
        unlimited = tuple(dict.fromkeys((*after.description.unlimited, *header.description.unlimited)))
        return replace(after.description, attributes=header.description.attributes, groups=groups, unlimited=unlimited)

    def _close(self) -> None:
        """Commit what holds once all files are taken up."""
        after = self._tidied(self._plan())
        if self.found.frozen:
            # A file that cannot be read now may be the one to give what has no time: until then it is of what is gone.
            given = all_of(entry.variables for entry in after.entries.values())
            needed_yet = {
                path: replace(ghost, variables=ghost.variables - given)
                for path, ghost in ghosts(self.state, self.found.files).items()
                if ghost.variables - given
            }
            left = {path: given_only(after.entries[path], after) for path in self.found.frozen & after.entries.keys()}
            after = replace(after, entries={**after.entries, **needed_yet, **left})
        if after.description is not None:
            names = all_of(entry.variables for entry in after.entries.values())
            after = replace(after, description=restricted(after.description, names))
        try:
            after = compacted(self._renewed(after))
        except FileRefusedError as refusal:
            gone = [entry.name for path, entry in self.state.entries.items() if path not in self.found.files]
            if not gone or self._dispensable(refusal):
                raise
            # The next ingest tries again: what is gone is still among the sources.
            self._intake.forget()
            reason = f"{refusal.reason}; what has no time stays that of {', '.join(gone)}"
            self.found.refused.append((Path(refusal.path).name, reason))
            after = self.state
        self._commit(after, "complete", complete=True)

    def _commit(self, after: State, message: str, *, complete: bool = False) -> None:
        self.changed |= self._intake.commit(self.state, after, message, complete=complete)
        self.state = after


def _of(names: frozenset[str], parts: Iterator[Part]) -> Iterator[Part]:
    return (part for part in parts if part.variable.name in names)
