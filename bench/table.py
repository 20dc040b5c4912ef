"""The table of results: what was found, what is to be reached, and what the last run of the same kind found."""

import math
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from bench.rows import RESULTS

Figure = Literal["rate", "low", "high", "p50", "p99", "mean", "kB", "cpu", "peak", "share", "tail", "late"]
"""Per second, its least and most, milliseconds of three kinds, size, CPU seconds per 1,000, MB, the ratio to another
row in turns, p99 over p50, and samples of the event loop that came over 50 ms late."""
_COLUMNS: Final = ("what", "per second", "p50 ms", "p99 ms", "CPU s per 1,000", "kB", "peak MB", "to last", "to reach")

_KEPT: Final[tuple[tuple[Figure, str], ...]] = (
    ("p50", ".2f"),
    ("p99", ".2f"),
    ("cpu", ".2f"),
    ("kB", ".1f"),
    ("peak", ".0f"),
)
"""Further cells, in the order of the columns, and how each is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was found of one thing."""

    what: str
    figures: Mapping[Figure, float]
    said: str = ""
    """Why there are no figures."""

    def told(self) -> str:
        """Say it in a line."""
        figures = ", ".join(f"{name} {value:.4g}" for name, value in self.figures.items())
        return f"{self.what}: {self.said or figures}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A figure of a row to be reached."""

    what: str
    """The row."""
    figure: Figure
    at_least: bool
    bound: float
    over: tuple[str, ...] = ()
    """Rows: the figure is divided by the best of theirs."""
    unit: str = ""

    def judged(self, rows: Mapping[str, Row]) -> str:
        """Say what is to be reached, what was found, and whether it was reached."""
        sign = "at least" if self.at_least else "at most"
        against = f" times {' or '.join(self.over)}" if self.over else ""
        head = f"{_names(self.figure)}{sign} {self.bound:g}{self.unit}{against}"
        found = self._found(rows)
        if math.isnan(found):
            return f"{head}: not measured"
        reached = found >= self.bound if self.at_least else found <= self.bound
        return f"{head}: {'yes' if reached else 'NO'}, {found:.3g}"

    def _found(self, rows: Mapping[str, Row]) -> float:
        if self.what not in rows:
            return math.nan
        found = rows[self.what].figures.get(self.figure, math.nan)
        if not self.over:
            return found
        theirs = [rows[other].figures[self.figure] for other in self.over if _has(rows, other, self.figure)]
        return found / max(theirs) if theirs else math.nan


def _has(rows: Mapping[str, Row], what: str, figure: Figure) -> bool:
    return what in rows and figure in rows[what].figures


def _names(figure: Figure) -> str:
    said = {
        "rate": "",
        "cpu": "CPU ",
        "share": "in turns ",
        "tail": "p99/p50 ",
        "late": "loop late ",
        "mean": "mean ",
        "p50": "p50 ",
        "peak": "peak ",
        "kB": "",
    }
    return said[figure]


def written(rows: Sequence[Row], goals: Sequence[Goal], last: Mapping[str, float]) -> str:
    """Write the table; `last` has the rate of each row of the last run, or its p50 where it has no rate."""
    by_name = {row.what: row for row in rows}
    lines = [f"| {' | '.join(_COLUMNS)} |", "|" + "---|" * len(_COLUMNS)]
    for row in rows:
        to_reach = "; ".join(goal.judged(by_name) for goal in goals if goal.what == row.what)
        cells = (row.what, *_cells(row), _ratio(row, last), to_reach or "-")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    if row.said:
        return (row.said, "", "", "", "", "")
    figures = row.figures
    rate = f"{figures['rate']:.0f}" if "rate" in figures else ""
    if "low" in figures and "high" in figures:
        rate += f" ({figures['low']:.0f}-{figures['high']:.0f})"
    return (rate, *(format(figures[name], how) if name in figures else "" for name, how in _KEPT))


def _ratio(row: Row, last: Mapping[str, float]) -> str:
    before = last.get(row.what, 0.0)
    now = row.figures.get("rate", row.figures.get("p50", math.nan))
    return "" if not before or math.isnan(now) else f"{now / before:.2f}"


def titled(kind: str) -> str:
    """Begin the heading of a run of a kind, `full` or `quick`."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"## {datetime.now(UTC):%Y-%m-%d}, speed, {kind}, {machine}, load {os.getloadavg()[2]:.1f}"


def last_of(kind: str, text: str) -> dict[str, float]:
    """Read the rates of the last run of a kind out of the results; p50 of rows that have no rate."""
    begun = [match.end() for match in re.finditer(rf"(?m)^## [^\n]*, speed, {kind}, [^\n]*$", text)]
    if not begun:
        return {}
    found = {}
    for line in text[begun[-1] :].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        number = re.match(r"[\d.]+", cells[1] or cells[2]) if line.startswith("|") and len(cells) > 2 else None
        if number and cells[0] not in {"what", "---"}:
            found[cells[0]] = float(number[0])
    return found


def record(kind: str, said: str, table: str, path: Path = RESULTS) -> str:
    """Add a run to the results; return what was added."""
    section = f"\n{titled(kind)}\n\n{said}\n\n{table}"
    with path.open("a", encoding="utf-8") as file:
        file.write(section)
    return section
