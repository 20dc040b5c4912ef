"""Clients that behave badly, thousands of them, and what a client beside them notices.

Run: `make clients`. One server process, and on the same cores the crowd and the one that is watched: compare rows. The
server lets go of slow clients after `PATIENCE` seconds instead of the usual 75, so that several rounds fit in; those
who stay and ask nothing meet with the usual limits.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json import loads
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import uvloop
import yaml

from bench import processes
from bench.misbehaving import KINDS, STAYING, Client, Target, crowd
from bench.overload import served
from bench.rows import RESULTS
from bench.servers import Server, ours

SEED: Final = 2014
PATIENCE: Final = 10
TILE: Final = (
    "/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=sea/thetao&STYLES=&CRS=EPSG:3857&FORMAT=image/png"
    "&BBOX=0,0,5009377,5009377&WIDTH=256&HEIGHT=256"
)
_TIMES: Final = 1000
_COLUMNS: Final = (
    "clients",
    "how many",
    "came",
    "health p50 ms",
    "p99",
    "worst",
    "tile p50 ms",
    "p99",
    "worst",
    "not answered",
    "server CPU s",
    "more MB",
    "kB each",
    "open afterwards",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was noticed of one crowd."""

    came: int
    waits: dict[str, list[float]]
    """Milliseconds that the one beside them waited; infinite without an answer."""
    cpu: float
    """Seconds."""
    more: float
    """MB that the server had in memory just before the crowd left, beyond those before it came."""
    left: int
    """Descriptors of the server when all had gone, beyond those before."""


def watched(server: Server, of: tuple[Client, int], seconds: float) -> Found:
    """Let one crowd come, and a client beside it."""
    at = urlsplit(server.base)
    target = Target(host=str(at.hostname), port=int(at.port or 0), seed=SEED)
    cpu, memory, files = server.cpu(), server.memory(), _descriptors()
    most: list[float] = []
    command = [sys.executable, "-m", "bench.neighbour", server.base, TILE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as beside:
        client, count = of
        came = uvloop.run(crowd(client, count, target, seconds=seconds, midway=lambda: most.append(server.memory())))
        told, _ = beside.communicate("")
    cpu = server.cpu() - cpu
    time.sleep(1)
    return Found(came=came, waits=loads(told), cpu=cpu, more=most[0] - memory, left=_descriptors() - files)


def row(name: str, count: int, found: Found) -> str:
    """Write a line of the table."""
    waits = [*found.waits["health"], *found.waits["tile"]]
    cells = (
        name,
        count,
        found.came,
        *_spread(found.waits["health"]),
        *_spread(found.waits["tile"]),
        f"{sum(wait == float('inf') for wait in waits)} of {len(waits)}",
        f"{found.cpu:.1f}",
        f"{found.more:.0f}",
        f"{found.more * _TIMES / count:.1f}" if count else "",
        found.left,
    )
    return f"| {' | '.join(map(str, cells))} |"


def _spread(waits: Sequence[float]) -> tuple[str, str, str]:
    answered = sorted(wait for wait in waits if wait != float("inf"))
    if not answered:
        return ("", "", "")
    p99 = answered[min(len(answered) - 1, len(answered) * 99 // 100)]
    return f"{statistics.median(answered):.1f}", f"{p99:.1f}", f"{answered[-1]:.1f}"


def _descriptors() -> int:
    """Return how many all that was started here has open: the server, for nothing else runs when this is asked."""
    below = processes.tree(os.getpid())[1:]
    return sum(sum(1 for _ in Path(f"/proc/{one}/fd").iterdir()) for one in below)


def main() -> None:
    """Let the crowds come one after the other, and add the table to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=30.0, help="of each crowd, once all of it is there")
    given.add_argument("--share", type=float, default=1.0, help="of the number of clients in each crowd")
    wanted = given.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows = []
    nobody = next(iter(KINDS.values()))[0], 0
    with served() as config:
        settings = yaml.safe_load(config.read_text(encoding="utf-8"))
        for limits, kinds in (({"client_timeout": PATIENCE}, KINDS.keys() - STAYING), ({}, STAYING)):
            config.write_text(yaml.safe_dump(settings | {"limits": limits}), encoding="utf-8")
            with ours(config) as server:
                watched(server, nobody, 2)
                for name, (client, most) in {"nobody": nobody, **KINDS}.items():
                    if name != "nobody" and name not in kinds:
                        continue
                    count = int(most * wanted.share)
                    rows.append(row(name, count, watched(server, (client, count), wanted.seconds)))
                    print(rows[-1], flush=True)
    _record(rows, wanted.seconds, wanted.share)


def _record(rows: list[str], seconds: float, share: float) -> None:
    head = (
        f"\n## {datetime.now(UTC):%Y-%m-%d}, clients that behave badly, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[2]:.1f}\n\n"
        f"`make clients`: {seconds:.0f} s each, one server process, seed {SEED}, {share:g} of the usual number of "
        f"clients; slow ones are let go after {PATIENCE} s. Waits: of one that behaves well beside them.\n\n"
    )
    table = "\n".join([f"| {' | '.join(_COLUMNS)} |", "|" + "---|" * len(_COLUMNS), *rows]) + "\n"
    with Path(RESULTS).open("a", encoding="utf-8") as file:
        file.write(head + table)


if __name__ == "__main__":
    main()
