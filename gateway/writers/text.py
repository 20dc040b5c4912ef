"""Writes CSV: all values first, which the limit on text keeps few, then line by line."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.packing import Packing
from core.selection.given import packings_at
from core.selection.plan import Plan
from core.selection.table import columns, coordinates_of, firsts, head, lines, together, unpacked
from gateway.extract import Extraction


async def stream(extraction: Extraction) -> AsyncGenerator[bytes]:
    """Yield the table; the first part comes when everything has been read, so that no fault of a store follows it.

    Raises:
        Problem: the variables make no one table.
        OSError, VersionGoneError: values cannot be read; nothing was yielded.

    """
    plan = extraction.plan
    together(plan)
    names = (*plan.fields, *coordinates_of(plan))
    known = await _values(extraction, names)
    workers = extraction.reader.sampler.workers
    givens = {given.name: given for given in extraction.layout.variables}
    found = {name: await workers.run(unpacked, givens[name], known[name], _packing(plan, name)) for name in names}
    fields = [found[name] for name in plan.fields]
    coordinates = await workers.run(columns, plan, found)
    yield head(coordinates, plan).encode()
    for first in firsts(fields):
        yield await workers.run(lines, coordinates, fields, first)


async def _values(extraction: Extraction, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    pairs = [
        (given, reading)
        for given, reading in zip(extraction.layout.variables, extraction.readings, strict=True)
        if given.name in names
    ]
    found = {given.name: np.empty(given.shape, dtype=given.dtype) for given, _ in pairs}
    async with aclosing(extraction.reader.blocks(pairs)) as blocks:
        async for block in blocks:
            where = tuple(
                slice(first, first + length) for first, length in zip(block.start, block.values.shape, strict=True)
            )
            found[block.variable.name][where or ...] = block.values
    return found


def _packing(plan: Plan, name: str) -> Packing | None:
    """Return the packing of a variable that has one and the same at all steps that are taken."""
    if plan.variable(name).stepped:
        return next(iter(packings_at(plan, name)), None)
    found = [packing[name] for packing in plan.dataset.packings if name in packing]
    return found[-1] if found else None
