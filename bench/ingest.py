"""Ingest against netCDF4 alone reading the same files: map copy only, and with all that belongs to it.

Run: `make ingestbench`. Reading and ingesting take turns, so that what else the machine does meets all of them.
"""

import argparse
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest.mock import patch

import netCDF4

from bench.ocean import NAMES, Ocean, write_day
from bench.processes import cpu
from stores.ingest import intake, reading
from stores.ingest.blocks import Blocks
from stores.ingest.crew import Processes
from stores.ingest.ledger import Written
from stores.ingest.run import ingest
from stores.ingest.scan import Scanned
from stores.ingest.source import Source
from stores.location import Location
from stores.writer import Writer

DATA: Final = Path("data/bench")
RESULTS: Final = Path(__file__).parent / "RESULTS.md"
T = TypeVar("T")
R = TypeVar("R")


def read_raw(path: Path) -> int:
    """Read all fields of a file with netCDF4 alone; return their bytes."""
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        return sum(int(file[name][...].nbytes) for name in NAMES if name in file.variables)


class WithoutOverviews:
    """A crew whose files are described as if they had none."""

    def __init__(self, crew: Processes) -> None:
        """Let `crew` do the work."""
        self._crew = crew

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of `items`."""
        for found in self._crew.each(work, items):
            yield _without_overviews(found)

    def one(self, work: Callable[[T], R], item: T) -> R:
        """Return one result."""
        return next(self.each(work, [item]))


def _without_overviews(found: R) -> R:
    if not isinstance(found, Scanned):
        return found
    description = found.header.description
    variables = {name: replace(variable, overviews=()) for name, variable in description.variables.items()}
    header = replace(found.header, description=replace(description, variables=variables))
    return replace(found, header=header)


def copied(files: Sequence[Path], crew: Processes, *, everything: bool) -> None:
    """Ingest into a new store: all that an ingest does, or the map copy alone, unverified."""
    store = DATA / "ingest-store"
    with ExitStack() as patches:
        if not everything:
            patches.enter_context(patch.object(Written, "check", lambda *_: None))
            patches.enter_context(patch.object(Blocks, "renewed", lambda _, state, **__: (state, "")))
        summary = ingest(
            Location.parse(str(store)),
            "bench",
            files,
            crew=crew if everything else WithoutOverviews(crew),
            report=lambda _: None,
        )
    if summary.refused or summary.steps != len(files):
        raise SystemExit(f"bench: the ingest went wrong: {summary}")


def read(files: Sequence[Path], crew: Processes) -> None:
    """Let a crew read the files with netCDF4 alone."""
    for _ in crew.each(read_raw, files):
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of going through all files once."""

    seconds: float
    cpu: float
    """CPU seconds of all processes."""


def costs(files: Sequence[Path], rounds: int) -> dict[str, Cost]:
    """Return the least cost of each way to go through all files; they take turns."""
    best: dict[str, Cost] = {}
    with Processes(1) as one, Processes(2) as two:
        ways: Mapping[str, Callable[[], None]] = {
            "netCDF4 alone, 1 process": lambda: read(files, one),
            "netCDF4 alone, 2 processes": lambda: read(files, two),
            "ingest, map copy only": lambda: copied(files, two, everything=False),
            "ingest, everything": lambda: copied(files, two, everything=True),
        }
        for name in ("ingest, everything", "netCDF4 alone, 1 process", *list(ways) * rounds):
            shutil.rmtree(DATA / "ingest-store", ignore_errors=True)
            os.sync()
            start, used = time.perf_counter(), cpu(os.getpid())
            ways[name]()
            # The system counts in hundredths of a second.
            spent = max(0.01, cpu(os.getpid()) - used)
            cost = Cost(seconds=time.perf_counter() - start, cpu=spent)
            least = best.get(name, cost)
            best[name] = Cost(seconds=min(least.seconds, cost.seconds), cpu=min(least.cpu, cost.cpu))
    return {name: best[name] for name in ways}


def profile(files: Sequence[Path]) -> dict[str, float]:
    """Return CPU seconds by step of an ingest in one process, all threads counted."""
    spent: dict[str, float] = {}
    steps: tuple[tuple[str, Any, str], ...] = (
        ("read NetCDF", Source, "part"),
        ("overviews", reading, "overviews"),
        ("statistics", reading, "contribution"),
        ("encode", reading, "encode"),
        ("put", Writer, "put_chunks"),
        ("read back", Written, "check"),
        ("series: cut, encode, put, read back", Blocks, "renewed"),
        ("all of reading and encoding", intake, "read_task"),
    )
    shutil.rmtree(DATA / "ingest-store", ignore_errors=True)
    with ExitStack() as patches:
        for name, owner, attribute in steps:
            patches.enter_context(patch.object(owner, attribute, _counting(getattr(owner, attribute), name, spent)))
        with Processes(0) as crew:
            start = time.process_time()
            copied(files, crew, everything=True)
            spent["all"] = time.process_time() - start
    return spent


def _counting(work: Callable[..., R], name: str, spent: dict[str, float]) -> Callable[..., R]:
    def counted(*given: Any, **named: Any) -> R:
        start = time.process_time()
        try:
            return work(*given, **named)
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - start

    return counted


def prepare(ocean: Ocean, days: int) -> list[Path]:
    """Make the files that are not there yet."""
    name = f"{ocean.kind}-{ocean.variables}x{ocean.levels}x{ocean.ny}x{ocean.nx}-{ocean.seed}"
    folder = DATA / name
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"day_{day:05d}.nc" for day in range(days)]
    if not all(path.exists() for path in files):
        waves = ocean.waves()
        for day, path in enumerate(files):
            if not path.exists():
                write_day(path, day, ocean, waves)
    return files


def report(ocean: Ocean, files: Sequence[Path], best: Mapping[str, Cost], spent: Mapping[str, float]) -> str:
    """Write the tables."""
    raw, size = ocean.nbytes * len(files), sum(path.stat().st_size for path in files)
    alone = best["netCDF4 alone, 1 process"], best["netCDF4 alone, 2 processes"]
    rows = [
        f"| {name} | {cost.seconds:.2f} | {raw / cost.seconds / 1e6:.0f} | {alone[0].seconds / cost.seconds:.2f} "
        f"| {alone[1].seconds / cost.seconds:.2f} | {cost.cpu:.1f} | {alone[0].cpu / cost.cpu:.2f} |"
        for name, cost in best.items()
    ]
    steps = [f"| {name} | {seconds:.2f} |" for name, seconds in spent.items()]
    head = (
        f"\n## {datetime.now(UTC):%Y-%m-%d}, ingest, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}\n\n"
        f"{len(files)} files of one day, {ocean.kind}, {ocean.variables} variables x {ocean.levels} levels x "
        f"{ocean.ny} x {ocean.nx}: {raw / 1e6:.0f} MB raw, {size / 1e6:.0f} MB of files; seed {ocean.seed}. "
        "Two processes read and encode, a third one writes; the best of several rounds that take turns.\n\n"
        "| what | s | raw MB/s | to netCDF4 alone | to 2 x netCDF4 | CPU s | CPU to netCDF4 |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    between = (
        "\n\nCPU seconds by step, in one process; `encode` includes that of the overviews.\n\n"
        "| step | CPU s |\n|---|---|\n"
    )
    return head + "\n".join(rows) + between + "\n".join(steps) + "\n"


def main() -> None:
    """Measure, and add the tables to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--days", type=int, default=64, help="one file each; series are cut from 64 on")
    given.add_argument("--levels", type=int, default=2)
    given.add_argument("--variables", type=int, default=2)
    given.add_argument("--coarser", type=int, default=2, help="than 1/12 degree, so many times")
    given.add_argument("--kind", choices=["packed", "classic"], default="packed")
    given.add_argument("--rounds", type=int, default=3)
    asked = given.parse_args()
    size = Ocean()
    ocean = Ocean(
        ny=size.ny // asked.coarser,
        nx=size.nx // asked.coarser,
        levels=asked.levels,
        variables=asked.variables,
        kind=asked.kind,
    )
    files = prepare(ocean, asked.days)
    table = report(ocean, files, costs(files, asked.rounds), profile(files))
    print(table)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(table)


if __name__ == "__main__":
    main()
