"""Faults while a unit serves, one after the other. Run: `make faults`.

While one lasts, an answer is right, read from the NetCDF files by netCDF4, or a 503 that may not be kept; when it is
over, what was refused is answered within seconds, with nobody's help.
"""

import argparse
import os
import random
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.faults import FaultyProxy
from bench.hearing import Count, Hearing, UntrueError
from bench.mishaps import FAULTS, Scene
from bench.objects import BUCKET, environment, object_store
from bench.ocean import Ocean
from bench.oracle import Oracle
from bench.rows import added
from bench.standing import MB, Standing, changed, configured, prepared
from bench.victims import Server

HERE: Final = Path(__file__).parent
_OCEAN: Final = Ocean(ny=510, nx=1080, levels=2, variables=2)
_DAYS: Final = 4


@contextmanager
def served(scene: Scene, *, workers: int, cache: int) -> Iterator[Server]:
    """Serve the unit of a scene in so many processes, with so many bytes of cache."""
    timeout = {} if scene.proxy is None else {"store_timeout": 2.0}
    changed(scene.standing, unit={"workers": workers}, limits={"chunk_cache": cache, **timeout})
    with Server(scene.standing.config, scene.env) as server:
        yield server
        server.check()


def with_clock(scene: Scene) -> None:
    """Let the unit's wall clock be one that can be moved.

    Raises:
        OSError: there is no C compiler.

    """
    library = scene.standing.folder / "clock.so"
    compiled = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(HERE / "clock.c")]
    subprocess.run(compiled, check=True)
    scene.clock.write_bytes(struct.pack("=q", 0))
    scene.env |= {"LD_PRELOAD": str(library), "HALOCLINE_CLOCK": str(scene.clock)}


@contextmanager
def scene_of(name: str, standing: Standing, draw: random.Random) -> Iterator[Scene]:
    """Set the scene for a fault."""
    scene = Scene(standing, draw)
    with ExitStack() as stack:
        if name == "network fails":
            address = stack.enter_context(object_store())
            scene.proxy = stack.enter_context(FaultyProxy(address, seed=draw.randrange(2**32)))
            before = dict(os.environ)
            os.environ.update(environment(address))
            remote = standing.folder / "remote"
            remote.mkdir(exist_ok=True)
            scene.standing = configured(remote, standing.files, store=f"s3://{BUCKET}/faults")
            scene.env |= environment(scene.proxy.address)
            os.environ.clear()
            os.environ.update(before)
        if name == "clock jumps":
            with_clock(scene)
        yield scene


def played(name: str, standing: Standing, seed: str, count: Count) -> None:
    """Let one fault happen to a unit of its own.

    Raises:
        UntrueError: an answer was not as it should be.

    """
    draw = random.Random(seed)
    # Where nothing is kept each answer is read; where it is, a fault could be, too.
    cache = draw.choice((0, 4 * MB, 64 * MB)) if name != "chunks damaged" else 0
    workers = 2 if name == "worker killed" else 1
    with scene_of(name, standing, draw) as scene, served(scene, workers=workers, cache=cache) as server:
        unit = Hearing(server, Oracle(standing.files), draw, count)
        FAULTS[name](scene, unit)


def main() -> None:
    """Let each fault happen `--count` times, and add the outcome to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--count", type=int, default=20, help="times that each of them happens")
    given.add_argument("--seed", type=int, default=2014)
    given.add_argument("--only", choices=sorted(FAULTS), action="append")
    given.add_argument("--folder", type=Path, default=HERE.parent / "data" / "faults")
    given.add_argument("--unrecorded", action="store_true", help="leave RESULTS.md alone")
    asked = given.parse_args()
    standing = prepared(asked.folder.resolve(), _OCEAN, days=_DAYS)
    failed = False
    for name in asked.only or FAULTS:
        begun, count, outcomes = time.monotonic(), Count(), Counter[str]()
        for number in range(asked.count):
            outcome = "well"
            try:
                played(name, standing, f"{asked.seed} {name} {number}", count)
            except (UntrueError, OSError) as error:
                outcome, failed = "failed", True
                print(f"{name}, number {number}: {error!r}", flush=True)
            outcomes[outcome] += 1
        row = (name, asked.seed, asked.count, count, time.monotonic() - begun, outcomes["failed"])
        _record(row, recorded=not asked.unrecorded)
    raise SystemExit(1 if failed else 0)


def _record(row: tuple[str, int, int, Count, float, int], *, recorded: bool) -> None:
    name, seed, times, count, seconds, failed = row
    cells = (
        f"{datetime.now(UTC):%Y-%m-%d}",
        name,
        seed,
        times,
        f"{count.right:,}",
        f"{count.refused:,}",
        count.hung_up,
        f"{max(count.seconds, default=0):.1f}",
        f"{seconds / 60:.1f}",
        f"{failed} failed" if failed else "all well",
    )
    columns = (
        "day", "fault", "seed", "times", "right", "503", "cut off", "recovered within s", "minutes", "outcome",
    )  # fmt: skip
    said = (
        "`make faults`: answers during and after each fault are right, read by netCDF4, or a 503 that is asked again."
    )
    print(added("Faults while serving", said, columns, cells) if recorded else cells, flush=True)


if __name__ == "__main__":
    main()
