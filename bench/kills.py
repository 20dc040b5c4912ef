"""Kills ingests at random moments while clients read. Run: `make kills`, or `make objects` on an S3 interface.

What is killed is the command itself, all its processes, its parent alone or one worker. The folder that it takes up
changes each time. Every answer over HTTP must be of one version, none older than the one before; from time to time an
ingest is let through, and must give what a clean one gives, with nothing left behind.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import shutil
import signal
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.asking import SCALE, Asker, MixedError, Truth, judged
from bench.changing import change
from bench.faults import FaultyProxy
from bench.leftovers import leftovers
from bench.objects import BUCKET, SECRET, environment, object_store
from bench.versions import Whole, whole
from bench.victims import Ingest, Server
from stores.location import Location

HERE: Final = Path(__file__).parent
HOW: Final = ("all", "all", "all", "parent", "worker", "terminate", "interrupt")
"""Who is killed, the likelier ones more than once."""
ASKED: Final = ("terminate", "interrupt")
"""Of these, what is no kill: SIGTERM and SIGINT."""
FAULTS: Final = ("delay", "internal error", "slow down", "reset", "lost answer", "cut")
CLIENTS: Final = 2
CONFIG: Final = """\
store: {store}
datasets:
  - {{id: d, source: source/*.nc, variables: {{t: {look}, u: {look}}}}}
"""
LOOK: Final = f"{{palette: {SCALE.palette}, range: [{SCALE.low}, {SCALE.high}], log: false}}"


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was done so far; kept in a file, from which a run goes on."""

    seed: int
    rounds: int = 0
    seconds: float = 0.0
    hits: dict[str, int] = field(default_factory=dict)
    """Processes that were killed before they had ended, by who was killed."""
    answers: int = 0
    unavailable: int = 0
    compared: int = 0
    faults: int = 0

    @property
    def kills(self) -> int:
        """Count those killed with SIGKILL; the others were asked to stop."""
        return sum(count for how, count in self.hits.items() if how not in ASKED)


class Run:
    """A folder, a store, a server, and what is done to them."""

    def __init__(self, folder: Path, location: Location, tally: Tally, env: dict[str, str]) -> None:
        """Work in `folder`, with the processes in the environment `env`."""
        self.folder, self.location, self.tally, self.env = folder, location, tally, env
        self.config = folder / "unit.yaml"
        self.source = folder / "source"
        self.source.mkdir(parents=True, exist_ok=True)
        self.config.write_text(CONFIG.format(store=location, look=LOOK))
        self.faulty = location.folder is None
        self.truths: list[Truth] = []
        self.took = 3.0
        """Seconds that an ingest takes."""

    def prepare(self) -> None:
        """Let there be a version to be served."""
        change(self.source, self.tally.rounds, random.Random(self.tally.seed))
        begun = time.monotonic()
        self.through()
        self.took = time.monotonic() - begun
        self.truths = [self.now().truth]

    def now(self) -> Whole:
        """Read the version that is served, with other software."""
        return asyncio.run(whole(self.location, "d"))

    def through(self) -> None:
        """Let an ingest end by itself; over a network that fails it may take several."""
        for _ in range(20 if self.faulty else 1):
            ingest = Ingest(self.config, self.env)
            status, said = ingest.ended(), ingest.said()
            self._checked(said)
            if status == 0:
                return
        raise MixedError(f"an ingest ended with {status}: {said}")

    def round(self, clients: list[Asker], since: list[int]) -> None:
        """Change the folder, kill an ingest and judge the answers of that time."""
        self.tally.rounds += 1
        draw = random.Random(f"{self.tally.seed} {self.tally.rounds}")
        change(self.source, self.tally.rounds, draw)
        how = draw.choice(HOW)
        ingest = Ingest(self.config, self.env)
        ingest.hit(how, after=draw.uniform(0, 1.2 * self.took))
        status = ingest.ended()
        if status not in (0, 1, 2, 130, 143, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT):
            raise MixedError(f"killed by {how}, an ingest ended with {status}: {ingest.said()}")
        if status == 2 and not self.faulty:
            raise MixedError(f"killed by {how}, an ingest failed: {ingest.said()}")
        self._checked(ingest.said())
        self.tally.hits[how] = self.tally.hits.get(how, 0) + ingest.was_hit
        self.truths.append(self.now().truth)
        self.judge(clients, since)

    def judge(self, clients: list[Asker], since: list[int]) -> None:
        """Judge what the clients were told since the last time."""
        for number, client in enumerate(clients):
            answers = client.taken()
            if client.wrong:
                raise MixedError("; ".join(client.wrong[:3]))
            since[number] = judged(answers, self.truths, since[number])
            self.tally.answers += len(answers)
            self.tally.unavailable, client.unavailable = self.tally.unavailable + client.unavailable, 0

    def compare(self) -> None:
        """Let an ingest through, and compare what it gives with a clean one; then look for what was left behind."""
        self.through()
        found = self.now()
        self.truths.append(found.truth)
        clean = Location.parse(str(self.folder / "clean"))
        shutil.rmtree(self.folder / "clean", ignore_errors=True)
        config = self.folder / "clean.yaml"
        config.write_text(CONFIG.format(store=clean, look=LOOK))
        ingest = Ingest(config, self.env)
        if ingest.ended():
            raise MixedError(f"a clean ingest failed: {ingest.said()}")
        differences = found.differences(asyncio.run(whole(clean, "d")))
        if differences:
            raise MixedError(f"other than a clean ingest: {differences}")
        self.tally.compared += 1

    def tidy(self) -> None:
        """Collect beyond retention, and fail for anything that nobody refers to."""
        left = leftovers(self.location, "d")
        if left:
            raise MixedError(f"left behind: {left}")

    def _checked(self, said: str) -> None:
        if SECRET in said:
            raise MixedError("a message holds the secret key")


def main() -> None:
    """Go on from where the last run with the same seed was, up to `--count` kills, and record the outcome."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--count", type=int, default=200)
    given.add_argument("--seed", type=int, default=2014)
    given.add_argument("--every", type=int, default=20, help="rounds between comparisons with a clean ingest")
    given.add_argument("--folder", type=Path, default=None)
    given.add_argument("--objects", action="store_true", help="in an object store, over a network that fails")
    given.add_argument("--share", type=float, default=0.01, help="of the requests to it that fail")
    given.add_argument("--unrecorded", action="store_true", help="leave RESULTS.md alone")
    asked = given.parse_args()
    folder = asked.folder or HERE.parent / "data" / ("objects" if asked.objects else "kills")
    folder.mkdir(parents=True, exist_ok=True)
    tally = resumed(folder / "state.json", asked.seed)
    outcome = "failed"
    try:
        outcome = run(folder.resolve(), tally, asked)
    finally:
        keep(tally, folder)
        _record(tally, outcome, share=asked.share if asked.objects else None, recorded=not asked.unrecorded)


def resumed(state: Path, seed: int) -> Tally:
    """Return what earlier runs with this seed have done."""
    if state.exists():
        found = json.loads(state.read_text())
        if found["seed"] == seed:
            return Tally(**found)
    return Tally(seed=seed)


def keep(tally: Tally, folder: Path) -> None:
    """Write down what was done, at once or not at all."""
    draft = folder / "state.part"
    draft.write_text(json.dumps(asdict(tally)))
    draft.replace(folder / "state.json")


def run(folder: Path, tally: Tally, asked: argparse.Namespace) -> str:
    """Kill until there are `asked.count` hits; return the outcome in a word or two."""
    begun, before = time.monotonic(), tally.seconds
    with ExitStack() as stack:
        location, env, proxy = Location.parse(str(folder / "store")), dict(os.environ), None
        if asked.objects:
            address = stack.enter_context(object_store())
            proxy = stack.enter_context(FaultyProxy(address, seed=asked.seed))
            location = Location.parse(f"s3://{BUCKET}/kills")
            os.environ.update(environment(address))
            env |= environment(proxy.address)
        run = Run(folder, location, tally, env)
        run.prepare()
        server = stack.enter_context(Server(run.config, env))
        clients = [Asker(server.base, asked.seed + number, faults=run.faulty) for number in range(CLIENTS)]
        for client in clients:
            stack.callback(client.stop)
        since = [0] * CLIENTS
        if proxy is not None:
            proxy.kinds, proxy.share = FAULTS, asked.share
        while tally.kills < asked.count:
            run.round(clients, since)
            tally.seconds = before + time.monotonic() - begun
            keep(tally, folder)
            if tally.rounds % asked.every == 0:
                run.compare()
                print(f"{tally.kills} of {asked.count} kills, {tally.answers} answers", flush=True)
        run.compare()
        run.judge(clients, since)
        if proxy is not None:
            tally.faults, proxy.share = tally.faults + sum(proxy.done.values()), 0.0
        server.check()
        run.tidy()
    tally.seconds = before + time.monotonic() - begun
    return "all well"


def _record(tally: Tally, outcome: str, *, share: float | None, recorded: bool) -> None:
    where = "local folder" if share is None else f"S3 interface, {share:.1%} of requests fail ({tally.faults})"
    kills = ", ".join(f"{count} {how}" for how, count in sorted(tally.hits.items()))
    cells = (
        f"{datetime.now(UTC):%Y-%m-%d}",
        where,
        tally.seed,
        f"{tally.kills} ({kills})",
        tally.rounds,
        f"{tally.answers} ({tally.unavailable})",
        tally.compared,
        f"{tally.seconds / 60:.1f}",
        outcome,
    )
    row = f"| {' | '.join(map(str, cells))} |\n"
    print(row)
    if not recorded:
        return
    results = HERE / "RESULTS.md"
    head = (
        f"\n## Kills, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n\n"
        "`make kills`, `make objects`: ingests killed at random moments while 2 clients ask; kills are SIGKILL,\n"
        "`terminate` and `interrupt` are not counted.\n\n"
        "| day | store | seed | kills | rounds | answers judged (503) | equal to a clean ingest | minutes | outcome |\n"
        "|---|---|---|---|---|---|---|---|---|\n"
    )
    text = results.read_text(encoding="utf-8")
    if head in text:
        at = text.index(head) + len(head)
        at += sum(len(line) + 1 for line in _rows(text[at:]))
        results.write_text(text[:at] + row + text[at:], encoding="utf-8")
    else:
        results.write_text(text + head + row, encoding="utf-8")


def _rows(text: str) -> list[str]:
    found = []
    for line in text.split("\n"):
        if not line.startswith("|"):
            break
        found.append(line)
    return found


if __name__ == "__main__":
    main()
