"""The files of records: their names, and appending to them whole lines or none."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{8}T\d{6}Z-[0-9a-f]{16})\.(\d{12})\.jsonl", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One file: consecutive records of one process, of one day."""

    path: Path
    day: str
    """In UTC: `2026-11-21`."""
    series: str
    """Names the process: when it began, and a number that no other has."""
    first: int
    """Number of its first record."""


def new_series() -> str:
    """Return a name for the records of a process that begins now; names are in the order of time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}"


def segments(folder: Path) -> Iterator[Segment]:
    """Yield the segments in a folder, by series and number; whatever else is there is passed over.

    Raises:
        OSError: the folder cannot be read.

    """
    found = [(match, path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name)) is not None]
    for match, path in sorted(found, key=lambda pair: (pair[0][2], pair[0][3])):
        yield Segment(path=path, day=match[1], series=match[2], first=int(match[3]))


def remove_before(folder: Path, day: str, keep: timedelta) -> None:
    """Remove the segments of days that were over for `keep` when `day` began; one that stays saves none of the others.

    Raises:
        OSError: the folder cannot be read, or a file not removed.

    """
    last = (date.fromisoformat(day) - keep).isoformat()
    fault: OSError | None = None
    for segment in segments(folder):
        if segment.day < last:
            try:
                # Another process of the unit may remove it at the same time.
                segment.path.unlink(missing_ok=True)
            except OSError as error:
                fault = error
    if fault is not None:
        raise fault


class Segments:
    """Appends lines to the newest segment of one series; begins another one each day, and when one is full."""

    def __init__(self, folder: Path, series: str, largest: int) -> None:
        """Write below `folder`; a segment of `largest` bytes is full."""
        self._folder = folder
        self._series = series
        self._largest = largest
        self._path: Path | None = None
        self._day = ""
        self._size = 0

    def append(self, lines: list[str], first: int, day: str) -> bool:
        """Append all lines, or none; the first is number `first`, and all are of `day`. Tell whether a segment began.

        Raises:
            OSError: they could not be written; the file is as it was.

        """
        file, began = self._opened(day), False
        if file is None:
            file, began = self._begun(first, day), True
        try:
            self._size = self._written("".join(lines).encode("ascii"), file)
        finally:
            os.close(file)
        return began

    def _opened(self, day: str) -> int | None:
        """Open the newest segment once more; None where another one is to be begun."""
        # A clock that is put back begins no segment.
        if self._path is None or day > self._day or self._size >= self._largest:
            return None
        try:
            return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            # Somebody has taken it away; what comes next must not look as if nothing had been before it.
            return None

    def _begun(self, first: int, day: str) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{day}.{self._series}.{first:012d}.jsonl"
        # One that is there by that name is our own, of an attempt that failed: nothing whole is in it.
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        self._path, self._day, self._size = path, day, 0
        return file

    def _written(self, text: bytes, file: int) -> int:
        """Write all of `text` and return the size of the file, or leave it as it was."""
        before = os.fstat(file).st_size
        try:
            left = memoryview(text)
            while left:
                left = left[os.write(file, left) :]
        except OSError:
            path, self._path = self._path, None
            # Where even that fails, half a line stays, and what comes next goes into another file.
            with suppress(OSError):
                os.ftruncate(file, before)
                self._path = path
            raise
        return before + len(text)
