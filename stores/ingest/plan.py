"""What an ingest has to do: from the files found now and the steps that are stored. No I/O.

A step's revision names the content that it should have. So the difference between the steps wanted and the steps
stored is the work, whatever happened before: a new file, a replaced one, a withdrawn one, or a run that was killed.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from stores.ingest.manifest import Entry, Piece, Placed
from stores.ingest.pieces import Offered, cut, held, pieces_of, placed, revision_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file that is there now."""

    path: str
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What the folder alone tells, by path."""

    unchanged: tuple[str, ...]
    """Same size and time of modification: not opened."""
    suspect: tuple[str, ...]
    """To be looked at: new, changed, or taken up by software that understood it otherwise; these come first."""
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What is to be read of one time of a file."""

    time: int
    index: int
    """Along the file's time."""
    variables: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Steps to be read from one file."""

    path: str
    steps: tuple[Extract, ...]
    """In file order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The difference between what is stored and what should be."""

    wanted: Mapping[int, tuple[Piece, ...]]
    """By time: what each step should be made of."""
    readings: tuple[Reading, ...]
    """By file, the one that wins last."""


def triage(entries: Mapping[str, Entry], found: Iterable[Found]) -> Triage:
    """Compare the files that are there with those that were taken up."""
    there = {file.path: file for file in found}
    known = {path: entries[path] for path in there if path in entries}
    same = {
        path
        for path, entry in known.items()
        if (entry.size, entry.modified) == (there[path].size, there[path].modified)
    }
    outdated = {path for path in same if known[path].outdated}
    same -= outdated
    return Triage(
        unchanged=tuple(path for path in there if path in same),
        # They were part of the dataset, so what is new is compared with them.
        suspect=tuple(sorted((path for path in there if path not in same), key=lambda path: path not in outdated)),
        gone=tuple(path for path in entries if path not in there),
    )


def plan(
    steps: Mapping[int, Placed], files: Mapping[str, Entry], offers: Offered, *, frozen: AbstractSet[str] = frozenset()
) -> Plan:
    """Work out what is to be read so that every variable is stored, at every time, from the file that wins it.

    Files that are `frozen`, by path, give what is stored of them and nothing else: they can no longer be read.
    """
    wanted: dict[int, tuple[Piece, ...]] = {}
    readings: dict[str, list[Extract]] = {}
    for time, holders in held(files.values(), offers).items():
        step = steps.get(time)
        pieces = _without_frozen(step, holders, offers, frozen) if frozen else pieces_of(holders, offers)
        if pieces:
            wanted[time] = pieces
            if step is None or step.revision != revision_of(pieces):
                _add(readings, (time, step), pieces, {entry.path: index for entry, index in holders})
    ranked = sorted(readings, key=lambda path: files[path].rank)
    return Plan(
        wanted=wanted,
        readings=tuple(
            Reading(path=path, steps=tuple(sorted(readings[path], key=lambda step: step.index))) for path in ranked
        ),
    )


def _add(
    readings: dict[str, list[Extract]],
    there: tuple[int, Placed | None],
    pieces: Sequence[Piece],
    indices: Mapping[str, int],
) -> None:
    """Add what a time, and the step stored of it, lack of the pieces that it should have."""
    time, step = there
    stored = _stored(step)
    for piece in pieces:
        missing = frozenset(name for name in piece.variables if stored.get(name) != piece.revision)
        if missing:
            extract = Extract(time=time, index=indices[piece.path], variables=missing)
            readings.setdefault(piece.path, []).append(extract)


def _stored(step: Placed | None) -> dict[str, int]:
    return {} if step is None else {name: piece.revision for piece in step.pieces for name in piece.variables}


def _without_frozen(
    step: Placed | None, holders: Sequence[tuple[Entry, int]], offers: Offered, frozen: AbstractSet[str]
) -> tuple[Piece, ...]:
    """Return what a step is to be made of where some of its files give only what is stored of them."""
    stored = _stored(step)
    found: list[Piece] = []
    taken: frozenset[str] = frozenset()
    for holder in reversed(holders):
        (piece,) = pieces_of([holder], offers)
        left = piece.variables - taken
        if piece.path in frozen:
            left = frozenset(name for name in left if stored.get(name) == piece.revision)
        if left:
            found.append(cut(piece, left))
            taken |= left
    return tuple(reversed(found))


def settled(
    steps: Mapping[int, Placed], wanted: Mapping[int, tuple[Piece, ...]], staying: AbstractSet[str]
) -> dict[int, Placed]:
    """Return the steps without what should not be there: times and variables that no file holds any more.

    What files that are `staying`, by path, gave is kept until what replaces it is read, for that may turn out to be
    unreadable. Files may be renamed: a piece is of the file that holds its content now.
    """
    found = {}
    for time, step in steps.items():
        pieces = _kept(step, wanted.get(time, ()), staying)
        if pieces:
            found[time] = step if pieces == step.pieces else placed(step.slot, pieces, step.packing)
    return found


def _kept(step: Placed, wanted: Sequence[Piece], staying: AbstractSet[str]) -> tuple[Piece, ...]:
    if step.revision == revision_of(wanted):
        return tuple(wanted)
    owners = {piece.revision: piece for piece in wanted}
    kept = []
    for piece in step.pieces:
        owner = owners.get(piece.revision)
        if owner is None:
            kept.extend([piece] if piece.path in staying else [])
        elif staying:
            kept.append(replace(piece, path=owner.path))
        elif owner.variables & piece.variables:
            kept.append(cut(owner, piece.variables))
    return tuple(kept)


def joined(pieces: Iterable[Piece], added: Piece, files: Mapping[str, Entry]) -> tuple[Piece, ...]:
    """Return the pieces of a step with one that was read, by rank; what it replaces is gone."""
    # What an earlier version of the file gave goes with that version.
    others = [cut(piece, piece.variables - added.variables) for piece in pieces if piece.path != added.path]
    kept = [piece for piece in others if piece.variables]
    return tuple(sorted((*kept, added), key=lambda piece: files[piece.path].rank))


def slots_for(steps: Mapping[int, Placed], times: Sequence[int]) -> dict[int, int]:
    """Give each time a slot: its own where it is stored already, else the lowest that is free."""
    used = {step.slot for step in steps.values()}
    free = (slot for slot in range(len(used) + len(times)) if slot not in used)
    return {time: steps[time].slot if time in steps else next(free) for time in times}
