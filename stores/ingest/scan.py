"""Reads what a file says about itself, and its checksum, without reading the fields."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.dataset import Description
from stores.ingest.cf import describe, packings
from stores.ingest.clock import times_of
from stores.ingest.header import Header, RawFile
from stores.ingest.horizontal import bounds_name
from stores.ingest.refusal import Unreadable
from stores.ingest.source import Source


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scanned:
    """One file as found now."""

    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    checksum: str
    """Algorithm and digest of all bytes."""
    header: Header


def scan(path: Path) -> Header:
    """Read the header of a file.

    Raises:
        Unreadable: the file cannot be taken; the reason is for its provider.

    """
    with Source(path) as source:
        raw = source.raw()
        description = describe(raw, source.values)
        time = description.time
        return Header(
            description=description,
            calendar=time.calendar if time else "standard",
            times=times_of(raw, time, source.values) if time else np.zeros(1, dtype=np.int64),
            packings=packings(raw),
            coordinates=_digest(source, coordinates_of(raw, description)),
            fixed="" if time is None else _digest(source, _unstepped(description)),
        )


def scan_whole(path: Path) -> Scanned:
    """Read header and checksum of a file.

    Raises:
        Unreadable: the file cannot be taken, or changed meanwhile.

    """
    before = stat(path)
    header = scan(path)
    checksum = checksum_of(path)
    if stat(path) != before:
        raise Unreadable(path.name, "the file changed while it was read: it is taken by the next ingest")
    return Scanned(size=before[0], modified=before[1], checksum=checksum, header=header)


def stat(path: Path) -> tuple[int, int]:
    """Return size in bytes and time of modification in nanoseconds.

    Raises:
        Unreadable: the file is gone or may not be read.

    """
    try:
        found = path.stat()
    except OSError as error:
        raise Unreadable(path.name, error.strerror or str(error)) from error
    return found.st_size, found.st_mtime_ns


def checksum_of(path: Path) -> str:
    """Return algorithm and digest of all bytes of a file.

    Raises:
        Unreadable: it cannot be read.

    """
    try:
        with path.open("rb") as file:
            return "blake2b:" + hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()
    except OSError as error:
        raise Unreadable(path.name, error.strerror or str(error)) from error


def coordinates_of(raw: RawFile, description: Description) -> list[str]:
    """Name the variables that place the cells: longitudes, latitudes and their bounds."""
    named = [name for grid in description.grids.values() for name in (grid.x, grid.y)]
    bounds = [bounds_name(raw, name) for name in named]
    return list(dict.fromkeys([*named, *(name for name in bounds if name is not None)]))


def _unstepped(description: Description) -> list[str]:
    return [name for name, found in description.variables.items() if not found.stepped]


def _digest(source: Source, names: list[str]) -> str:
    digest = hashlib.blake2b(digest_size=20)
    for name in names:
        values = source.values(name)
        digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        text = values.dtype.kind == "O"
        digest.update(repr(values.tolist()).encode("utf-8", "replace") if text else np.ascontiguousarray(values).data)
    return digest.hexdigest()
