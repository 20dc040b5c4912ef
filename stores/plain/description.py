"""From the header of a plain Zarr store to the description of a dataset, its steps and packings.

The rules are those of the ingest: they are pure, so they are asked again each time they want a variable that has to be
fetched first.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import prod
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.dataset import Description, ProjectedGrid, RectilinearGrid
from core.packing import Packing
from core.steps import COLUMNS, StepTable
from stores.ingest.cf import describe, untaken
from stores.ingest.clock import times_of
from stores.ingest.header import RawFile, Values
from stores.ingest.refusal import Unreadable
from stores.plain.header import packings_of
from stores.plain.refusal import NotServableError

T = TypeVar("T")
Fetch = Callable[[str], Awaitable[NDArray[Any]]]
"""Returns all of a variable."""

_LARGEST: Final = 2**25
"""Values of a coordinate, at most."""
_CURVILINEAR: Final = "curvilinear grids and meshes are not served from plain Zarr yet: ingest them from NetCDF files"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Described:
    """What a store holds, as a dataset."""

    description: Description
    times: NDArray[np.int64]
    """Milliseconds, shape (n,), in stored order; one 0 without time."""
    packings: Mapping[str, Packing]
    left_out: Mapping[str, str]
    """What is not served, and why."""

    def steps(self, version: str) -> StepTable:
        """Return the step table: slots are the places along time.

        Times may be in any order; of places with one time the last counts, as later files do.
        """
        # Stable, so that of equal times the last place comes last.
        order = np.argsort(self.times, kind="stable")
        times = self.times[order]
        last = np.append(times[1:] != times[:-1], True)
        rows = np.zeros((int(last.sum()), len(COLUMNS)), dtype=np.int64)
        rows[:, 0], rows[:, 1] = times[last], order[last]
        rows[:, 2] = [_revision(version, int(slot)) for slot in rows[:, 1]]
        rows.flags.writeable = False
        time = self.description.time
        return StepTable(calendar="standard" if time is None else time.calendar, rows=rows)


async def described(raw: RawFile, fetch: Fetch) -> Described:
    """Describe a store.

    Raises:
        NotServableError: nothing in it can be served, or a coordinate cannot be used.
        OSError: a coordinate cannot be read.

    """
    try:
        return await _answered(raw, fetch)
    except Unreadable as refusal:
        raise NotServableError(raw.name, refusal.reason) from refusal


async def _answered(raw: RawFile, fetch: Fetch) -> Described:
    known: dict[str, NDArray[Any]] = {}

    def values(variable: str) -> NDArray[Any]:
        if variable not in known:
            raise _WantedError(variable)
        return known[variable]

    while True:
        try:
            return _described(raw, values)
        except _WantedError as wanted:
            if prod(raw.variables[wanted.variable].shape) > _LARGEST:
                raise Unreadable(raw.name, f"{wanted.variable} is too large for a coordinate") from wanted
            known[wanted.variable] = await fetch(wanted.variable)


def _described(raw: RawFile, values: Values) -> Described:
    description = describe(raw, values)
    left_out = untaken(raw, description) | _on_curvilinear_grids(description)
    if left_out:
        raw = raw.without(left_out)
        if not any(name not in left_out for name in (field.name for field in description.fields)):
            raise Unreadable(raw.name, "; ".join(f"{name}: {reason}" for name, reason in left_out.items()))
        description = describe(raw, values)
    time = description.time
    return Described(
        description=_without_overviews(description),
        times=np.zeros(1, dtype=np.int64) if time is None else times_of(raw, time, values),
        packings=packings_of(raw),
        left_out=raw.left_out,
    )


class _WantedError(Exception):
    """A variable has to be fetched."""

    def __init__(self, variable: str) -> None:
        super().__init__(variable)
        self.variable = variable


def _on_curvilinear_grids(description: Description) -> dict[str, str]:
    return {
        field.name: _CURVILINEAR
        for field in description.fields
        if not isinstance(description.grids[field.grid or ""], RectilinearGrid | ProjectedGrid)
    }


def _without_overviews(description: Description) -> Description:
    variables = {name: replace(variable, overviews=(), series=()) for name, variable in description.variables.items()}
    return replace(description, variables=variables)


def _revision(version: str, slot: int) -> int:
    """Name the content of a slot: no more can be told of plain Zarr than which metadata was found with it."""
    return int.from_bytes(blake2b(f"{version} {slot}".encode(), digest_size=8).digest()) >> 1
