"""What a download would take, told before anything is read, and what would fit of one that is too large."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, prod
from typing import Any, Final, Literal

import numpy as np

from core.selection.layout import Layout
from core.selection.plan import Plan
from core.selection.text_size import text_size
from core.steps import StepTable

Format = Literal["netcdf3", "netcdf4", "netcdf4-classic", "csv"]

_DECODED: Final = 4e8
"""Bytes of chunks that are read and decoded in a second, about."""
_WRITTEN: Final[Mapping[str, float]] = {"netcdf3": 8e8, "netcdf4": 1.2e8, "netcdf4-classic": 1.2e8, "csv": 5e7}
"""Bytes of a file that are made in a second, about."""
_CHUNK: Final = 2e-4
"""Seconds for each chunk, about."""
_HDF5: Final = 2**14
"""Bytes of a netCDF-4 file for each variable, about, beside its values."""
_LONGER: Final = 512
"""Bytes by which the address of a piece, in `history`, may be longer than that of the whole."""
_MARGIN: Final = 1.02
"""What does not shrink with the box: the header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one request would take."""

    cells: int
    """Values of the fields that are asked for."""
    chunks: int
    """To be read."""
    read: int
    """Bytes of these chunks, decoded."""
    sizes: Mapping[Format, int]
    """Bytes of the file by format: exact for netCDF-3, at most for netCDF-4, rather more than fewer for CSV."""
    steps: Mapping[Format, int]
    """Bytes of the file that each step adds; 0 where nothing that is taken has any."""
    seconds: Mapping[Format, float]
    """By format, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some steps that follow each other."""

    first: str
    """Time of the first of them, ISO 8601."""
    last: str
    """Time of the last of them, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """Why a download does not fit, and what would."""

    size: int
    """Bytes that it would have, about."""
    allowed: int
    """Bytes that one may have."""
    pieces: tuple[Span, ...]
    """Parts of its time that fit; none where one step does not."""
    steps: int
    """That are asked for."""
    levels: int
    """Of all axes but time, rows and columns, that are asked for."""
    smaller: int
    """How many times smaller one step has to be to fit."""


def estimate(plan: Plan, layout: Layout, classic: int, read: tuple[int, int]) -> Estimate:
    """Tell what a plan would take; `classic` is its size as netCDF-3, `read` its chunks and their bytes."""
    hdf5 = layout.bytes + _HDF5 * (1 + len(layout.variables))
    text, step = text_size(plan, {given.name: given for given in layout.variables})
    sizes: dict[Format, int] = {"netcdf3": classic, "netcdf4": hdf5, "netcdf4-classic": hdf5, "csv": text}
    reading = read[0] * _CHUNK + read[1] / _DECODED
    return Estimate(
        cells=plan.cells,
        chunks=read[0],
        read=read[1],
        sizes=sizes,
        steps=_steps(plan, layout, step),
        seconds={name: round(reading + size / _WRITTEN[name], 3) for name, size in sizes.items()},
    )


def _steps(plan: Plan, layout: Layout, text: int) -> dict[Format, int]:
    if plan.dataset.description.time is None or not any(plan.variable(name).stepped for name in plan.fields):
        return {"netcdf3": 0, "netcdf4": 0, "netcdf4-classic": 0, "csv": 0}
    stepped = [given for given in layout.variables if plan.dimensions(given.name).slot is not None]
    values = sum(prod(given.shape[1:]) * given.itemsize for given in stepped)
    texts = sum(prod(given.shape[1:]) * given.itemsize for given in stepped if given.dtype == "str")
    # The classic format leaves text of any length out.
    return {"netcdf3": values - texts, "netcdf4": values, "netcdf4-classic": values, "csv": text}


def excess(plan: Plan, found: Estimate, written: Format, most: int) -> Excess | None:
    """Return what is too much of a download if `most` bytes are allowed; None if it fits."""
    size = found.sizes[written]
    if size <= most:
        return None
    one = size - (len(plan.rows) - 1) * found.steps[written]
    return Excess(
        size=size,
        allowed=most,
        pieces=pieces(plan, found, written, most),
        steps=len(plan.rows),
        levels=max((prod(list(map(len, plan.inner(name)))[:-2]) for name in plan.fields), default=1),
        smaller=ceil(_MARGIN * one / most),
    )


def pieces(plan: Plan, found: Estimate, written: Format, most: int) -> tuple[Span, ...]:
    """Return about equal parts of the time that is asked for, each of which fits into `most` bytes.

    None where there are no steps, or one alone does not fit.
    """
    size, step, count = found.sizes[written], found.steps[written], len(plan.rows)
    if not step or size - (count - 1) * step + _LONGER > most:
        return ()
    together = min(count, (most - _LONGER - (size - count * step)) // step)
    table = StepTable(calendar=plan.dataset.steps.calendar, rows=plan.rows)
    parts: list[Any] = np.array_split(np.arange(count), ceil(count / together))
    return tuple(Span(first=table.iso(int(part[0])), last=table.iso(int(part[-1]))) for part in parts)
