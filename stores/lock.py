"""One writer at a time: an advisory lock on a file, which the system releases when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.05


class LockedError(RuntimeError):
    """Another process writes the dataset."""


@contextmanager
def locked(path: Path, *, wait: float = 0.0) -> Iterator[bool]:
    """Hold the lock `path`, waiting for it at most `wait` seconds; yield whether the holder before was cut short.

    The file stays. It names a holder that is at work or has failed, and is empty otherwise.

    Raises:
        LockedError: another process holds it still; the message names file, holder and cure.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _take(descriptor, path, time.monotonic() + wait)
        abandoned = os.fstat(descriptor).st_size > 0
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield abandoned
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() < until:
                time.sleep(_POLL_SECONDS)
                continue
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace") or "unknown"
            message = f"process {holder} is writing and holds the lock {path}: wait until it ends, or stop it"
            raise LockedError(message) from error
        return
