"""Local repositories whose making was cut short: Icechunk neither opens them nor makes them anew."""

import shutil
from pathlib import Path
from typing import Final

_MADE_FIRST: Final = frozenset({"config.yaml", "refs", "snapshots", "transactions"})
"""What a repository without any data may consist of."""


def is_begun(folder: Path) -> bool:
    """Tell whether there is a repository, or what is left of one; while one is being made its branch comes last.

    Data without a branch are a repository that has lost it.
    """
    found = (path for pattern in ("refs/*/ref.json", "manifests/*", "chunks/*") for path in folder.glob(pattern))
    return next(found, None) is not None


def clear_half_made(folder: Path) -> None:
    """Remove what somebody left who was killed while making a repository; only the holder of the lock may.

    A folder with anything else in it is not ours, and stays as it is.
    """
    if not folder.is_dir() or is_begun(folder):
        return
    left = list(folder.iterdir())
    if {path.name for path in left} <= _MADE_FIRST:
        for path in left:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
