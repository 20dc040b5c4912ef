"""More clients than a unit can serve: what is accepted and refused, how long each waits, and whether it is soon well.

Run: `make overload`. One server process, with the limits that it has by itself; clients come back at once, whatever
they were told. The crowd and the server share the machine, so compare rows rather than single times.
"""

import argparse
import asyncio
import json
import math
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvloop
import yaml

from bench import processes
from bench.crowd import Choice, Heard, asked, crowd
from bench.ocean import Ocean, write_day
from bench.watching import late_beats
from bench.workload import EDGE
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

HERE: Final = Path(__file__).parent
DAYS: Final = 4
CROWDS: Final = (8, 16, 50, 200, 500)
MIXES: Final = {
    "tiles": {"tile": 1.0},
    "mixed": {"tile": 0.84, "value": 0.05, "legend": 0.05, "capabilities": 0.04, "large": 0.02},
}
_WMS: Final = "/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST="
_PATIENCE: Final = 400
"""Times that a server which begins is asked whether it is there, 50 ms apart."""
_LEAST: Final = 0.05
"""Seconds: who gets a tile within them after a flood finds a unit that has recovered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one crowd met with."""

    clients: int
    heard: Heard
    health: Sequence[float]
    """Milliseconds of each answer of `/health/live` meanwhile."""
    late: tuple[int, int]
    """How often the loop came back later than 50 ms, and how often it was looked at."""
    cpu: float
    """Seconds of the server."""
    peak: float
    """Of the memory of the server so far, MB."""
    recovery: float
    """Seconds from the end of the flood to the first tile that came quickly."""


class Server:
    """One server process, from this tree or another."""

    def __init__(self, config: Path, tree: Path) -> None:
        """Start it, and wait until it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "cli.main", "serve", str(config), "--port", str(self.port)]
        self._process = subprocess.Popen(command, cwd=tree, stderr=subprocess.DEVNULL)
        for _ in range(_PATIENCE):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live").read()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise SystemExit("the server does not answer")

    @property
    def number(self) -> int:
        """Return its process number."""
        return self._process.pid

    def peak(self) -> float:
        """Return the peak resident memory of the largest of its processes, in MB."""
        found = [Path(f"/proc/{process}/status").read_text() for process in processes.tree(self.number)]
        return max(int(text.split("VmHWM:")[1].split()[0]) for text in found) / 1000

    def late(self) -> tuple[int, int]:
        """Return how often the loop was late by more than 50 ms, and how often it was looked at."""
        ((late, beats),) = late_beats(f"http://127.0.0.1:{self.port}").values()
        return late, beats

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


def choice(mix: str) -> Choice:
    """Return what chooses the questions of a mix."""
    kinds, weights = list(MIXES[mix]), list(MIXES[mix].values())

    def choose(chosen: random.Random) -> tuple[str, str]:
        kind = chosen.choices(kinds, weights)[0]
        return kind, path_of(kind, chosen)

    return choose


def path_of(kind: str, chosen: random.Random) -> str:
    """Write a question; no two maps are alike, so that none is drawn for two clients."""
    if kind == "capabilities":
        return f"{_WMS}GetCapabilities"
    if kind == "legend":
        high = f"{chosen.uniform(20, 30):.6f}"
        return f"{_WMS}GetLegendGraphic&LAYER=sea/thetao&FORMAT=image/png&COLORSCALERANGE=0,{high}"
    width, height = (4096, 2048) if kind == "large" else (256, 256)
    zoom = chosen.randrange(1, 6)
    side = 2 * EDGE / 2**zoom
    west, south = -EDGE + chosen.randrange(2**zoom) * side, chosen.uniform(-0.3, 0.3) * EDGE
    view = (
        f"LAYERS=sea/thetao&STYLES=default-scalar/turbo&CRS=EPSG:3857&BBOX={west},{south},{west + side},{south + side}"
        f"&WIDTH={width}&HEIGHT={height}&FORMAT=image/png&TRANSPARENT=TRUE&TIME=2015-01-0{chosen.randrange(DAYS) + 1}"
        f"&COLORSCALERANGE=0,{chosen.choice((25, 30))}"
    )
    if kind == "value":
        return f"{_WMS}GetFeatureInfo&{view}&QUERY_LAYERS=sea/thetao&I=100&J=100&INFO_FORMAT=application/json"
    return f"{_WMS}GetMap&{view}"


@contextmanager
def served() -> Iterator[Path]:
    """Yield the configuration of a unit that serves a few days."""
    with tempfile.TemporaryDirectory() as name:
        folder, ocean = Path(name), Ocean(ny=1020, nx=2160)
        waves = ocean.waves()
        for day in range(DAYS):
            write_day(folder / f"day{day}.nc", day, ocean, waves)
        store = Location.parse(str(folder / "store"))
        ingest(store, "sea", sorted(folder.glob("day*.nc")), crew=Processes(0), report=lambda _: None)
        config = folder / "unit.yaml"
        settings = {"store": "store", "datasets": [{"id": "sea", "source": "day*.nc"}]}
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        yield config


def flood(server: Server, clients: int, seconds: float, choose: Choice) -> Row:
    """Let a crowd ask, and look at the server meanwhile and afterwards."""
    probe = subprocess.Popen(
        [sys.executable, "-m", "bench.probing", "127.0.0.1", str(server.port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    before, cpu = server.late(), processes.cpu(server.number)
    heard = uvloop.run(crowd(server.port, clients, seconds, choose))
    recovery = uvloop.run(recovered(server.port))
    cpu, after = processes.cpu(server.number) - cpu, server.late()
    health = json.loads(probe.communicate()[0])
    return Row(
        clients=clients,
        heard=heard,
        health=health,
        late=(after[0] - before[0], after[1] - before[1]),
        cpu=cpu,
        peak=server.peak(),
        recovery=recovery,
    )


async def recovered(port: int) -> float:
    """Return the seconds until a tile comes quickly again."""
    begun, chosen = time.perf_counter(), random.Random(7)
    while True:
        asking = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        status, _ = await asked(reader, writer, path_of("tile", chosen))
        writer.close()
        if status == 200 and time.perf_counter() - asking < _LEAST:
            return asking - begun
        await asyncio.sleep(0.01)


def percentile(times: Sequence[float], share: float) -> float:
    """Return the value that a share of `times` does not exceed; NaN of none."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] if times else math.nan


def line(row: Row) -> str:
    """Write a row of the table."""
    heard, tiles = row.heard, row.heard.milliseconds["tile"]
    everything = [one for found in heard.milliseconds.values() for one in found]
    good = heard.answered(200)
    return (
        f"| {row.clients} | {good / heard.seconds:.0f} | {heard.answered(503) / heard.seconds:.0f} "
        f"| {statistics.median(tiles or [math.nan]):.0f} | {percentile(tiles, 0.99):.0f} "
        f"| {percentile(everything, 0.99):.0f} | {max(everything, default=math.nan):.0f} "
        f"| {percentile(row.health, 0.99):.0f} | {max(row.health):.0f} | {row.late[0]} of {row.late[1]} "
        f"| {row.cpu / max(good, 1) * 1000:.2f} | {row.peak:.0f} | {row.recovery:.2f} |"
    )


def main() -> None:
    """Flood, and add the tables to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=10.0, help="of each crowd")
    given.add_argument("--crowds", type=int, nargs="+", default=CROWDS)
    given.add_argument("--mixes", nargs="+", default=list(MIXES), choices=list(MIXES))
    given.add_argument("--tree", type=Path, default=HERE.parent, help="whose server is measured")
    given.add_argument("--print", action="store_true", help="add nothing to the table of results")
    wanted = given.parse_args()
    text = ""
    with served() as config:
        for mix in wanted.mixes:
            text += measured(mix, config, wanted)
    if not wanted.print:
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as file:
            file.write(text)


def measured(mix: str, config: Path, wanted: argparse.Namespace) -> str:
    """Return the table of one mix.

    Raises:
        SystemExit: an answer was neither what was asked for nor a refusal for want of room.

    """
    server, rows = Server(config, wanted.tree), []
    try:
        uvloop.run(crowd(server.port, 4, 2.0, choice("tiles")))
        for clients in wanted.crowds:
            row = flood(server, clients, wanted.seconds, choice(mix))
            print(line(row), dict(row.heard.counts), flush=True)
            if row.heard.wrong():
                raise SystemExit(f"neither answered nor refused: {row.heard.wrong()}")
            rows.append(line(row))
    finally:
        server.stop()
    return f"{_head(mix, wanted.seconds)}" + "\n".join(rows) + "\n"


def _head(mix: str, seconds: float) -> str:
    shares = ", ".join(f"{share:.0%} {kind}" for kind, share in MIXES[mix].items())
    return (
        f"\n## {datetime.now(UTC):%Y-%m-%d}, overload, {mix}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n\n"
        f"`make overload`: {shares}; {seconds:.0f} s each, one server process; milliseconds. "
        "Clients come back at once, also when they are refused.\n\n"
        "| clients | accepted/s | refused/s | tile p50 | tile p99 | p99 of all | longest | health p99 | health longest "
        "| loop late by 50 ms | CPU ms per accepted | peak MB | recovery s |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"
    )


if __name__ == "__main__":
    main()
