"""What an ingest has to do: from the files found now and the steps that are stored. No I/O.

A step's revision names the content that it should have. So the difference between the steps wanted and the steps
stored is the work, whatever happened before: a new file, a replaced one, a withdrawn one, or a run that was killed.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stores.ingest.manifest import Entry, Placed

INGEST_FORMAT: Final = 1
"""Raised when the same file would be stored otherwise: all steps are then read again."""


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
    """New or changed: to be looked at."""
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Steps to be read from one file."""

    path: str
    steps: tuple[tuple[int, int], ...]
    """(time, index along the file's time), in file order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The difference between what is stored and what should be."""

    withdrawn: tuple[int, ...]
    """Times that no file holds any more."""
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
    return Triage(
        unchanged=tuple(path for path in there if path in same),
        suspect=tuple(path for path in there if path not in same),
        gone=tuple(path for path in entries if path not in there),
    )


def revision(checksum: str, index: int) -> int:
    """Name the content of a step: 63 bits of the file's checksum, the place in the file and the format."""
    text = f"{checksum} {index} {INGEST_FORMAT}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 1


def plan(steps: Mapping[int, Placed], files: Iterable[Entry]) -> Plan:
    """Work out what is to be read and withdrawn so that every time of `files` is stored from the file that wins it."""
    ranked = sorted(files, key=lambda entry: entry.rank)
    wanted = {time: (entry, index) for entry in ranked for index, time in enumerate(entry.times)}
    readings: dict[str, list[tuple[int, int]]] = {}
    for time, (entry, index) in wanted.items():
        stored = steps.get(time)
        if stored is None or stored.revision != revision(entry.checksum, index):
            readings.setdefault(entry.path, []).append((time, index))
    return Plan(
        withdrawn=tuple(time for time in steps if time not in wanted),
        readings=tuple(
            Reading(path=entry.path, steps=tuple(sorted(readings[entry.path], key=lambda step: step[1])))
            for entry in ranked
            if entry.path in readings
        ),
    )


def reowned(steps: Mapping[int, Placed], files: Iterable[Entry]) -> dict[int, Placed]:
    """Return the steps with the path of the file that holds each content now: files may be renamed."""
    holders = {
        (time, revision(entry.checksum, index)): entry.path
        for entry in sorted(files, key=lambda entry: entry.rank)
        for index, time in enumerate(entry.times)
    }
    return {
        time: Placed(
            path=holders.get((time, step.revision), step.path),
            slot=step.slot,
            revision=step.revision,
            packing=step.packing,
        )
        for time, step in steps.items()
    }


def slots_for(steps: Mapping[int, Placed], times: Sequence[int]) -> dict[int, int]:
    """Give each time a slot: its own where it is stored already, else the lowest that is free."""
    used = {step.slot for step in steps.values()}
    free = (slot for slot in range(len(used) + len(times)) if slot not in used)
    return {time: steps[time].slot if time in steps else next(free) for time in times}
