"""Surface and bottom of the sea at the one place of a table, read before its lines are written."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.selection.given import Given
from core.selection.plan import Plan
from core.selection.reading import Reading
from core.selection.table import packing
from gateway.blocks import BlockReader

Floats = NDArray[np.float64]


async def with_surfaces(
    reader: BlockReader, plan: Plan, givens: Mapping[str, Given], readings: Mapping[str, Reading]
) -> Plan:
    """Return a plan with surface and bottom at its place, where its levels follow them.

    Raises:
        OSError, VersionGoneError: they cannot be read.

    """
    if plan.here is None:
        return plan
    found = []
    for term in plan.here.levels.terms:
        name = term.variable.name
        found.append(await _at_each_step(reader, plan, givens[name], readings[name]))
    eta = found[1] if len(found) > 1 else np.zeros(len(plan.rows))
    return replace(plan, here=replace(plan.here, depth=found[0], eta=eta))


async def _at_each_step(reader: BlockReader, plan: Plan, given: Given, reading: Reading) -> Floats:
    """Return a term at each step: at points between cells it is the mean of those around, of which all are there."""
    values = np.zeros(given.shape, dtype=np.float64)
    packed = packing(plan, given.name)
    async with aclosing(reader.blocks([(given, reading)])) as blocks:
        async for block in blocks:
            into = tuple(
                slice(start, start + length) for start, length in zip(block.start, block.values.shape, strict=True)
            )
            missing = block.values == given.fill
            values[into] = (
                np.where(missing, np.nan, block.values)
                if given.unpacked or packed is None
                else packed.unpack(block.values)
            )
    timed = plan.dimensions(given.name).slot is not None
    cells = values.reshape(len(plan.rows) if timed else 1, -1)
    mean: Floats = np.add.reduce(cells, axis=1) / cells.shape[1]
    return np.broadcast_to(mean, (len(plan.rows),))
