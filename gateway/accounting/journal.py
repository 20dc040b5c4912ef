"""The records of one process, numbered without a gap: kept in memory for a moment, then in files."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from gateway.accounting.pseudonyms import Pseudonyms, secret_of
from gateway.accounting.segments import Segments, new_series, remove_before
from gateway.accounting.use import Line, Use, day_of, stamp, written
from gateway.config.accounting import AccountingConfig
from gateway.faults import ConfigError
from gateway.http.buffered import Buffered

_LOG = logging.getLogger(__name__)
FORMAT: Final = 1
"""Of the records; another one where a field changes its meaning."""
_WAITING: Final = 65536
"""Uses that wait to be written, at most twice; beyond them they are lost, and a record says how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """Uses that could not be kept."""

    time: float
    uses: int


class Journal(Buffered[Callable[[], Use]]):
    """Writes records; what cannot be written waits, and what waits too long is counted.

    It is given what tells a use, and asks for that in the thread that writes.
    """

    def __init__(self, config: AccountingConfig, unit: str, clock: Callable[[], float] = time.time) -> None:
        """Keep the records of the unit by the id `unit`; `clock` gives seconds since 1970."""
        super().__init__(_WAITING)
        self.series = new_series()
        """Names this process among all whose records are kept."""
        self.kept = 0
        """Uses written so far."""
        self.lost = 0
        """Uses of which no more than their number was kept."""
        self._config = config
        self._folder = Path(config.folder)
        self._unit = unit
        self._clock = clock
        self._segments = Segments(self._folder, self.series, config.segment_bytes)
        self._pseudonyms: Pseudonyms | None = None
        self._pending: list[Use | _Lost] = []
        self._next = 1
        self._failed = False
        self._cleaned = ""

    @property
    def waiting(self) -> int:
        """Return the number of uses that are not written yet."""
        return len(self) + sum(isinstance(one, Use) for one in self._pending)

    @property
    def due(self) -> bool:
        """Whether there is anything to write, or something could not be written before."""
        return bool(len(self) or self._pending or self._failed)

    def begin(self) -> None:
        """Write the first record, so that what is wrong with the folder shows at once; see `write`.

        Raises:
            ConfigError: the file of the secret holds something else.

        """
        # What cannot be read now is said by what follows, and tried again.
        with suppress(OSError):
            self._named()
        self.write()

    def write(self) -> None:
        """Write all that waits, as far as that can be done now; a fault is logged once, and costs nothing yet."""
        try:
            self._write()
            if self._failed:
                _LOG.warning("records of uses can be written to %s again", self._folder)
            self._failed = False
        except (OSError, ConfigError) as error:
            if not self._failed:
                _LOG.error("records of uses cannot be written to %s, and wait in memory: %s", self._folder, error)
            self._failed = True

    def end(self) -> None:
        """Write what is left, and that it is the end: without that record the process was killed, or the disk full."""
        self.write()
        self.lost += self.waiting
        if not self._failed and self._next > 1:
            self.write_last()

    def write_last(self) -> None:
        """Write that no more records follow."""
        try:
            self._append_one({"kind": "end"})
        except OSError as error:
            _LOG.error("the last record of uses cannot be written to %s: %s", self._folder, error)

    def _write(self) -> None:
        self._named()
        if self._next == 1:
            self._append_one({"kind": "begin", "format": FORMAT, "unit": self._unit, "series": self.series})
        while self._pending or self._take():
            day, batch = next((day, list(batch)) for day, batch in groupby(self._pending, lambda one: day_of(one.time)))
            self._append([self._line(one, self._next + place) for place, one in enumerate(batch)], day)
            # Only now: what was not written is written the next time, under the same numbers.
            self._pending = self._pending[len(batch) :]
            self.kept += sum(isinstance(one, Use) for one in batch)

    def _named(self) -> Pseudonyms:
        if self._pseudonyms is None:
            self._pseudonyms = Pseudonyms(secret_of(Path(self._config.secret)), self._config.pseudonyms)
        return self._pseudonyms

    def _take(self) -> bool:
        """Take what waits in the buffer; tell whether there is anything."""
        told, dropped = self.taken()
        uses = [tell() for tell in told]
        self._pending = [*uses]
        if dropped:
            self.lost += dropped
            self._pending.append(_Lost(time=uses[-1].time if uses else self._clock(), uses=dropped))
        return bool(self._pending)

    def _line(self, one: Use | _Lost, number: int) -> str:
        if isinstance(one, _Lost):
            return written({"seq": number, "kind": "lost", "time": stamp(one.time), "uses": one.uses})
        # A pseudonym is made here, beside the event loop.
        return one.line(number, self._named().of(one.subject, one.time))

    def _append_one(self, line: Line) -> None:
        now = self._clock()
        self._append([written({"seq": self._next, "time": stamp(now), **line})], day_of(now))

    def _append(self, lines: list[str], day: str) -> None:
        self._segments.append(lines, self._next, day)
        self._next += len(lines)
        if day > self._cleaned:
            self._cleaned = day
            self._clean(day)

    def _clean(self, day: str) -> None:
        """Remove what is too old. What cannot be removed must not have what was just written be written once more."""
        try:
            remove_before(self._folder, day, self._config.keep)
        except OSError as error:
            _LOG.error("old records of uses cannot be removed from %s: %s", self._folder, error)
