"""Reads what a file says about itself, and its checksum, without reading the fields."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import numpy as np

from core.dataset import CurvilinearGrid, Description, Formula, placing
from core.vertical.terms import levels_of
from stores.ingest.cf import describe, needed, untaken
from stores.ingest.clock import remarks_on, times_of
from stores.ingest.depths import remarks_on_depths
from stores.ingest.elsewhere import MeshedSource
from stores.ingest.grid_mapping import unused_mappings
from stores.ingest.header import Header, RawFile, Values
from stores.ingest.horizontal import bounds_name
from stores.ingest.packings import packing_in
from stores.ingest.parametric import remark_on_levels
from stores.ingest.reference import reference_of
from stores.ingest.refusal import Unreadable
from stores.ingest.staggered import remark
from stores.ingest.vertical import coordinate_of


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


def scan(path: Path, mesh: str = "") -> Header:
    """Read the header of a file; a variable that cannot be taken is left out by name.

    `mesh` is the path of the file that has its mesh, where it has none itself.

    Raises:
        Unreadable: the file cannot be taken; the reason is for its provider.

    """
    with MeshedSource(path, Path(mesh) if mesh else None) as source:
        raw, description, fixed = _described(source)
        time = description.time
        calendar = time.calendar if time else "standard"
        packings = {name: packing_in(raw, found) for name, found in raw.variables.items() if found.numeric}
        # The same numbers packed otherwise mean something else.
        without_time = [f"{fixed[name]} {packings.get(name)!r}" for name in _unstepped(description)] if time else []
        return Header(
            description=description,
            calendar=calendar,
            times=times_of(raw, time, source.values) if time else np.zeros(1, dtype=np.int64),
            packings=packings,
            coordinates=_joined(_digest(source, name) for name in coordinates_of(raw, description)),
            fixed="" if time is None else _joined(without_time),
            reference=reference_of(raw, calendar, source.values),
            left_out=raw.left_out,
            remarks=(
                *remarks_on(raw, description),
                *unused_mappings(raw, description, source.values),
                *_worked_out(description),
                *_levels(raw, description, source.values),
                *remarks_on_depths(raw, description),
            ),
        )


def scan_whole(path: Path, mesh: str = "") -> Scanned:
    """Read header and checksum of a file.

    Raises:
        Unreadable: the file cannot be taken, or changed meanwhile.

    """
    before = stat(path)
    header = scan(path, mesh)
    checksum = checksum_of(path)
    if stat(path) != before:
        raise Unreadable(path.name, "the file changed while it was read: it is taken by the next ingest")
    return Scanned(size=before[0], modified=before[1], checksum=checksum, header=header)


def stat(path: Path) -> tuple[int, int]:
    """Return size in bytes and time of modification in nanoseconds.

    Raises:
        Unreadable: the file is gone or may not be read, or is none: whoever opens a named pipe waits for ever.

    """
    try:
        found = path.stat()
    except OSError as error:
        raise Unreadable(path.name, error.strerror or str(error)) from error
    if not S_ISREG(found.st_mode):
        raise Unreadable(path.name, f"it is a {'folder' if S_ISDIR(found.st_mode) else 'pipe or device'}, not a file")
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
    named = [name for grid in description.grids.values() for name in placing(grid)]
    bounds = [bounds_name(raw, name) for name in named]
    return list(dict.fromkeys([*named, *(name for name in bounds if name is not None)]))


def _worked_out(description: Description) -> Iterator[str]:
    for grid in description.grids.values():
        if isinstance(grid, CurvilinearGrid) and grid.staggered is not None:
            yield remark(grid.staggered)


def _described(source: MeshedSource) -> tuple[RawFile, Description, dict[str, str]]:
    """Return what is taken of a file, and digests of all variables that have no time, in a file that has one."""
    raw = source.raw()
    description = describe(raw, source.values)
    left_out = untaken(raw, description)
    fixed: dict[str, str] = {}
    for name in _unstepped(description) if description.time else ():
        try:
            fixed[name] = _digest(source, name)
        except Unreadable as refusal:
            left_out.setdefault(name, refusal.reason)
    if not left_out:
        return raw, description, fixed
    for name in needed(raw, description):
        if name in left_out:
            raise Unreadable(raw.name, f"{name}: {left_out[name]}", name)
    raw = raw.without(left_out)
    try:
        return raw, describe(raw, source.values), fixed
    except Unreadable as refusal:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise Unreadable(raw.name, f"nothing is left to be served: {reasons}") from refusal


def _levels(raw: RawFile, description: Description, values: Values) -> Iterator[str]:
    """Say which levels cannot be turned into metres, and why."""
    for name, axis in description.axes.items():
        found = remark_on_levels(raw, name, coordinate_of(raw, name), values)
        if found is not None:
            yield found
        terms = () if axis.formula is None else (axis.formula.depth, axis.formula.eta)
        for term in terms:
            if term and (term not in description.variables or description.variables[term].grid is None):
                yield f"levels along {name} are served by number, not in metres: {term} is no field on a grid"
        if axis.formula is not None:
            yield from _without_terms(description, name, axis.formula)


def _without_terms(description: Description, axis: str, formula: Formula) -> Iterator[str]:
    """Say of which fields the surface and the bottom are not known at each of their places, steps and further axes."""
    terms = [term for term in (formula.depth, formula.eta) if term]
    if any(term not in description.variables or description.variables[term].grid is None for term in terms):
        return
    for field in description.fields:
        if axis in field.axes and levels_of(description, field) is None:
            found = f"levels of {field.name} along {axis} are served by number, not in metres"
            yield f"{found}: {' or '.join(terms)} has another grid, or axes that it has not"


def _unstepped(description: Description) -> list[str]:
    return [name for name, found in description.variables.items() if not found.stepped]


def _digest(source: MeshedSource, name: str) -> str:
    values = source.values(name)
    digest = hashlib.blake2b(f"{name} {values.dtype.str} {values.shape}\n".encode(), digest_size=20)
    text = values.dtype.kind == "O"
    digest.update(repr(values.tolist()).encode("utf-8", "replace") if text else np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _joined(digests: Iterable[str]) -> str:
    return hashlib.blake2b(" ".join(digests).encode(), digest_size=20).hexdigest()
