"""Asks a unit whatever comes to mind, over real connections. Run: `make fuzz`.

No answer may be a fault of the server's own making (5xx, but 503), late, broken, or tell of its insides; nor may the
log speak of one, memory grow beyond the bound, or a hidden dataset be named. Goes on from where the last run with the
same seed was; what is found is kept with its number, and `--only NUMBER` asks it again.
"""

import argparse
import asyncio
import os
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvloop

from bench.mutations import Case, case
from bench.ocean import Ocean
from bench.processes import resident
from bench.rows import added
from bench.shelf import written
from bench.standing import HIDDEN, MB, Standing, changed, kept, prepared, resumed
from bench.victims import Server
from bench.wire import BrokenError, Line, Told

HERE: Final = Path(__file__).parent
_LINES: Final = 24
"""Connections at once."""
_PATIENCE: Final = 60.0
"""Seconds for an answer: longer than any limit of the unit."""
_BATCH: Final = 2000
_CACHE: Final = 64 * MB
_BESIDE: Final = 300
"""MB of each process of the unit beside its cache."""
_WRITER: Final = 100
"""MB of each process that writes netCDF-4."""
_INSIDES: Final = (
    b"Traceback (most recent", b"site-packages", b'.py", line', b"root:x:0:0", b"aiohttp.web", b"icechunk.",
)  # fmt: skip
_LOGGED: Final = re.compile(r"Traceback|never retrieved|\bERROR\b|\bCRITICAL\b|request [0-9a-f]{16}:")


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was asked so far, and what was found."""

    seed: int
    done: int = 0
    seconds: float = 0.0
    peak: float = 0.0
    """MB of all processes."""
    statuses: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def note(self, label: str, answer: Told | None) -> None:
        """Count an answer."""
        self.statuses[f"{label}: {answer.status if answer else 'hung up'}"] += 1


def judged(wanted: Case, answer: Told, folder: bytes) -> str:
    """Return what is wrong with an answer; empty where nothing is. `folder` is where the unit lives."""
    if answer.status >= 500 and answer.status != 503:
        return f"status {answer.status}"
    if answer.status == 503 and "retry-after" not in answer.headers:
        return "503 without Retry-After"
    said = answer.head + answer.body
    for inside in (*_INSIDES, folder, HIDDEN.encode()):
        if inside in said and inside not in wanted.raw:
            return f"tells {inside!r}"
    if "set-cookie" in answer.headers or answer.headers.get("server") != "Halocline":
        return f"odd headers {answer.head!r}"
    return ""


async def asked_all(numbers: Sequence[int], standing: Standing, port: int, tally: Tally) -> None:
    """Ask the cases of these numbers, and note what is found."""
    queue = iter(numbers)
    folder = str(standing.folder).encode()

    async def one_after_the_other() -> None:
        line = Line(port, patience=_PATIENCE)
        for number in queue:
            wanted = case(tally.seed, number, standing.token)
            wrong, answer = "", None
            try:
                answer = await line.ask(wanted.raw, wanted.method, alone=wanted.alone)
                wrong = judged(wanted, answer, folder) if answer else ""
                if answer is None and not wanted.alone:
                    wrong = "hung up"
            except TimeoutError:
                line.close()
                wrong = "no answer in time"
            except (BrokenError, OSError) as error:
                line.close()
                # What answers to a method of nobody's has a body or not: it cannot be read on.
                wrong = "" if wanted.alone and isinstance(error, BrokenError) else repr(error)
            tally.note(wanted.label, answer)
            if wrong:
                tally.found.append(f"{number}: {wrong}")
                keep(standing.folder / "found", number, wanted, answer)
        line.close()

    await asyncio.gather(*(one_after_the_other() for _ in range(_LINES)))
    # What was closed is let go of in the next turn of the loop.
    await asyncio.sleep(0)


def keep(folder: Path, number: int, wanted: Case, answer: Told | None) -> None:
    """Keep a case that was found, and what it was answered."""
    folder.mkdir(exist_ok=True)
    (folder / f"{number}.request").write_bytes(wanted.raw)
    if answer is not None:
        (folder / f"{number}.answer").write_bytes(answer.head + answer.body[:100_000])


def main() -> None:
    """Ask up to `--count` requests in all, and add the outcome to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--count", type=int, default=1_000_000)
    given.add_argument("--seed", type=int, default=2014)
    given.add_argument("--workers", type=int, default=2)
    given.add_argument("--folder", type=Path, default=HERE.parent / "data" / "fuzz")
    given.add_argument("--only", type=int, action="append", help="ask this case alone and print the answer")
    given.add_argument("--unrecorded", action="store_true", help="leave RESULTS.md alone")
    wanted = given.parse_args()
    folder = wanted.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    standing = prepared(folder, Ocean(ny=510, nx=1080, levels=2, variables=2), days=4, others=written(folder))
    changed(standing, unit={"workers": wanted.workers}, limits={"chunk_cache": _CACHE, "client_timeout": 1.5})
    if wanted.only:
        shown(wanted.only, wanted.seed, standing)
        return
    state = standing.folder / "state.json"
    before = resumed(state, wanted.seed)
    tally = Tally(**(before | {"statuses": Counter(before["statuses"])})) if before else Tally(seed=wanted.seed)
    try:
        run(standing, tally, wanted.count, state)
    finally:
        _record(tally, wanted.workers, recorded=not wanted.unrecorded)
    raise SystemExit(1 if tally.found else 0)


def run(standing: Standing, tally: Tally, count: int, state: Path) -> None:
    """Ask until `count` have been asked; the server is one from the beginning to the end."""
    with Server(standing.config, dict(os.environ)) as server:
        port, born = int(server.base.rsplit(":", 1)[1]), server.processes
        begun, before = time.monotonic(), tally.seconds
        while tally.done < count:
            numbers = range(tally.done, min(count, tally.done + _BATCH))
            uvloop.run(asked_all(numbers, standing, port, tally))
            tally.done, tally.seconds = numbers.stop, before + time.monotonic() - begun
            watched(server, born, tally)
            kept(state, {name: getattr(tally, name) for name in Tally.__slots__})
            print(f"{tally.done} of {count}, {len(tally.found)} found, at most {tally.peak:.0f} MB", flush=True)
        server.check()


def watched(server: Server, born: frozenset[int], tally: Tally) -> None:
    """Note a process that died, a log that speaks of faults, and memory beyond the bound."""
    # Those that write netCDF-4 come and go; each holds a block and the libraries.
    alive = server.processes
    memory = sum(map(resident, alive)) / 1e6
    tally.peak = max(tally.peak, memory)
    if lost := born - alive:
        tally.found.append(f"before {tally.done}: processes {sorted(lost)} died")
    bound = len(born) * (_CACHE / 1e6 + _BESIDE) + len(alive - born) * _WRITER
    if memory > bound:
        tally.found.append(f"before {tally.done}: {memory:.0f} MB, the bound is {bound:.0f}")
    faults = sorted({line[:200] for line in server.news().splitlines() if _LOGGED.search(line)})
    tally.found += [f"before {tally.done}: the log says {line}" for line in faults[:5]]


def shown(numbers: Sequence[int], seed: int, standing: Standing) -> None:
    """Ask single cases and print them with their answers and the log."""
    with Server(standing.config, dict(os.environ)) as server:
        port = int(server.base.rsplit(":", 1)[1])
        for number in numbers:
            wanted = case(seed, number, standing.token)
            print(f"--- {number}, {wanted.label}: {wanted.raw[:3000]!r}")
            try:
                answer = uvloop.run(Line(port, patience=_PATIENCE).ask(wanted.raw, wanted.method, alone=True))
            except (TimeoutError, BrokenError, OSError) as error:
                print(repr(error))
                continue
            print("hung up" if answer is None else (answer.head + answer.body[:500]).decode("utf-8", "replace"))
        print(server.said())


def _record(tally: Tally, workers: int, *, recorded: bool) -> None:
    statuses: Counter[str] = Counter()
    for name, count in tally.statuses.items():
        statuses[name.rsplit(": ", 1)[1]] += count
    cells = (
        f"{datetime.now(UTC):%Y-%m-%d}",
        tally.seed,
        workers,
        f"{tally.done:,}",
        ", ".join(f"{count:,} {status}" for status, count in sorted(statuses.items())),
        f"{tally.peak:.0f}",
        f"{tally.seconds / 60:.1f}",
        f"{len(tally.found)} found" if tally.found else "none found",
    )
    print("\n".join(f"{name}: {count}" for name, count in sorted(tally.statuses.items())))
    print("\n".join(tally.found[:50]))
    columns = ("day", "seed", "processes", "requests", "answers", "peak MB, all processes", "minutes", "faults")
    said = "`make fuzz`: requests of all operations, changed at random, over 24 connections; `hung up`: it was no HTTP."
    print(added("Fuzz", said, columns, cells) if recorded else cells)


if __name__ == "__main__":
    main()
