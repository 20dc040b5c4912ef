"""Local repositories whose making was cut short: Icechunk neither opens them nor makes them anew."""

import shutil
from pathlib import Path
from typing import Final

_MADE_FIRST: Final = frozenset({"config.yaml", "refs", "snapshots", "transactions"})
"""What a repository without any data may consist of."""
_BRANCH: Final = "ref.json"
_DATA: Final = ("manifests", "chunks")


def is_begun(folder: Path) -> bool:
    """Tell whether there is a repository, or what is left of one; while one is being made its branch comes last.

    Data without a branch are a repository that has lost it.

    Raises:
        OSError: the folder is there and cannot be read, which looking for names by a pattern would take for absence; or
            it is a link to what is away.

    """
    if folder.is_symlink():
        folder.stat()
    branched = any(branch / _BRANCH in _names(branch) for branch in _names(folder / "refs"))
    return branched or any(_names(folder / part) for part in _DATA)


def _names(folder: Path) -> list[Path]:
    """Return what a folder holds; nothing where there is none."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


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
