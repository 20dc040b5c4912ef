"""Streams netCDF-3, or a part of it: the header, then the values of one variable after the other."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from math import prod
from typing import Final

from core.selection.given import Given
from core.selection.layout import Layout
from core.selection.reading import Block, Reading, blocks
from gateway.extract import Extraction
from gateway.writers.classic import Classic, classic, encoded

_LONG: Final = 2**17
"""Values that are turned round in about a millisecond."""


def length(layout: Layout) -> int:
    """Return the bytes of the file, known before any value is read."""
    return classic(layout).length


async def stream(extraction: Extraction, start: int = 0, stop: int | None = None) -> AsyncGenerator[bytes]:
    """Yield the file, exactly `length` bytes, or those from `start` on and before `stop`: nothing else is read then.

    Raises:
        OSError, VersionGoneError: values cannot be read; what was yielded is no whole file.
        Problem: `invalid_value`: a 64-bit integer is not exact as a double; likewise.

    """
    file = classic(extraction.layout)
    stop = file.length if stop is None else stop
    if start < len(file.header):
        yield file.header[start:stop]
    places = {given.name: place for place, given in enumerate(_kept(extraction))}
    workers = extraction.reader.sampler.workers
    async with aclosing(extraction.reader.read(_todo(extraction, file, start, stop))) as values:
        async for block in values:
            begin, end = file.span(places[block.variable.name], block.start, block.values.size)
            made = await workers.do(encoded, block.variable, block.values, long=block.values.size > _LONG)
            # Readers look at no padding, whatever the specification wants in it.
            yield made.ljust(end - begin, b"\0")[max(0, start - begin) : stop - begin]


def _kept(extraction: Extraction) -> list[Given]:
    """Return what the format can hold of the variables, in the order of the file."""
    return [given for given in extraction.layout.variables if given.dtype != "str"]


def _todo(extraction: Extraction, file: Classic, start: int, stop: int) -> Iterator[tuple[Given, Reading, Block]]:
    """Yield the blocks of which anything lies from `start` on and before `stop`."""
    readings = {reading.variable: reading for reading in extraction.readings}
    for place, given in enumerate(_kept(extraction)):
        rank = len(given.shape)
        for block in blocks(readings[given.name]):
            begin, end = file.span(place, block.start[len(block.start) - rank :], prod(block.shape))
            if begin < stop and end > start:
                yield given, readings[given.name], block
