"""Running a grid's generators over geometry that lies in memory: at ingest and in tests."""

from collections.abc import Generator, Mapping
from typing import Any, TypeVar

from numpy.typing import NDArray

from core.cells import Picked, chunks_of, pick
from core.grids.base import Wanted

Found = TypeVar("Found")


def answered(
    asking: Generator[Wanted, Picked | None, Found],
    geometry: Mapping[str, NDArray[Any]],
) -> Found:
    """Answer all that a `Locating` or `Placing` asks from whole arrays, and return what it finds."""
    try:
        wanted = next(asking)
        while True:
            chunks = dict.fromkeys(chunks_of(wanted.cells, wanted.shape), geometry[wanted.array])
            wanted = asking.send(pick(wanted.cells, wanted.shape, chunks))
    except StopIteration as end:
        found: Found = end.value
        return found
