"""Generate the demonstration ocean as NetCDF files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from demo.grid import Grid
from demo.ocean import ocean, on
from demo.products import CHLOROPHYLL, ICE, PHYSICS, Product

Report = Callable[[str, float], None]
"""Told what comes next and which part of the whole is done, 0 to 1."""

_SPANS = ((PHYSICS, -3, 3), (ICE, -3, 3), (CHLOROPHYLL, -3, -1))
"""First and last day of each product, in days from today: there are forecasts, and satellites see the past."""
_PREPARATION = 2
"""How many files the preparation is worth, in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    product: Product
    day: date


def generate(folder: Path, *, today: date, report: Report, step: float = 0.25) -> list[Path]:
    """Write the files that are not there yet, and return the paths of all, by product and day.

    A file of a day is the same whatever day it was generated on. Files appear only when they are whole, so that what
    was interrupted can simply be called again.

    Args:
        folder: holds one folder per product.
        today: the middle of the time axis of the forecast.
        report: for a progress bar.
        step: degrees between cell centres; divides 10.

    """
    wanted = [
        _File(
            path=_path(folder, product, today + timedelta(days=days)), product=product, day=today + timedelta(days=days)
        )
        for product, first, last in _SPANS
        for days in range(first, last + 1)
    ]
    missing = [file for file in wanted if not file.path.exists()]
    if missing:
        _write(missing, Grid(step=step), report)
    report("demonstration ocean", 1.0)
    return [file.path for file in wanted]


def _path(folder: Path, product: Product, day: date) -> Path:
    return folder / product.name / f"demo-{product.name}-{day:%Y%m%d}.nc"


def _write(missing: list[_File], grid: Grid, report: Report) -> None:
    # netCDF4 is slow to import, and the command line imports this module whatever it is asked to do.
    from demo import files  # noqa: PLC0415

    whole = len(missing) + _PREPARATION
    report("coasts and climate", 0.0)
    world = ocean(grid)
    done = _PREPARATION
    for day in sorted({file.day for file in missing}):
        today = on(world, day)
        for file in (file for file in missing if file.day == day):
            report(f"{file.product.name} {day.isoformat()}", done / whole)
            files.write(file.path, file.product, grid, day, today.fields(file.product))
            done += 1
