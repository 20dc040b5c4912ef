"""What a download would take, told before anything is read, and how to cut one that is too large."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, prod
from typing import Any, Final, Literal

import numpy as np

from core.problem import Problem
from core.selection.layout import Layout
from core.selection.plan import Plan
from core.steps import StepTable

Format = Literal["netcdf3", "netcdf4", "netcdf4-classic", "csv"]

_DECODED: Final = 4e8
"""Bytes of chunks that are read and decoded in a second, about."""
_WRITTEN: Final[Mapping[str, float]] = {"netcdf3": 8e8, "netcdf4": 1.2e8, "netcdf4-classic": 1.2e8, "csv": 1e7}
"""Bytes of a file that are made in a second, about."""
_CHUNK: Final = 2e-4
"""Seconds for each chunk, about."""
_LINE: Final = 24
"""Characters of one number in CSV, about, with what parts it from the next."""
_HDF5: Final = 2**14
"""Bytes of a netCDF-4 file for each variable, about, beside its values."""
_LONGER: Final = 512
"""Bytes by which the address of a piece, in `history`, may be longer than that of the whole."""
_MARGIN: Final = 1.02
"""What does not shrink with the box: the header."""
_NAMED: Final = 12
"""Pieces that a refusal spells out."""


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
    """Bytes of the file by format: exact for netCDF-3, at most for netCDF-4, about for CSV."""
    steps: Mapping[Format, int]
    """Bytes of the file that each step adds; 0 where nothing that is taken has any."""
    seconds: Mapping[Format, float]
    """By format, about."""


def estimate(plan: Plan, layout: Layout, classic: int, read: tuple[int, int]) -> Estimate:
    """Tell what a plan would take; `classic` is its size as netCDF-3, `read` its chunks and their bytes."""
    hdf5 = layout.bytes + _HDF5 * (1 + len(layout.variables))
    sizes: dict[Format, int] = {"netcdf3": classic, "netcdf4": hdf5, "netcdf4-classic": hdf5, "csv": _text(plan)}
    reading = read[0] * _CHUNK + read[1] / _DECODED
    return Estimate(
        cells=plan.cells,
        chunks=read[0],
        read=read[1],
        sizes=sizes,
        steps=_steps(plan, layout, sizes),
        seconds={name: round(reading + size / _WRITTEN[name], 3) for name, size in sizes.items()},
    )


def _steps(plan: Plan, layout: Layout, sizes: Mapping[Format, int]) -> dict[Format, int]:
    if plan.dataset.description.time is None or not any(plan.variable(name).stepped for name in plan.fields):
        return dict.fromkeys(sizes, 0)
    stepped = [given for given in layout.variables if plan.dimensions(given.name).slot is not None]
    values = sum(prod(given.shape[1:]) * given.itemsize for given in stepped)
    texts = sum(prod(given.shape[1:]) * given.itemsize for given in stepped if given.dtype == "str")
    # The classic format leaves text of any length out.
    own = {"netcdf3": values - texts, "csv": sizes["csv"] // len(plan.rows)}
    return {name: own.get(name, values) for name in sizes}


def _text(plan: Plan) -> int:
    """Return the size as CSV: a line for each place and time, with its coordinates."""
    lines = max((prod(plan.shape(name)) for name in plan.fields), default=0)
    most = max((len(plan.shape(name)) for name in plan.fields), default=0)
    return lines * _LINE * (most + len(plan.fields))


def within(plan: Plan, found: Estimate, written: Format, most: int) -> None:
    """Accept a download, if `most` bytes are allowed.

    Raises:
        Problem: `too_large`, naming requests that would fit.

    """
    size = found.sizes[written]
    if size <= most:
        return
    parts = pieces(plan, found, written, most)
    advice = _parts(parts) if parts else _boxes(plan, size - (len(plan.rows) - 1) * found.steps[written], most)
    message = f"that is about {_shown(size)}, and {_shown(most)} are allowed in one request: ask {advice}"
    raise Problem("too_large", message, parameter="var")


def pieces(plan: Plan, found: Estimate, written: Format, most: int) -> tuple[str, ...]:
    """Return about equal parts of the time that is asked for, as BEGIN/END, each of which fits into `most` bytes.

    None where there are no steps, or one alone does not fit.
    """
    size, step, count = found.sizes[written], found.steps[written], len(plan.rows)
    if not step or size - (count - 1) * step + _LONGER > most:
        return ()
    together = min(count, (most - _LONGER - (size - count * step)) // step)
    table = StepTable(calendar=plan.dataset.steps.calendar, rows=plan.rows)
    parts: list[Any] = np.array_split(np.arange(count), ceil(count / together))
    return tuple(f"{table.iso(int(part[0]))}/{table.iso(int(part[-1]))}" for part in parts)


def _parts(parts: tuple[str, ...]) -> str:
    more = f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else ""
    return f"{len(parts)} requests: TIME {', '.join(parts[:_NAMED])}{more}"


def _boxes(plan: Plan, size: int, most: int) -> str:
    """Advise where one step, of `size` bytes, does not fit."""
    levels = max((prod(list(map(len, plan.inner(name)))[:-2]) for name in plan.fields), default=1)
    steps = f"one step at a time ({len(plan.rows)} requests) and " if len(plan.rows) > 1 else ""
    inner = "fewer levels or " if levels > 1 else ""
    return f"for {steps}{inner}boxes {ceil(_MARGIN * size / most)} times smaller"


def _shown(size: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size:.0f} bytes"
