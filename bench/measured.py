"""Measures a server: several loads in turns, so that what else the machine does falls on all of them alike."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

from bench import wrk
from bench.servers import Server
from bench.table import Figure, Row
from bench.watching import late_beats
from bench.wrk import BadAnswersError, Load

ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One load of the turns."""

    what: str
    """The row."""
    paths: Path
    server: Server
    connections: int = 8
    against: str = ""
    """The row of the same turns that its rate is divided by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """How long each load runs, and how often."""

    seconds: float
    rounds: int = ROUNDS


def in_turns(cases: Sequence[Case], turns: Turns) -> list[Row]:
    """Run all cases one after another, again and again; return a row for each, the median run by rate.

    The row of a case with a bad answer says so and has no figures.
    """
    found: dict[str, list[Load]] = {case.what: [] for case in cases}
    peaks: dict[str, float] = {}
    bad: dict[str, str] = {}
    for turn in range(turns.rounds):
        for case in cases:
            if case.what in bad:
                continue
            try:
                found[case.what].append(_load(case, turns.seconds, start=997 * turn))
            except BadAnswersError as error:
                bad[case.what] = str(error)
            peaks[case.what] = case.server.peak()
    rows = []
    for case in cases:
        if case.what in bad:
            rows.append(Row(what=case.what, figures={}, said=bad[case.what]))
            continue
        figures = _figures(found[case.what]) | {"peak": peaks[case.what]}
        if case.against and case.against not in bad:
            pairs = zip(found[case.what], found[case.against], strict=True)
            figures["share"] = statistics.median(one.rate / other.rate for one, other in pairs)
        rows.append(Row(what=case.what, figures=figures))
    return rows


def _load(case: Case, seconds: float, start: int) -> Load:
    before = case.server.cpu()
    load = wrk.run(case.server.base, case.paths, connections=case.connections, seconds=seconds, start=start)
    return replace(load, cpu=case.server.cpu() - before)


def _figures(runs: Sequence[Load]) -> dict[Figure, float]:
    run = sorted(runs, key=lambda load: load.rate)[len(runs) // 2]
    return {
        "rate": run.rate,
        "low": min(load.rate for load in runs),
        "high": max(load.rate for load in runs),
        "p50": run.p50,
        "p99": run.p99,
        "mean": run.mean,
        "tail": statistics.median(load.p99 / load.p50 for load in runs),
        "kB": run.kilobytes,
        "cpu": sum(load.cpu for load in runs) / sum(load.requests for load in runs) * 1000,
    }


def warm(server: Server, paths: Path) -> None:
    """Ask for every path once, so that all that a cache can hold is in it."""
    connection = HTTPConnection(server.base.removeprefix("http://"), timeout=60)
    for line in paths.read_text(encoding="utf-8").splitlines():
        _asked(connection, line, {})
    connection.close()


def one_by_one(what: str, base: str, paths: Sequence[str], headers: dict[str, str] | None = None) -> Row:
    """Ask for the paths one after another on one connection; return median and worst percentile, and the size."""
    connection = HTTPConnection(base.removeprefix("http://"), timeout=60)
    sizes, times = [_asked(connection, paths[0], headers or {})], []
    for path in paths:
        begun = time.perf_counter()
        sizes.append(_asked(connection, path, headers or {}))
        times.append((time.perf_counter() - begun) * 1000)
    connection.close()
    figures: dict[Figure, float] = {
        "p50": statistics.median(times),
        "p99": sorted(times)[int(len(times) * 0.99)],
        "kB": statistics.median(sizes) / 1000,
    }
    return Row(what=what, figures=figures)


def _asked(connection: HTTPConnection, path: str, headers: dict[str, str]) -> int:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise BadAnswersError(f"{answer.status} to {path}: {content[:200]!r}")
    return len(content)


def started(what: str, start: Callable[[], Server]) -> Row:
    """Start a server three times; return the time to its first answer and its memory."""
    times, peaks = [], []
    for _ in range(ROUNDS):
        with start() as server:
            times.append(server.seconds * 1000)
            peaks.append(server.peak())
    return Row(what=what, figures={"p50": statistics.median(times), "p99": max(times), "peak": max(peaks)})


def late(server: Server) -> float:
    """Return how often the event loops of the server came back to a timer over 50 ms late."""
    return float(sum(late for late, _ in late_beats(server.base).values()))
