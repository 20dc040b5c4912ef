"""All arrays of the geometry of a curvilinear grid: how its cells are found, near and from afar."""

from dataclasses import replace

import numpy as np

from core.cells import Scattered
from core.grids.atlas import CELLS, zoom_levels, zooms_for
from core.grids.curvilinear import Curvilinear
from core.grids.geometry import Geometry
from core.grids.memory import answered
from core.grids.patches import with_patches


def finished(shape: tuple[int, int], found: Geometry) -> Geometry:
    """Add to what `build` made what makes a search quick: `breaks` (see `with_patches`) and the `core.grids.atlas`."""
    patched = with_patches(found)
    levels = () if "breaks" in patched.arrays else None
    grid = Curvilinear(shape=shape, buckets=found.buckets, depth=found.depth, extent=found.extent, levels=levels)
    arrays = dict(patched.arrays)
    zooms = 0 if min(shape) == 1 else zooms_for(shape[0] * shape[1], found.buckets, found.extent, CELLS)
    for level in zoom_levels(zooms, found.extent):
        picture = np.empty((*level.shape, 1), dtype=np.int32)
        for first, last in level.bands():
            cells = answered(grid.near(level.view(first, last)), patched.arrays)
            if isinstance(cells, Scattered):
                picture[first:last, :, 0] = np.where(cells.rows < 0, -1, cells.rows * shape[1] + cells.columns)
        arrays[level.name] = picture
    return replace(patched, arrays=arrays)
