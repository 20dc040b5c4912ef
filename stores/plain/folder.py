"""A plain Zarr store in a folder."""

import asyncio
import os
from pathlib import Path
from typing import BinaryIO

from zarr.abc.store import ByteRequest

from stores.plain.origin import Document, bounds, checked_key


class Folder:
    """A `stores.plain.origin.Origin` on a file system."""

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is read."""
        self._path = path

    @property
    def name(self) -> str:
        """The folder."""
        return str(self._path)

    async def document(self, key: str) -> Document | None:
        """Return a metadata document, None where there is none.

        Raises:
            OSError: it cannot be read.

        """
        return await asyncio.to_thread(self._document, key)

    async def stamp(self, key: str) -> str | None:
        """Return the stamp that `document` would give, None where there is no such document.

        Raises:
            OSError: it cannot be told.

        """
        return await asyncio.to_thread(self._stamp, key)

    async def read(self, key: str, request: ByteRequest | None) -> bytes | None:
        """Return a chunk, or exactly the part of it that `request` names; None where it was never written.

        Raises:
            OSError: it cannot be read, or ends before the part does.

        """
        return await asyncio.to_thread(self._read, key, request)

    async def names(self) -> list[str] | None:
        """List the folders in the store, in order.

        Raises:
            OSError: it cannot be read.

        """
        return await asyncio.to_thread(self._names)

    async def close(self) -> None:
        """Do nothing: no file stays open."""

    def _document(self, key: str) -> Document | None:
        file = self._opened(key)
        if file is None:
            return None
        with file:
            found = os.fstat(file.fileno())
            data = file.read()
        return Document(data=data, stamp=_stamp(found), modified=found.st_mtime_ns // 1_000_000)

    def _stamp(self, key: str) -> str | None:
        try:
            return _stamp(self._place(key).stat())
        except FileNotFoundError:
            self._require_reachable(self._place(key))
            return None

    def _read(self, key: str, request: ByteRequest | None) -> bytes | None:
        file = self._opened(key)
        if file is None:
            return None
        with file:
            try:
                start, length = bounds(request, os.fstat(file.fileno()).st_size)
                file.seek(start)
                data = file.read(length)
            except OSError as error:
                raise OSError(f"{self._place(key)}: {error}") from error
        if len(data) != length:
            raise OSError(f"{self._place(key)}: it was cut short while it was read")
        return data

    def _names(self) -> list[str]:
        return sorted(entry.name for entry in self._path.iterdir() if entry.is_dir())

    def _opened(self, key: str) -> BinaryIO | None:
        path = self._place(key)
        try:
            return path.open("rb")
        except FileNotFoundError:
            self._require_reachable(path)
            return None

    def _require_reachable(self, path: Path) -> None:
        """Accept that a file is absent if the folders that it would be in are not out of reach.

        Raises:
            OSError: the store itself is not there, or a link leads nowhere: a disk may not be mounted.

        """
        if not self._path.is_dir():
            raise OSError(f"{self._path}: there is no such folder")
        for place in (path, *path.parents):
            if place == self._path:
                return
            if place.is_symlink() and not place.exists():
                raise OSError(f"{place}: it is a link that leads nowhere")

    def _place(self, key: str) -> Path:
        return self._path / checked_key(key)


def _stamp(found: os.stat_result) -> str:
    # The time of change is the system's own: a copy that keeps the time of modification has another.
    return f"{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_size}"
