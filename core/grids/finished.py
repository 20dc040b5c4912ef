"""All arrays of the geometry of a curvilinear grid: how its cells are found, near and from afar."""

from dataclasses import replace

import numpy as np

from core.cells import Scattered
from core.grids.atlas import levels_of
from core.grids.curvilinear import Curvilinear
from core.grids.geometry import Geometry
from core.grids.memory import answered
from core.grids.patches import with_patches


def finished(shape: tuple[int, int], found: Geometry) -> Geometry:
    """Add to what `build` made what makes a search quick: `breaks` (see `with_patches`) and the `core.grids.atlas`."""
    patched = with_patches(found)
    grid = Curvilinear(
        shape=shape, buckets=found.buckets, depth=found.depth, extent=found.extent, patched="breaks" in patched.arrays
    )
    arrays = dict(patched.arrays)
    for level in levels_of(shape, found.buckets, found.extent):
        picture = np.empty((*level.shape, 1), dtype=np.int32)
        for first, last in level.bands():
            cells = answered(grid.near(level.view(first, last)), patched.arrays)
            if isinstance(cells, Scattered):
                picture[first:last, :, 0] = np.where(cells.rows < 0, -1, cells.rows * shape[1] + cells.columns)
        arrays[level.name] = picture
    return replace(patched, arrays=arrays)
