"""Finds the files of a dataset by a pattern. A folder that cannot be read is an error, never an empty one."""

import os
import re
from collections.abc import Iterator
from fnmatch import translate
from pathlib import Path
from typing import Final

_MAGIC: Final = re.compile(r"[*?[]")
_ANY_DEPTH: Final = "**"


def files_of(pattern: str) -> list[Path]:
    """Return what a pattern names, sorted: `*`, `?` and `[...]` within a name, `**` for any depth.

    Names that begin with a dot are found only by patterns that do.

    Raises:
        OSError: a folder is there and cannot be read.

    """
    path = Path(pattern)
    parts = path.parts[1:] if path.anchor else path.parts
    return sorted(set(_found(Path(path.anchor) if path.anchor else Path(), list(parts))))


def _found(folder: Path, parts: list[str]) -> Iterator[Path]:
    """Yield what `parts` of a pattern name in a folder."""
    _require_reachable(folder)
    first, rest = parts[0], parts[1:]
    if first == _ANY_DEPTH:
        deeper = rest or ["*"]
        yield from _found(folder, deeper)
        for inner in _inner(folder):
            yield from _found(inner, parts)
    elif not _MAGIC.search(first):
        path = folder / first
        if rest:
            yield from _found(path, rest)
        elif os.path.lexists(path):
            yield path
    else:
        fits = re.compile(translate(first)).match
        hidden = first.startswith(".")
        for entry in _entries(folder):
            if fits(entry.name) and (hidden or not entry.name.startswith(".")):
                if not rest:
                    yield folder / entry.name
                elif entry.is_dir() or entry.is_symlink():
                    yield from _found(folder / entry.name, rest)


def _inner(folder: Path) -> Iterator[Path]:
    # Links are not followed: one that points upwards would never end.
    for entry in _entries(folder):
        if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
            yield folder / entry.name


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _require_reachable(path: Path) -> None:
    """Accept that no folder is there if that is so.

    Raises:
        OSError: a link leads nowhere: what it leads to is out of reach, a disk that is not mounted for example.

    """
    if path.is_symlink() and not path.exists():
        raise OSError(f"{path}: it is a link that leads nowhere")
