"""All arrays of the geometry of a curvilinear grid: how its cells are found, near and from afar."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices, Scattered
from core.grids.atlas import CELLS, zoom_levels, zooms_for
from core.grids.chart import Maps, chart_level
from core.grids.charting import chart_of
from core.grids.curvilinear import Curvilinear
from core.grids.fold import fold_of
from core.grids.geometry import Geometry
from core.grids.layout import Layout
from core.grids.memory import answered
from core.grids.patches import with_patches
from core.grids.period import period_of
from core.grids.straightening import straight_of


def finished(shape: tuple[int, int], found: Geometry) -> Geometry:
    """Add to what `build` made what makes a search quick: `breaks` (see `with_patches`), pictures and a chart."""
    patched = with_patches(found)
    arrays = dict(patched.arrays)
    maps = Maps() if "breaks" in arrays else None
    grid = Curvilinear(shape=shape, buckets=found.buckets, depth=found.depth, extent=found.extent, maps=maps)
    zooms = 0 if min(shape) == 1 else zooms_for(shape[0] * shape[1], found.buckets, found.extent, CELLS)
    levels = zoom_levels(zooms, found.extent)
    for level in levels:
        picture = np.empty((*level.shape, 1), dtype=np.int32)
        for first, last in level.bands():
            cells = answered(grid.near(level.view(first, last)), patched.arrays)
            if isinstance(cells, Scattered):
                picture[first:last, :, 0] = np.where(cells.rows < 0, -1, cells.rows * shape[1] + cells.columns)
        arrays[level.name] = picture
    lattice, layout = chart_level(levels), Layout()
    if lattice is not None and maps is not None:
        period = period_of(arrays["centres"])
        find = partial(_found, grid, patched.arrays)
        layout = Layout(
            period=period, fold=fold_of(arrays["centres"], period, find), straight=straight_of(arrays, period)
        )
        arrays["chart"] = chart_of(arrays, lattice, find, layout)
    return replace(patched, arrays=arrays, layout=layout)


def _found(grid: Curvilinear, arrays: dict[str, NDArray[Any]], places: NDArray[np.float64]) -> Indices:
    return answered(grid.search.find(places), arrays)
