"""What a step is made of: of each variable, what the file of the highest rank holds of that time. No I/O.

Which file gave which variable is not written down. It follows from the files that are taken up, and the revision of
the step says whether it is so: a run that was killed may have left a step that is made of less.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.dataset import Description
from core.packing import Packing
from stores.ingest.manifest import Entry, Piece, Placed

Offered = Callable[[Entry], frozenset[str]]
Held = Mapping[int, Sequence[tuple[Entry, int]]]
"""By time: the files that hold it, by rank, and the index along the time of each."""


def revision(entry: Entry, index: int) -> int:
    """Name what a file holds of one time: 63 bits of the file's checksum, the place in the file and the format."""
    return _number(f"{entry.checksum} {index} {entry.ingest_format}")


def revision_of(pieces: Sequence[Piece]) -> int:
    """Name the content of a step; that of one whole file is the file's own."""
    if len(pieces) == 1 and pieces[0].whole:
        return pieces[0].revision
    parts = sorted((piece.revision, sorted(piece.variables)) for piece in pieces)
    return _number(repr(parts))


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1


def offered(description: Description) -> Offered:
    """Return what tells which variables of a file are part of its steps.

    The one step of a dataset without time has them all.
    """
    stepped = frozenset(
        name for name, found in description.variables.items() if found.stepped or description.time is None
    )
    known: dict[frozenset[str], frozenset[str]] = {}

    def of(entry: Entry) -> frozenset[str]:
        if entry.variables not in known:
            known[entry.variables] = entry.variables & stepped
        return known[entry.variables]

    return of


def held(files: Iterable[Entry], offers: Offered) -> Held:
    """Return which files hold each time."""
    found: dict[int, list[tuple[Entry, int]]] = {}
    for entry in sorted((entry for entry in files if offers(entry)), key=lambda entry: entry.rank):
        left = None if entry.given is None else {time for given in entry.given for time in given.times}
        # Of a time that a file has twice the last one counts.
        for time, index in {time: index for index, time in enumerate(entry.times)}.items():
            if left is None or time in left:
                found.setdefault(time, []).append((entry, index))
    return found


def pieces_of(holders: Sequence[tuple[Entry, int]], offers: Offered) -> tuple[Piece, ...]:
    """Return what a step is to be made of, by rank."""
    found: list[Piece] = []
    taken: AbstractSet[str] = frozenset()
    for entry, index in reversed(holders):
        left = _left_of(entry, index, offers) - taken
        if left:
            found.append(_piece(entry, index, left, offers))
            taken |= left
    return tuple(reversed(found))


def _left_of(entry: Entry, index: int, offers: Offered) -> frozenset[str]:
    """Return what can be had of one time of a file."""
    if entry.given is None:
        return offers(entry)
    time = entry.times[index]
    return offers(entry) & frozenset(name for given in entry.given if time in given.times for name in given.variables)


def _piece(entry: Entry, index: int, variables: frozenset[str], offers: Offered) -> Piece:
    return Piece(
        path=entry.path,
        revision=revision(entry, index),
        variables=variables,
        whole=variables == offers(entry) and not entry.left_out,
    )


def cut(piece: Piece, variables: frozenset[str]) -> Piece:
    """Return a piece with those of its variables that are in `variables`."""
    kept = piece.variables & variables
    return piece if kept == piece.variables else replace(piece, variables=kept, whole=False)


def placed(slot: int, pieces: Sequence[Piece], packing: int) -> Placed:
    """Return a step made of pieces, of which there is one at least."""
    return Placed(slot=slot, revision=revision_of(pieces), packing=packing, pieces=tuple(pieces), path=pieces[-1].path)


def held_by(step: Placed) -> frozenset[str]:
    """Return the variables that a step has."""
    return frozenset().union(*(piece.variables for piece in step.pieces))


def steps_of(
    rows: NDArray[np.int64], entries: Sequence[Entry], offers: Offered, packings: Sequence[Mapping[str, Packing]]
) -> dict[int, Placed]:
    """Read a step table whose sources are places in `entries`, and work out what the steps are made of.

    `packings` are those of the dataset: of a run that was killed they tell what a step has by now.
    """
    numeric = frozenset().union(*packings)
    places = [dict(zip(entry.times, range(len(entry.times)), strict=True)) for entry in entries]
    everything: Held | None = None
    found = {}
    for time, slot, stored, packing, source in rows.tolist():
        entry, index = entries[source], places[source].get(time)
        pieces: tuple[Piece, ...] = ()
        if index is not None and revision(entry, index) == stored:
            pieces = (_piece(entry, index, offers(entry), offers),)
        else:
            everything = held(entries, offers) if everything is None else everything
            expected = pieces_of(everything[time], offers) if time in everything else ()
            absent = numeric - packings[packing].keys()
            by_now = tuple(part for piece in expected if (part := cut(piece, piece.variables - absent)).variables)
            pieces = next((each for each in (expected, by_now) if each and revision_of(each) == stored), ())
        found[time] = Placed(slot=slot, revision=stored, packing=packing, pieces=pieces, path=entry.path)
    return found
