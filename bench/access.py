"""What rules, tokens and records cost: a tile with and without them in turns, a token's first use, a policy compiled.

Run: `make access`. All units live in one process, which asks itself over loopback: a part of the time of each request
is the client's, the same for all.
"""

import argparse
import asyncio
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import uvloop
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from auth.minting import Grant, mint, new_key, public_jwks
from bench.ocean import Ocean, write_day
from gateway.app import make_app
from gateway.config.file import Config, parse
from gateway.http.wire import UnitRunner
from gateway.keys import IDENTITY
from gateway.rulebook import policy_of
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

HERE: Final = Path(__file__).parent
DATASETS: Final = 561
"""And their rules: as many as MyOcean had."""
PROFILES: Final = 20
TILE: Final = (
    "/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=d000/thetao&STYLES=&CRS=EPSG:3857&BBOX=-8905559,2273030,"
    "-5565974,5621521&WIDTH=256&HEIGHT=256&FORMAT=image/png&TRANSPARENT=TRUE"
)
IN_A_ROW: Final = 20
"""Tiles that one unit is asked for before it is the turn of another."""
ISSUER: Final = "https://login.example.org"
VARIANTS: Final = (
    ("nothing", 0),
    ("tokens", 1),
    ("tokens and rules", 2),
    ("tokens, rules and records", 3),
    ("nothing, again", 0),
)
"""Units and how much of all this they do. That of the same twice tells what a difference is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Microseconds of each request."""

    wall: list[float]
    cpu: list[float]
    """Of the thread that answers and asks."""


def configuration(folder: Path, variant: int) -> Config:
    """Return the unit with the first `variant` of tokens, rules and records."""
    datasets: list[dict[str, Any]] = [{"id": f"d{number:03}", "source": "day.nc"} for number in range(DATASETS)]
    given: dict[str, Any] = {"store": "store", "datasets": datasets}
    if variant >= 1:
        given["auth"] = {"issuer": ISSUER, "jwks": "keys.json"}
    if variant >= 2:
        profiles = [f"profile{number}" for number in range(PROFILES)]
        for number, dataset in enumerate(datasets):
            dataset["access"] = {"view": [profiles[number % PROFILES], *profiles[:3]], "download": profiles[:2]}
        given["access"] = [{"datasets": f"d{number}*", "discover": ["authenticated"]} for number in range(PROFILES)]
        given["access"].append({"datasets": "*", "discover": ["public"]})
        given["profiles"] = {profile: {"requests": 64, "pixels": 10**7} for profile in profiles}
    if variant >= 3:
        given["accounting"] = {"folder": f"records{variant}"}
    return parse(given, name="bench", folder=folder)


class Asker:
    """A client on one connection, which costs as little as can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        """Ask for the tile with a token."""
        self._reader, self._writer = reader, writer
        self._question = f"GET {TILE} HTTP/1.1\r\nHost: unit\r\nAuthorization: Bearer {token}\r\n\r\n".encode()

    async def ask(self) -> bytes:
        """Return the tile.

        Raises:
            RuntimeError: there is another answer.

        """
        self._writer.write(self._question)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{head!r} {body!r}")
        return body


async def measured(folder: Path, token: str, rounds: int) -> dict[str, Times]:
    """Ask each variant in turn, `rounds` times."""
    found = {name: Times(wall=[], cpu=[]) for name, _ in VARIANTS}
    async with AsyncExitStack() as stack:
        askers = {}
        for name, variant in VARIANTS:
            runner = UnitRunner(make_app(configuration(folder, variant)), access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            askers[name] = Asker(*await asyncio.open_connection("127.0.0.1", runner.addresses[0][1]), token)
        if len({await asker.ask() for asker in askers.values()}) != 1:
            raise RuntimeError("the units draw different tiles")
        order, chosen = list(askers), random.Random(2014)
        for _ in range(rounds // IN_A_ROW):
            # What one leaves behind in caches of the machine must not always fall to the same one.
            chosen.shuffle(order)
            for name in [name for name in order for _ in range(IN_A_ROW)]:
                wall, cpu = time.perf_counter(), time.thread_time()
                await askers[name].ask()
                found[name].cpu.append((time.thread_time() - cpu) * 1e6)
                found[name].wall.append((time.perf_counter() - wall) * 1e6)
    return found


async def first_uses(folder: Path, tokens: list[str]) -> list[float]:
    """Return the milliseconds of the first use of each token."""
    app, spent = make_app(configuration(folder, 1)), []
    runner = UnitRunner(app, access_log=None)
    await runner.setup()
    for token in tokens:
        request = make_mocked_request("GET", TILE, headers={"Authorization": f"Bearer {token}"})
        begun = time.perf_counter()
        await app[IDENTITY].caller(request)
        spent.append((time.perf_counter() - begun) * 1000)
    await runner.cleanup()
    return spent


def compiled(config: Config, rounds: int = 15) -> list[float]:
    """Return the milliseconds in which the rules of a configuration are compiled."""
    spent = []
    for _ in range(rounds):
        begun = time.perf_counter()
        policy_of(config)
        spent.append((time.perf_counter() - begun) * 1000)
    return spent


@contextmanager
def served() -> Iterator[tuple[Path, bytes]]:
    """Yield a folder with one day in a store and the issuer's public keys, and the private one."""
    with tempfile.TemporaryDirectory() as name:
        folder, ocean = Path(name), Ocean(ny=1020, nx=2160)
        write_day(folder / "day.nc", 0, ocean, ocean.waves())
        store = Location.parse(str(folder / "store"))
        ingest(store, "d000", [folder / "day.nc"], crew=Processes(0), report=lambda _: None)
        key = new_key()
        (folder / "keys.json").write_bytes(public_jwks(key))
        yield folder, key


def grant(name: str) -> Grant:
    """Return an account that may see the tile."""
    return Grant(issuer=ISSUER, subject=name, audience=("unit",), profiles=("profile1", "profile7"), seconds=3600.0)


def main() -> None:
    """Measure, and add the table to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rounds", type=int, default=3000)
    given.add_argument("--tokens", type=int, default=300)
    given.add_argument("--print", action="store_true", help="add nothing to the table of results")
    asked = given.parse_args()
    with served() as (folder, key):
        tokens = [mint(key, grant(f"user{n}"), now=time.time(), number=str(n)) for n in range(asked.tokens)]
        times = uvloop.run(measured(folder, tokens[0], asked.rounds))
        first = uvloop.run(first_uses(folder, tokens))
        policy = compiled(configuration(folder, 2))
    text = written(times, first, policy)
    print(text)
    if not asked.print:
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as file:
            file.write(text)


def written(times: dict[str, Times], first: list[float], policy: list[float]) -> str:
    """Write the table."""
    without, rows = times[VARIANTS[0][0]], []
    rounds, wall, cpu = len(without.wall), statistics.median(without.wall), statistics.median(without.cpu)
    for name, found in times.items():
        mine = statistics.median(found.wall), statistics.median(found.cpu)
        rows.append(f"| {name} | {mine[0]:.0f} | {mine[0] - wall:+.0f} | {mine[1]:.0f} | {mine[1] - cpu:+.0f} |")
    return (
        f"\n## {datetime.now(UTC):%Y-%m-%d}, access, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n\n"
        f"`make access`: one tile of 256 x 256, warm, {rounds} times from each of five units, {IN_A_ROW} in a row, "
        f"medians in microseconds; {DATASETS} datasets, each with a rule, {PROFILES} profiles.\n\n"
        "| a tile, with | wall | more | CPU of client and server | more |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n\n"
        f"A token's first use {statistics.median(first):.2f} ms (median of {len(first)}; worst {max(first):.2f}); "
        f"the policy is compiled in {statistics.median(policy):.1f} ms (worst {max(policy):.1f}).\n"
    )


if __name__ == "__main__":
    main()
