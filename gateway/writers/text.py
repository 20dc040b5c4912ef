"""Writes CSV, in bounded memory: block by block in the order of its lines, and these some at a time."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from math import prod

from core.selection.table import LINES, lines, parts, table
from gateway.extract import Extraction
from gateway.staggered import with_places
from gateway.surfaces import with_surfaces


async def stream(extraction: Extraction) -> AsyncGenerator[bytes]:
    """Yield the table: the first line, then the others.

    Raises:
        Problem: the variables make no one table; nothing was yielded.
        OSError, VersionGoneError: values cannot be read; what was yielded is no whole table.

    """
    workers = extraction.reader.sampler.workers
    givens = {given.name: given for given in extraction.layout.variables}
    readings = {reading.variable: reading for reading in extraction.readings}
    plan = await with_places(extraction.reader.sampler, extraction.plan)
    plan = await with_surfaces(extraction.reader, plan, givens, readings)
    found = await workers.run(table, plan, givens)
    yield found.head
    wanted = [(givens[column.name], readings[column.name]) for column in found.read]
    todo = list(parts(found, [reading for _, reading in wanted]))
    each = ((*pair, block) for _, inner in todo for pair, block in zip(wanted, inner, strict=True))
    async with aclosing(extraction.reader.read(each)) as values:
        for block, _ in todo:
            read = [await anext(values) for _ in wanted]
            known = {part.variable.name: part.values for part in read}
            for first in range(0, prod(block.shape), LINES):
                yield await workers.run(lines, found, block, known, first)
