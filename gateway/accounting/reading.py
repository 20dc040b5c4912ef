"""Reading records back, in their order, and finding what is missing."""

import json
from collections.abc import Iterator
from pathlib import Path

from gateway.accounting.segments import Segment, segments
from gateway.accounting.use import Line


class BrokenSeriesError(ValueError):
    """Records are missing or damaged in the middle of a series; the message says where."""


def all_series(folder: Path) -> list[str]:
    """Return the names of the series in a folder, in the order in which their processes began.

    Raises:
        OSError: the folder cannot be read.

    """
    return sorted({segment.series for segment in segments(folder)})


def records(folder: Path, series: str, since: int = 1) -> Iterator[Line]:
    """Yield the records of a series from number `since` on: each once, in order, as far as they are written.

    The first one has a higher number where older ones have been removed. Half a line at the end is being written, or
    its process was killed meanwhile: it is passed over.

    Raises:
        BrokenSeriesError: a number is missing between two records, or a line is no record.
        OSError: a file cannot be read.

    """
    found = [segment for segment in segments(folder) if segment.series == series]
    # All before the last one that begins at or before it lies behind us.
    begin = max((place for place, segment in enumerate(found) if segment.first <= since), default=0)
    following: int | None = None
    for segment in found[begin:]:
        for record in _records(segment):
            number = _number(record, segment)
            # Written a second time, where a disk was so full that half a line could not be taken back.
            if following is not None and number < following:
                continue
            if following is not None and number != following:
                raise BrokenSeriesError(f"{segment.path}: {number} follows {following - 1}")
            following = number + 1
            if number >= since:
                yield record


def _records(segment: Segment) -> Iterator[Line]:
    with segment.path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                record = json.loads(line)
            except ValueError as error:
                raise BrokenSeriesError(f"{segment.path}:{number}: it is not JSON") from error
            if not isinstance(record, dict):
                raise BrokenSeriesError(f"{segment.path}:{number}: it is no record")
            yield record


def _number(record: Line, segment: Segment) -> int:
    number = record.get("seq")
    if not isinstance(number, int):
        raise BrokenSeriesError(f"{segment.path}: a record has no number")
    return number
