"""What a server uses while it is asked, sample by sample, and whether that stays as it is."""

import re
import statistics
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.processes import memory, tree

_BARS: Final = "▁▂▃▄▅▆▇█"
_SAMPLE: Final = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')
_LAG: Final = "halocline_loop_lag_seconds"
_LATE: Final = 0.05
"""Seconds beyond which the event loop was held too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look at a server and all processes below it."""

    life: int
    """Which start of the server it belongs to."""
    requests: int
    """Asked so far, of all lives."""
    seconds: float
    memory: float
    """MB; what processes share counts once."""
    files: int
    threads: int
    processes: int


def sampled(root: int, *, life: int, requests: int, seconds: float) -> Sample:
    """Look at the process `root` and all below it."""
    processes = tree(root)
    return Sample(
        life=life,
        requests=requests,
        seconds=round(seconds, 1),
        memory=round(memory(root) / 1e6, 1),
        files=sum(map(_files, processes)),
        threads=sum(map(_threads, processes)),
        processes=len(processes),
    )


def growth(samples: Sequence[Sample], what: str) -> float:
    """Return by how much a figure grows from the first sample to the last one, by the median of all slopes (Theil-Sen).

    One that swings to and fro does not grow, nor does one with a few outliers.
    """
    points = [(sample.requests, float(getattr(sample, what))) for sample in samples]
    slopes = [(y2 - y1) / (x2 - x1) for at, (x1, y1) in enumerate(points) for x2, y2 in points[at + 1 :] if x2 > x1]
    return statistics.median(slopes) * (points[-1][0] - points[0][0]) if slopes else 0.0


def settled(samples: Sequence[Sample], share: float = 0.25) -> list[Sample]:
    """Return the samples of the last life without its first `share` of requests, in which caches fill."""
    last = [sample for sample in samples if sample.life == samples[-1].life]
    begun, ended = last[0].requests, last[-1].requests
    return [sample for sample in last if sample.requests - begun >= share * (ended - begun)]


def sparkline(values: Sequence[float], width: int = 40) -> str:
    """Draw a curve in a line of text, from zero to the largest value."""
    if not values:
        return ""
    parts = (
        [
            values[len(values) * at // width : max(1 + len(values) * at // width, len(values) * (at + 1) // width)]
            for at in range(min(width, len(values)))
        ]
        if len(values) >= width
        else [[value] for value in values]
    )
    heights = [statistics.fmean(part) for part in parts]
    most = max(heights) or 1.0
    return "".join(_BARS[round(height / most * (len(_BARS) - 1))] for height in heights)


def late_beats(base: str) -> dict[str, tuple[int, int]]:
    """Tell of each process how often its loop was over 50 ms late, of how many times; by the moment of its start."""
    with urllib.request.urlopen(f"{base}/metrics", timeout=30) as answer:
        return beats_in(answer.read().decode())


def beats_in(text: str) -> dict[str, tuple[int, int]]:
    """Read the same from what `/metrics` says; where there are several processes, each sample names its own."""
    told: dict[str, dict[str, float]] = {}
    for name, labels, value in _SAMPLE.findall(text):
        found = dict(_LABEL.findall(labels))
        told.setdefault(found.pop("process", ""), {})[name + "".join(found.values())] = float(value)
    late = {}
    for one in told.values():
        count, prompt = one[f"{_LAG}_count"], one[f"{_LAG}_bucket{_LATE}"]
        late[str(one["process_start_time_seconds"])] = (int(count - prompt), int(count))
    return late


def _files(process: int) -> int:
    with suppress(OSError):
        return len(list(Path(f"/proc/{process}/fd").iterdir()))
    return 0


def _threads(process: int) -> int:
    with suppress(OSError):
        return len(list(Path(f"/proc/{process}/task").iterdir()))
    return 0
