"""One large ingest: memory of all its processes, how true its progress is, and whether the values are right.

Run: `make bulk ARGS="--gigabytes 20"`. What was cut short goes on where it was, and is then stated as resumed.
"""

import argparse
import asyncio
import os
import platform
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np

from bench.ingest import DATA, RESULTS, prepare
from bench.ocean import NAMES, Ocean
from bench.processes import memory
from gateway.sampling import Sampler
from gateway.series import cell_series
from gateway.workers import Workers
from stores.cache import ChunkCache
from stores.ingest.crew import Processes
from stores.ingest.run import Progress, Summary, ingest
from stores.location import Location
from stores.repository import StoredDataset

CELLS: Final = 3
"""That are compared at every step."""
EVERY: Final = 0.5
"""Seconds between looks at the memory and the progress."""


@dataclass(slots=True)
class Watch:
    """Looks at this process and all below it, again and again."""

    started: float = field(default_factory=time.monotonic)
    fraction: float = 0.0
    """Of the bytes, as the ingest has last said."""
    peak: int = 0
    """Bytes in memory at most."""
    seen: list[tuple[float, float]] = field(default_factory=list)
    """(seconds, fraction)."""
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Look until it is done."""
        while not self.done.wait(EVERY):
            self.seen.append((time.monotonic() - self.started, self.fraction))
            self.peak = max(self.peak, memory(os.getpid()))

    def report(self, progress: Progress) -> None:
        """Take note of what the ingest says."""
        self.fraction = progress.bytes_done / max(1, progress.bytes_total)

    def worst(self, seconds: float) -> float:
        """Return by how much the fraction said was off the fraction of the time, at most."""
        return max((abs(fraction - at / seconds) for at, fraction in self.seen), default=0.0)


def taken(files: Sequence[Path], store: Path) -> tuple[Summary, Watch, float]:
    """Ingest, watched; return the seconds too."""
    watch = Watch()
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        with Processes(2) as crew:
            summary = ingest(Location.parse(str(store)), "bulk", files, crew=crew, report=watch.report)
        seconds = time.monotonic() - watch.started
    finally:
        watch.done.set()
        thread.join()
    return summary, watch, seconds


async def compared(files: Sequence[Path], store: Path, seed: int) -> int:
    """Compare some cells at all steps with what netCDF4 reads; return the number of values.

    Raises:
        SystemExit: one is other.

    """
    dataset, reader = await StoredDataset(Location.parse(str(store)), "bulk").open()
    sampler = Sampler(dataset="bulk", reader=reader, cache=ChunkCache(2**28), workers=Workers(1), geometry={})
    variable = dataset.description.variables[NAMES[0]]
    chosen, count = np.random.default_rng(seed), 0
    for _ in range(CELLS):
        row, column = (int(chosen.integers(0, size)) for size in variable.shape[-2:])
        found = await cell_series(sampler, variable, dataset.steps.rows, (row, column))
        for path, codes in zip(files, found.codes, strict=True):
            with netCDF4.Dataset(path) as file:
                file.set_auto_maskandscale(False)
                if not np.array_equal(file[variable.name][0, :, row, column], codes):
                    raise SystemExit(f"bulk: {path.name}: other values at row {row}, column {column}")
            count += codes.size
    return count


def main() -> None:
    """Make the files, ingest them, and add a row to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--gigabytes", type=float, default=20.0, help="raw")
    given.add_argument("--levels", type=int, default=5)
    given.add_argument("--seed", type=int, default=2015)
    asked = given.parse_args()
    ocean = Ocean(levels=asked.levels, seed=asked.seed)
    files = prepare(ocean, max(1, round(asked.gigabytes * 1e9 / ocean.nbytes)))
    store = DATA / f"bulk-store-{asked.seed}"
    resumed = store.exists()
    summary, watch, seconds = taken(files, store)
    if summary.refused or summary.steps != len(files):
        raise SystemExit(f"bulk: the ingest went wrong: {summary}")
    count = asyncio.run(compared(files, store, asked.seed))
    raw, size = ocean.nbytes * len(files), sum(path.stat().st_size for path in files)
    table = (
        f"\n## {datetime.now(UTC):%Y-%m-%d}, bulk ingest, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}\n\n"
        f"{len(files)} files of {ocean.levels} levels x {ocean.ny} x {ocean.nx}, seed {asked.seed}"
        f"{', resumed' if resumed else ''}; {count} values of {CELLS} cells equal to netCDF4's.\n\n"
        "| raw GB | GB of files | s | raw MB/s | peak MB, all processes | progress off by, at most |\n"
        "|---|---|---|---|---|---|\n"
        f"| {raw / 1e9:.1f} | {size / 1e9:.1f} | {seconds:.0f} | {raw / seconds / 1e6:.0f} "
        f"| {watch.peak / 1e6:.0f} | {watch.worst(seconds):.0%} |\n"
    )
    print(table)
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(table)
    shutil.rmtree(store)


if __name__ == "__main__":
    main()
