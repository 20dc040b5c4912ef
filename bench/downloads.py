"""What downloads take: a gigabyte of netCDF-4 beside netCDF4 alone, and tiles beside twenty downloads.

Run: `make downloads`. Needs wrk. Client and server share the machine.
"""

import argparse
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

import netCDF4
import numpy as np

from bench import field, wrk
from bench.prepared import World, prepare
from bench.rows import added
from bench.servers import Server, ours
from bench.workload import path_of, sea_of, tiles

_STEPS: Final = 6
"""Of ten levels: 1.06 GB of int16."""
_ROUNDS: Final = 3
_CLIENTS: Final = 50
_DOWNLOADS: Final = 20
_PIECE: Final = 2**20
_CACHE: Final = 2**28


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one download took."""

    seconds: float
    size: int
    """Bytes of the file."""
    peak: float
    """MB that all processes of the server had in memory at most, at one time; what they share counts once."""


def alone(source: Path, folder: Path) -> float:
    """Return the seconds in which netCDF4 writes the same values with the same compression, read before."""
    with netCDF4.Dataset(source) as file:
        file.set_auto_maskandscale(False)
        values = [file["thetao"][step] for step in range(_STEPS)]
    begun = time.perf_counter()
    with netCDF4.Dataset(folder / "alone.nc", "w") as file:
        names = ("time", "depth", "latitude", "longitude")
        for name, size in zip(names, (_STEPS, *values[0].shape), strict=True):
            file.createDimension(name, size)
        chunks = (1, 1, 512, 512)
        made = file.createVariable(
            "thetao", "i2", names, zlib=True, complevel=1, shuffle=True, fill_value=field.FILL, chunksizes=chunks
        )
        made.set_auto_maskandscale(False)
        for step, plane in enumerate(values):
            made[step] = plane
    return time.perf_counter() - begun


def subset_of(step: int, steps: int, **more: str) -> str:
    """Return the address of a download of whole levels."""
    first, last = (f"2015-01-{1 + day:02d}T00:00:00Z" for day in (step, step + steps - 1))
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/thredds/ncss/grid/bench?var=thetao&accept=netcdf4&time_start={first}&time_end={last}{query}"


def fetched(base: str, path: str, target: Path) -> int:
    """Download a file; return its bytes, which are as many as were announced."""
    with urllib.request.urlopen(base + path, timeout=600) as answer, target.open("wb") as file:
        announced = int(answer.headers["Content-Length"])
        while piece := answer.read(_PIECE):
            file.write(piece)
    if target.stat().st_size != announced:
        raise SystemExit(f"{target.stat().st_size} bytes came of {announced}")
    return announced


def one(world: World, folder: Path) -> Told:
    """Download a gigabyte once from a server that was just started, and compare it with the source."""
    with ours(world.config("downloads", chunk_cache=_CACHE)) as server, Watched(server) as watched:
        begun = time.perf_counter()
        size = fetched(server.base, subset_of(0, _STEPS), folder / "made.nc")
        seconds = time.perf_counter() - begun
    with netCDF4.Dataset(folder / "made.nc") as made, netCDF4.Dataset(world.packed) as source:
        for file in (made, source):
            file.set_auto_maskandscale(False)
        for step in range(_STEPS):
            if not np.array_equal(made["thetao"][step], source["thetao"][step]):
                raise SystemExit("the file holds other values than its source: no rate counts")
    return Told(seconds=seconds, size=size, peak=watched.peak)


class Watched:
    """Looks at the memory of a server's processes again and again."""

    def __init__(self, server: Server) -> None:
        """Begin with nothing seen."""
        self.peak = 0.0
        self._server = server
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.05):
            self.peak = max(self.peak, self._server.memory())


def beside(world: World, folder: Path, seconds: float) -> tuple[wrk.Load, wrk.Load, int]:
    """Return tiles for 50 clients alone, then beside 20 downloads, and how many downloads came whole meanwhile."""
    paths = wrk.write_paths(
        folder / "tiles.txt", [path_of(tile) for tile in tiles(3000, 20150101, sea_of(world.packed))]
    )
    with ours(world.config("downloads", chunk_cache=2**30)) as server:
        wrk.run(server.base, paths, connections=_CLIENTS, seconds=seconds)
        quiet = wrk.run(server.base, paths, connections=_CLIENTS, seconds=seconds)
        end = threading.Event()
        whole: list[int] = []

        def download(number: int) -> None:
            while not end.is_set():
                # Each its own box, so that none is handed another's file.
                edge = str(-60 + number + len(whole) / 1000)
                path = subset_of(number % field.STEPS, 1, north="80", south=edge, west="-180", east="180")
                whole.append(fetched(server.base, path, folder / f"part{number}.nc"))

        with ThreadPoolExecutor(_DOWNLOADS) as pool:
            running = [pool.submit(download, number) for number in range(_DOWNLOADS)]
            time.sleep(2)
            busy = wrk.run(server.base, paths, connections=_CLIENTS, seconds=3 * seconds)
            end.set()
            for each in running:
                each.result()
    return quiet, busy, len(whole)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and add rows to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=5, help="of each run of tiles")
    asked = given.parse_args(arguments)
    world = prepare(lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory(dir=world.folder) as name:
        print(_gigabyte(world, Path(name)))
        print(_beside(world, Path(name), asked.seconds))


def _gigabyte(world: World, folder: Path) -> str:
    local, told = zip(*((alone(world.packed, folder), one(world, folder)) for _ in range(_ROUNDS)), strict=True)
    best = min(told, key=lambda each: each.seconds)
    return added(
        "A gigabyte of netCDF-4",
        "`make downloads`: by HTTP from a server just started, beside netCDF4 alone writing the same values from\n"
        f"memory; the best of {_ROUNDS} in turns; every value equal. To reach: 0.7; 500 MB in all.",
        ("day", "raw MB", "MB of file", "netCDF4 alone s", "by HTTP s", "ratio", "peak MB"),
        (
            f"{datetime.now(UTC):%Y-%m-%d}",
            _STEPS * len(field.DEPTHS) * field.NY * field.NX * 2 // 10**6,
            best.size // 10**6,
            f"{min(local):.1f}",
            f"{best.seconds:.1f}",
            f"{min(local) / best.seconds:.2f}",
            f"{max(each.peak for each in told):.0f}",
        ),
    )


def _beside(world: World, folder: Path, seconds: float) -> str:
    quiet, busy, whole = beside(world, folder, seconds)
    return added(
        "Tiles beside downloads",
        f"`make downloads`: {_CLIENTS} clients of warm tiles, alone and beside {_DOWNLOADS} downloads of netCDF-4\n"
        "that begin anew as they end. To reach: p99 within 5 times.",
        ("day", "per second alone", "beside", "p99 alone ms", "beside", "times", "downloads"),
        (
            f"{datetime.now(UTC):%Y-%m-%d}",
            f"{quiet.rate:.0f}",
            f"{busy.rate:.0f}",
            f"{quiet.p99:.1f}",
            f"{busy.p99:.1f}",
            f"{busy.p99 / quiet.p99:.1f}",
            whole,
        ),
    )


if __name__ == "__main__":
    main()
