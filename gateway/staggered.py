"""Places of points between cells, which no variable holds: worked out at ingest, and read where a table needs them."""

from dataclasses import replace
from typing import Final

import numpy as np

from core.cells import Separable
from core.dataset import CurvilinearGrid
from core.grids.adapters import grid_of
from core.selection.plan import Plan
from gateway.sampling import Sampler

_BAND: Final = 512
"""Rows that are read together."""


async def with_places(sampler: Sampler, plan: Plan) -> Plan:
    """Return a plan with the places of what it takes of grids whose points lie between cells.

    Raises:
        OSError: they cannot be read.
        VersionGoneError: the version was collected meanwhile.

    """
    found = dict(plan.centres)
    for name in plan.fields:
        grid_id = plan.variable(name).grid or ""
        grid = plan.dataset.description.grids[grid_id]
        if isinstance(grid, CurvilinearGrid) and grid.staggered is not None and grid_id not in found:
            rows, columns = (cut.indices for cut in plan.inner(name)[-2:])
            bands = [
                Separable(rows=rows[first : first + _BAND], columns=columns) for first in range(0, rows.size, _BAND)
            ]
            places = [await sampler.places(grid_id, grid_of(grid), band) for band in bands]
            found[grid_id] = (
                np.concatenate([one.longitude for one in places]),
                np.concatenate([one.latitude for one in places]),
            )
    return replace(plan, centres=found)
