"""Streams netCDF-3: the header, then the values of one variable after the other."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from core.selection.layout import Layout
from gateway.extract import Extraction
from gateway.writers.classic import classic, encoded

_LONG: Final = 2**17
"""Values that are turned round in about a millisecond."""


def length(layout: Layout) -> int:
    """Return the bytes of the file, known before any value is read."""
    return classic(layout).length


async def stream(extraction: Extraction) -> AsyncGenerator[bytes]:
    """Yield the file, exactly `length` bytes.

    Raises:
        OSError, VersionGoneError: values cannot be read; what was yielded is no whole file.
        Problem: `invalid_value`: a 64-bit integer is not exact as a double; likewise.

    """
    file = classic(extraction.layout)
    yield file.header
    kept = [place for place, given in enumerate(extraction.layout.variables) if given.dtype != "str"]
    places = {extraction.layout.variables[place].name: number for number, place in enumerate(kept)}
    workers = extraction.reader.sampler.workers
    before: int | None = None
    async with aclosing(extraction.blocks()) as blocks:
        async for block in blocks:
            here = places.get(block.variable.name)
            if here is None:
                continue
            if before is not None and before != here:
                yield file.padding(before)
            before = here
            yield await workers.do(encoded, block.variable, block.values, long=block.values.size > _LONG)
    if before is not None:
        yield file.padding(before)
