"""A folder of files that were made for downloads: bounded in bytes, shared by all processes of a unit.

A file is named by what is in it, so whoever asks for the same again, or for the rest of it, gets the same bytes. Files
are written under another name and moved when they are whole.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.problem import Problem

_PART: Final = ".part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """One whole file."""

    path: Path
    size: int
    """Bytes."""
    etag: str
    """Strong, with quotes."""


class Spool:
    """The folder as one process sees it."""

    def __init__(self, folder: Path, *, most: int, seconds: float) -> None:
        """Keep at most `most` bytes in `folder`, each file for `seconds` after it was last asked for."""
        self._folder = folder
        self._most = most
        self._seconds = seconds
        self._reserved: dict[str, int] = {}
        self._used: Counter[Path] = Counter()

    def find(self, etag: str) -> Spooled | None:
        """Return the file of a tag; None where there is none, or no longer."""
        path = self._path(etag)
        try:
            size = path.stat().st_size
            os.utime(path)
        except FileNotFoundError:
            return None
        return Spooled(path=path, size=size, etag=etag)

    @contextmanager
    def keeping(self, spooled: Spooled) -> Iterator[None]:
        """Let this process not remove a file to make room."""
        self._used[spooled.path] += 1
        try:
            yield
        finally:
            self._used[spooled.path] -= 1

    @contextmanager
    def making(self, etag: str, size: int) -> Iterator[Path]:
        """Make room for a file of at most `size` bytes, and yield where to write it; it is kept if all goes well.

        Raises:
            Problem: `too_large` for the folder at any time; `busy` now.
            OSError: the folder cannot be used.

        """
        path = self._path(etag)
        part = path.with_name(f"{path.stem}.{os.getpid()}{_PART}")
        self._reserve(etag, size)
        try:
            yield part
            part.replace(path)
        finally:
            del self._reserved[etag]
            part.unlink(missing_ok=True)

    def _reserve(self, etag: str, size: int) -> None:
        if size > self._most:
            message = f"the file would have about {size} bytes, and there is room for {self._most}: ask for less"
            raise Problem("too_large", message)
        self._folder.mkdir(parents=True, exist_ok=True)
        files = sorted(self._files(), key=lambda found: found[1].st_mtime)
        now = time.time()
        # What is being written counts as what was reserved for it.
        left = self._most - sum(self._reserved.values())
        left -= sum(stat.st_size for path, stat in files if not self._ours(path))
        for path, stat in files:
            outdated = now - stat.st_mtime > self._seconds
            dead = path.suffix == _PART and self._abandoned(path)
            if dead or ((outdated or left < size) and path.suffix != _PART and not self._used[path]):
                path.unlink(missing_ok=True)
                left += 0 if self._ours(path) else stat.st_size
        if left < size:
            raise Problem("busy", "the room for downloads is taken by others that are under way: ask again in a minute")
        self._reserved[etag] = size

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.iterdir():
            # Another process may remove it at this moment.
            with suppress(FileNotFoundError):
                yield path, path.stat()

    def _ours(self, path: Path) -> bool:
        return path.suffix == _PART and path.name.split(".")[1] == str(os.getpid())

    def _path(self, etag: str) -> Path:
        return self._folder / f"{etag.strip(chr(34))}.nc"

    def _abandoned(self, path: Path) -> bool:
        """Tell whether the process that was writing a file is gone."""
        if self._ours(path):
            # In containers a process has the number of the one before it.
            return path.name.split(".")[0] not in {etag.strip('"') for etag in self._reserved}
        number = path.name.split(".")[1]
        if not number.isdigit():
            return False
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False
