"""Asks one unit a million mixed questions at full load. Run: `make soak`, again with ARGS="--workers 1". Needs wrk.

Tiles, maps, capabilities, values at a place, legends, KML and subsets in netCDF-3, netCDF-4 and CSV. A second client,
which costs little, asks others meanwhile and compares each answer with what netCDF4 reads from the files. Goes on from
where the last run with the same seed was; the server begins anew then, and only its last life is judged for growth.
"""

import argparse
import os
import random
import statistics
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from bench import wrk
from bench.ocean import Ocean
from bench.oracle import KINDS, Oracle
from bench.rows import added
from bench.standing import MB, Standing, changed, kept, prepared, resumed
from bench.victims import Server
from bench.watching import Sample, growth, late_beats, sampled, settled, sparkline

HERE: Final = Path(__file__).parent
_PATHS: Final = 6000
_CONNECTIONS: Final = 16
_CHECKS: Final = 8.0
"""Answers a second that are compared with the files."""
_LEAST: Final = 12
"""Samples below which nothing is said of growth."""
_GROWTH: Final = 0.05
"""Of the median of memory, from the first sample that is judged to the last."""
_HANDLES: Final = 4.0
"""By which open files and threads may grow likewise."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was asked so far."""

    seed: int
    requests: int = 0
    seconds: float = 0.0
    lives: int = 0
    checked: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    """Answers that were compared, by what was asked for."""
    wrong: list[str] = field(default_factory=list)
    """What is not as it should be."""
    samples: list[Sample] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    """ms, of each slice."""
    beats: dict[str, list[int]] = field(default_factory=dict)
    """Of each process, by the moment of its start: how often its loop was held for over 50 ms, of how many times."""


class Checker:
    """A client that compares answers with the files, in a thread."""

    def __init__(self, base: str, oracle: Oracle, draw: random.Random, tally: Tally) -> None:
        """Ask the server at `base`, and write to `tally`."""
        self._base, self._oracle, self._draw, self._tally = base, oracle, draw, tally
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the question at hand."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(1 / _CHECKS):
            question = self._oracle.question(self._draw)
            try:
                with urllib.request.urlopen(self._base + question.path, timeout=60) as answer:
                    wrong = self._oracle.wrong(question, answer.read())
            except (OSError, HTTPException) as error:
                wrong = repr(error)
            if wrong:
                self._tally.wrong.append(f"{wrong}: {question.path}")
            self._tally.checked += 1
            self._tally.kinds[question.kind] = self._tally.kinds.get(question.kind, 0) + 1


def main() -> None:
    """Ask up to `--count` in all, judge, and add the outcome and its curve to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--count", type=int, default=1_000_000)
    given.add_argument("--seed", type=int, default=2014)
    given.add_argument("--workers", type=int, default=2)
    given.add_argument("--every", type=int, default=10, help="seconds between samples")
    given.add_argument("--folder", type=Path, default=HERE.parent / "data" / "soak")
    given.add_argument("--unrecorded", action="store_true", help="leave RESULTS.md alone")
    asked = given.parse_args()
    standing = prepared(asked.folder.resolve(), Ocean(ny=1020, nx=2160, levels=2, variables=2), days=6)
    # Files for downloads are made again and again.
    changed(standing, unit={"workers": asked.workers}, limits={"chunk_cache": 64 * MB}, downloads={"keep": "1m"})
    state = standing.folder / f"state{asked.workers}.json"
    tally = tally_of(resumed(state, asked.seed), asked.seed)
    try:
        run(standing, tally, state, count=asked.count, every=asked.every)
    finally:
        verdict = judged(tally)
        _record(tally, asked.workers, verdict, recorded=not asked.unrecorded)
    raise SystemExit(1 if verdict else 0)


def tally_of(before: dict[str, Any], seed: int) -> Tally:
    """Return what earlier runs have done."""
    if not before:
        return Tally(seed=seed)
    return Tally(**(before | {"samples": [Sample(**sample) for sample in before["samples"]]}))


def run(standing: Standing, tally: Tally, state: Path, *, count: int, every: int) -> None:
    """Ask until `count` have been asked."""
    oracle, draw = Oracle(standing.files), random.Random(f"{tally.seed} {tally.lives}")
    paths = standing.folder / "paths.txt"
    of_paths = random.Random(tally.seed)
    paths.write_text("".join(f"{oracle.question(of_paths, fine=False).path}\n" for _ in range(_PATHS)))
    tally.lives += 1
    with Server(standing.config, dict(os.environ)) as server:
        begun, before = time.monotonic(), tally.seconds
        checker = Checker(server.base, oracle, draw, tally)
        try:
            while tally.requests < count:
                asked = slice_of(server.base, paths, tally, seconds=every)
                tally.seconds = before + time.monotonic() - begun
                now = sampled(server.pid, life=tally.lives, requests=tally.requests, seconds=tally.seconds)
                tally.samples.append(now)
                with suppress(OSError):
                    tally.beats |= {born: list(told) for born, told in late_beats(server.base).items()}
                kept(state, asdict(tally))
                print(f"{tally.requests} of {count} ({asked / every:.0f}/s): {now}", flush=True)
                if asked == 0:
                    raise SystemExit("nothing is answered any more")
        finally:
            checker.stop()
        server.check()
    kept(state, asdict(tally))


def slice_of(base: str, paths: Path, tally: Tally, *, seconds: int) -> int:
    """Let wrk ask for some seconds, and return how many were answered."""
    start = tally.requests % _PATHS
    found = wrk.run_mixed(base, paths, connections=_CONNECTIONS, seconds=seconds, start=start)
    if found.bad:
        tally.wrong.append(
            f"{found.bad:.0f} of {found.requests:.0f} answers were none, the last one {found.status:.0f}"
        )
    if found.failed:
        tally.wrong.append(f"{found.failed:.0f} connections failed beside {found.requests:.0f} answers")
    tally.requests += int(found.requests)
    tally.p99.append(found.p99)
    return int(found.requests)


def judged(tally: Tally) -> list[str]:
    """Return what speaks against the unit; nothing where all is well."""
    found = [*tally.wrong[:5], *([f"{len(tally.wrong)} such things in all"] if len(tally.wrong) > 5 else [])]
    samples = settled(tally.samples) if tally.samples else []
    if len(samples) < _LEAST:
        return [*found, f"too short to tell: {len(samples)} samples after the first quarter"]
    most = _GROWTH * statistics.median(sample.memory for sample in samples)
    for what, bound in (("memory", most), ("files", _HANDLES), ("threads", _HANDLES)):
        grown = growth(samples, what)
        if grown > bound:
            found.append(f"{what} grew by {grown:.1f} over {samples[-1].requests - samples[0].requests:,} requests")
    return found


def _record(tally: Tally, workers: int, verdict: list[str], *, recorded: bool) -> None:
    samples = settled(tally.samples) if tally.samples else []
    if not samples:
        return
    curve = [sample.memory for sample in tally.samples]
    late, beats = (sum(found[at] for found in tally.beats.values()) for at in (0, 1))
    cells = (
        f"{datetime.now(UTC):%Y-%m-%d}",
        tally.seed,
        workers,
        f"{tally.requests:,}",
        f"{tally.checked:,}",
        f"{min(curve):.0f}-{max(curve):.0f}, {growth(samples, 'memory'):+.1f}",
        f"{sparkline(curve)}",
        f"{growth(samples, 'files'):+.0f} of {samples[-1].files}",
        f"{growth(samples, 'threads'):+.0f} of {samples[-1].threads}",
        f"{statistics.median(tally.p99):.0f}",
        f"{late} of {beats}",
        f"{tally.seconds / 60:.1f} ({tally.lives})",
        "; ".join(verdict).replace("|", "/")[:400] or "all well",
    )
    columns = (
        "day", "seed", "processes", "answers", "compared", "MB, growth", "MB from 0", "open files", "threads", "p99 ms",
        "loop held > 50 ms", "minutes (starts)", "outcome",
    )  # fmt: skip
    shares = ", ".join(f"{share} {kind}" for kind, share in KINDS.items())
    said = (
        f"`make soak`: of a hundred {shares}; wrk with {_CONNECTIONS} connections on the same cores.\n"
        "`compared`: with what netCDF4 reads. Memory is that of all processes, those that write netCDF-4 too, cache\n"
        "64 MiB each; growth is the median of all slopes (Theil-Sen) from a quarter of the last life on, over the rest."
    )
    print(added("Soak", said, columns, cells) if recorded else cells)


if __name__ == "__main__":
    main()
