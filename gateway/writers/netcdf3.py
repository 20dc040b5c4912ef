"""Streams netCDF-3: the header, then the values of one variable after the other."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from core.selection.layout import Layout
from gateway.extract import Extraction
from gateway.writers.classic import classic


def length(layout: Layout) -> int:
    """Return the bytes of the file, known before any value is read."""
    return classic(layout).length


async def stream(extraction: Extraction) -> AsyncGenerator[bytes]:
    """Yield the file, exactly `length` bytes.

    Raises:
        OSError, VersionGoneError: values cannot be read; what was yielded is no whole file.
        ValueError: a 64-bit integer is not exact as a double; likewise.

    """
    file = classic(extraction.layout)
    yield file.header
    kept = [place for place, given in enumerate(extraction.layout.variables) if given.dtype != "str"]
    places = {extraction.layout.variables[place].name: number for number, place in enumerate(kept)}
    before: int | None = None
    async with aclosing(extraction.blocks()) as blocks:
        async for block in blocks:
            here = places.get(block.variable.name)
            if here is None:
                continue
            if before is not None and before != here:
                yield file.padding(before)
            before = here
            yield file.encoded(here, block.values)
    if before is not None:
        yield file.padding(before)
