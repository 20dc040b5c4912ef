"""What follows from a change of files for all of a dataset: what has no time, and the packing of each step. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from stores.ingest.manifest import Entry, Given, Placed, State
from stores.ingest.packing_table import PackingTable, Share


def moved(before: State, after: State) -> dict[str, frozenset[str]]:
    """Return the variables without time that are no longer those that are stored, by path of the file to read."""
    was = before.fixed
    found: dict[str, set[str]] = {}
    for name, entry in after.fixed.items():
        old = was.get(name)
        if old is None or not _alike(old, entry):
            found.setdefault(entry.path, set()).add(name)
    return {path: frozenset(names) for path, names in found.items()}


def _alike(one: Entry, other: Entry) -> bool:
    """Tell whether two files hold the same of what has no time."""
    alike = one.checksum == other.checksum or (one.fixed != "" and one.fixed == other.fixed)
    return alike and one.ingest_format == other.ingest_format


def inherited(before: State, after: State) -> State:
    """Let the files that give what has no time say its statistics too, where it did not have to be read again."""
    was = before.fixed
    entries = dict(after.entries)
    for name, entry in after.fixed.items():
        old = was.get(name)
        if old is not None and name in old.statistics and name not in entries[entry.path].statistics:
            statistics = {**entries[entry.path].statistics, name: old.statistics[name]}
            entries[entry.path] = replace(entries[entry.path], statistics=statistics)
    return after if entries == after.entries else replace(after, entries=entries)


def ghosts(before: State, files: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the files that are gone, but of which what has no time, or the global attributes, still are.

    They give no step any more.
    """
    given: dict[str, set[str]] = {}
    for name, entry in before.fixed.items():
        given.setdefault(entry.path, set()).add(name)
    if before.newest is not None:
        given.setdefault(before.newest.path, set())
    return {
        path: replace(before.entries[path], times=(), variables=frozenset(names))
        for path, names in given.items()
        if path not in files
    }


def given_only(entry: Entry, state: State) -> Entry:
    """Return a file that can no longer be read, with what it has given of all that has no time.

    Of a file that turns up again as it was, the rest is to be found: so no file that is there is taken for it.
    """
    if state.description is None:
        return entry
    fixed = {name for name, other in state.fixed.items() if other.path == entry.path}
    stepped = {name for name, variable in state.description.variables.items() if variable.stepped}
    kept = entry.variables & (fixed | stepped)
    given = _given(entry, state, entry.variables & stepped)
    if (kept, given) == (entry.variables, entry.given):
        return entry
    return replace(entry, variables=kept, given=given, modified=0)


def _given(entry: Entry, state: State, names: frozenset[str]) -> tuple[Given, ...] | None:
    """Return what is stored of the steps of a file; None where that is all of them."""
    found: dict[frozenset[str], list[int]] = {}
    for time in dict.fromkeys(entry.times):
        pieces = state.steps[time].pieces if time in state.steps else ()
        there = frozenset(name for piece in pieces if piece.path == entry.path for name in piece.variables)
        found.setdefault(there & names, []).append(time)
    if found.keys() <= {names}:
        return None
    return tuple(
        Given(variables=tuple(sorted(found_of)), times=tuple(times)) for found_of, times in found.items() if found_of
    )


def repacked(before: State, after: State, table: PackingTable) -> State:
    """Give each step that changed the packing of what it has, and of what has no time.

    A variable that a step does not have is not in its packing: so readers know.
    """
    fixed = _shares((name, entry) for name, entry in after.fixed.items())
    same = fixed == _shares((name, entry) for name, entry in before.fixed.items())

    def packed(time: int, step: Placed) -> Placed:
        if same and before.steps.get(time) is step:
            return step
        given = ((name, after.entries[piece.path]) for piece in step.pieces for name in piece.variables)
        pieces = _shares(given) if after.description and after.description.time else frozenset()
        packing = table.joined(fixed | pieces)
        return step if packing == step.packing else replace(step, packing=packing)

    steps = {time: packed(time, step) for time, step in after.steps.items()}
    return replace(after, steps=steps, packings=tuple(table))


def _shares(given: Iterable[tuple[str, Entry]]) -> frozenset[Share]:
    found: dict[int, set[str]] = {}
    for name, entry in given:
        found.setdefault(entry.packing, set()).add(name)
    return frozenset((packing, frozenset(names)) for packing, names in found.items())


def compacted(state: State) -> State:
    """Drop packings that nothing names any more."""
    used = {entry.packing for entry in state.entries.values()} | {step.packing for step in state.steps.values()}
    if len(used) == len(state.packings):
        return state
    places = {packing: place for place, packing in enumerate(sorted(used))}
    return replace(
        state,
        entries={path: replace(entry, packing=places[entry.packing]) for path, entry in state.entries.items()},
        steps={time: replace(step, packing=places[step.packing]) for time, step in state.steps.items()},
        packings=tuple(state.packings[packing] for packing in sorted(used)),
    )
