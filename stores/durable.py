"""Puts what was written to a local disk out of reach of a power cut: Icechunk leaves that to the system."""

import ctypes
import os
from pathlib import Path
from typing import Final

_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def make_durable(folder: Path | None) -> None:
    """Wait until all that was written below a folder, and so what it refers to, is on the disk.

    None, an object store, needs nothing: what it has answered for is kept.

    Raises:
        OSError: the disk has failed, or lost something that was written to it since the last time.

    """
    if folder is None:
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # One call for the file system: a dataset has thousands of new files, and each needs its folder too.
        if _LIBC.syncfs(descriptor):
            number = ctypes.get_errno()
            raise OSError(number, f"{os.strerror(number)}: it cannot be made durable", str(folder))
    finally:
        os.close(descriptor)
