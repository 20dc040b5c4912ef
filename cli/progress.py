"""How far something is: a bar on a terminal, now and then a line elsewhere."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from tqdm import tqdm

from stores.ingest.crew import Crew
from stores.ingest.survey import look

T = TypeVar("T")
R = TypeVar("R")
EVERY: Final = 10.0
"""Seconds between two lines."""


class Progress:
    """How much of one dataset is done; nothing is shown where `quiet`."""

    def __init__(self, name: str, *, quiet: bool = False, every: float = EVERY, unit: str = "B") -> None:
        """Begin; `unit` is what is counted."""
        self._unit = unit
        self._name = name
        self._every = every
        self._quiet = quiet
        terminal = sys.stderr.isatty()
        self._lines = not quiet and not terminal
        self._bar = tqdm(total=None, desc=name, unit=unit, unit_scale=True, disable=quiet or not terminal)
        self._begun = self._said = time.monotonic()
        self._from = 0
        self._what = ""

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        self._bar.close()

    def at(self, done: int, total: int, what: str) -> None:
        """Show that `done` of `total` are done; `what` is the verb, and rates begin anew where it changes."""
        if what != self._what:
            self._what, self._from = what, done
            self._begun = time.monotonic()
            self._bar.reset(total=total)
            self._bar.set_description(f"{self._name}: {what}")
        self._bar.total = total
        self._bar.update(done - self._bar.n)
        now = time.monotonic()
        if self._lines and now - self._said >= self._every:
            self._said = now
            print(self._line(done, total, now - self._begun), file=sys.stderr, flush=True)

    def _line(self, done: int, total: int, seconds: float) -> str:
        size, interval = tqdm.format_sizeof, tqdm.format_interval
        rate = (done - self._from) / max(seconds, 1e-6)
        left = f", {interval((total - done) / rate)} left" if rate > 0 else ""
        share = 100 * done // total if total else 100
        amount = f"{share} % of {size(total, self._unit)}"
        return f"{self._name}: {self._what} {amount}, {size(rate, self._unit)}/s{left}"


class Counted:
    """A `stores.ingest.crew.Crew` whose looks at files are shown: how many bytes of the files are looked at."""

    def __init__(self, crew: Crew, progress: Progress) -> None:
        """Show what `crew` has done."""
        self._crew, self._progress = crew, progress

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of `items`."""
        looking: object = look
        if work is not looking:
            yield from self._crew.each(work, items)
            return
        paths = list(items)
        sizes = [_size(path) for path in paths]
        total, done = sum(sizes), 0
        for size, result in zip(sizes, self._crew.each(work, paths), strict=False):
            done += size
            self._progress.at(done, total, "looked at")
            yield result

    def one(self, work: Callable[[T], R], item: T) -> R:
        """Return one result."""
        return self._crew.one(work, item)


def _size(item: object) -> int:
    try:
        return item.stat().st_size if isinstance(item, Path) else 0
    except OSError:
        # Gone meanwhile: who reads it says so.
        return 0
