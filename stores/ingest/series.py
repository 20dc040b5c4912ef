"""Which of some files are one series: those that could be one dataset, in the order given."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.dataset import Description
from stores.ingest.crew import Crew, Processes
from stores.ingest.difference import difference
from stores.ingest.scan import Scanned
from stores.ingest.survey import looked_at

_LONGEST: Final = 64
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)


def grouped(files: Sequence[Path]) -> Mapping[str, list[Path]]:
    """Put files together that differ in nothing but their times; the keys are fit to be dataset ids.

    A file that cannot be read stands alone: its ingest says why. The files are looked at in a process of their own.
    """
    groups: list[tuple[Description | None, list[Path]]] = []
    with Processes(1) as crew:
        for path, description in _described(files, crew):
            for known, members in groups:
                if known is not None and description is not None and _one_series(known, description):
                    members.append(path)
                    break
            else:
                groups.append((description, [path]))
    return dict(_named(members for _, members in groups))


def _described(files: Sequence[Path], crew: Crew) -> Iterator[tuple[Path, Description | None]]:
    for path, seen in looked_at(files, crew):
        yield path, seen.header.description if isinstance(seen, Scanned) else None


def _one_series(known: Description, other: Description) -> bool:
    same = known.variables.keys() == other.variables.keys()
    return known.time is not None and same and difference(known, other) is None


def _named(groups: Iterator[list[Path]]) -> Iterator[tuple[str, list[Path]]]:
    """Name each group after its first file, and number what would be named alike."""
    taken: set[str] = set()
    for members in groups:
        stem = _UNFIT.sub("-", members[0].stem).strip("-._")[:_LONGEST] or "data"
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem}-{number}", number + 1
        taken.add(name)
        yield name, members
