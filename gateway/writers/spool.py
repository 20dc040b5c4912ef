"""A folder of files that were made for downloads: bounded in bytes, shared by all processes of a unit.

A file is named by what is in it, so whoever asks for the same again, or for the rest of it, gets the same bytes. Files
are written under another name, which tells how many bytes are kept for it and by which process, and moved when they are
whole.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.problem import Problem

_PART: Final = re.compile(r"(.+)\.([0-9]{1,18})\.([0-9]{1,18})\.part", re.ASCII)
"""The name of a file that is being made: its own, bytes that are kept for it, number of the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """One whole file."""

    path: Path
    size: int
    """Bytes."""


class Making:
    """One file that is being made."""

    def __init__(self, spool: "Spool", name: str, path: Path, size: int) -> None:
        """Let it be written at `path`, where there is room for `size` bytes."""
        self._spool = spool
        self._name = name
        self._size = size
        self.path = path

    def require(self, size: int) -> None:
        """Keep more room if `size` bytes are more than there is room for; the path is another one then.

        Raises:
            Problem: as `Spool.making`.

        """
        if size > self._size:
            more = size + size // 4
            self.path = self._spool.enlarged(self._name, self.path, more)
            self._size = more


class Spool:
    """The folder as one process sees it."""

    def __init__(self, folder: Path, *, most: int, seconds: float) -> None:
        """Keep at most `most` bytes in `folder`, each file for `seconds` after it was last asked for."""
        self._folder = folder
        self._most = most
        self._seconds = seconds
        self._made: set[str] = set()
        self._used: Counter[Path] = Counter()

    def find(self, name: str) -> Spooled | None:
        """Return a file by its name; None where there is none, or no longer."""
        path = self._folder / name
        try:
            size = path.stat().st_size
            os.utime(path)
        except FileNotFoundError:
            return None
        return Spooled(path=path, size=size)

    @contextmanager
    def keeping(self, spooled: Spooled) -> Iterator[None]:
        """Let this process not remove a file to make room."""
        self._used[spooled.path] += 1
        try:
            yield
        finally:
            self._used[spooled.path] -= 1

    @contextmanager
    def making(self, name: str, size: int) -> Iterator[Making]:
        """Make room for a file of `size` bytes, and yield where to write it; it is kept if all goes well.

        Raises:
            Problem: `too_large` for the folder at any time; `busy` now.
            OSError: the folder cannot be used.

        """
        self._possible(size)
        self._folder.mkdir(parents=True, exist_ok=True)
        made = Making(self, name, self._part(name, size), size)
        self._made.add(name)
        try:
            # Seen by others before it is known to fit: two that come at once may both be refused, never both let in.
            made.path.touch()
            self._make_room()
            yield made
            made.path.replace(self._folder / name)
        finally:
            self._made.discard(name)
            made.path.unlink(missing_ok=True)

    def enlarged(self, name: str, part: Path, size: int) -> Path:
        """Keep more room for a file that is being made; return where it is then.

        Raises:
            Problem: as `making`.

        """
        self._possible(size)
        larger = self._part(name, size)
        part.rename(larger)
        try:
            self._make_room()
        except Problem:
            larger.rename(part)
            raise
        return larger

    def _possible(self, size: int) -> None:
        if size > self._most:
            message = f"the file would have about {size} bytes, and there is room for {self._most}: ask for less"
            raise Problem("too_large", message)

    def _make_room(self) -> None:
        """Remove what is outdated or left over, and the oldest files as long as there is no room."""
        files = sorted(self._files(), key=lambda found: found[1].st_mtime)
        now = time.time()
        left = self._most - sum(_kept(path, stat) for path, stat in files)
        for path, stat in files:
            part = _PART.fullmatch(path.name)
            if part is not None:
                gone = self._abandoned(part[1], int(part[3]))
            else:
                gone = (now - stat.st_mtime > self._seconds or left < 0) and not self._used[path]
            if gone:
                path.unlink(missing_ok=True)
                left += _kept(path, stat)
        if left < 0:
            raise Problem("busy", "the room for downloads is taken by others that are under way: ask again in a minute")

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.iterdir():
            # Another process may remove it at this moment.
            with suppress(FileNotFoundError):
                yield path, path.stat()

    def _part(self, name: str, size: int) -> Path:
        return self._folder / f"{name}.{size}.{os.getpid()}.part"

    def _abandoned(self, name: str, process: int) -> bool:
        """Tell whether the process that was writing a file is gone."""
        if process == os.getpid():
            # In containers a process has the number of the one before it.
            return name not in self._made
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            return False
        return False


def _kept(path: Path, stat: os.stat_result) -> int:
    """Return the bytes of a file, or those that are kept for it while it is made."""
    part = _PART.fullmatch(path.name)
    return stat.st_size if part is None else max(stat.st_size, int(part[2]))
