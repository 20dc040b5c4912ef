"""From the description of a grid to the adapter that does its arithmetic."""

import numpy as np

from core.dataset import CurvilinearGrid, GridDescription, MeshGrid, ProjectedGrid, RectilinearGrid
from core.grids.atlas import levels_of, zoom_levels
from core.grids.base import Extent, Grid
from core.grids.chart import maps_of
from core.grids.curvilinear import Curvilinear
from core.grids.fold import Fold
from core.grids.layout import Layout
from core.grids.mesh import Mesh, MeshPoints
from core.grids.projected import Projected
from core.grids.rectilinear import Rectilinear

Separated = Rectilinear | Projected
"""Grids whose rows and columns are those of two axes: between these, values can be mixed."""


def grid_of(description: GridDescription) -> Grid:
    """Return the grid that `description` describes."""
    if isinstance(description, RectilinearGrid):
        return Rectilinear(
            longitudes=np.asarray(description.longitudes),
            latitudes=np.asarray(description.latitudes),
            longitude_bounds=np.asarray(description.longitude_bounds) if description.longitude_bounds else None,
            latitude_bounds=np.asarray(description.latitude_bounds) if description.latitude_bounds else None,
        )
    if isinstance(description, ProjectedGrid):
        return Projected(description)
    west, south, east, north = description.extent
    extent = Extent(west=west, south=south, east=east, north=north)
    levels = zoom_levels(description.zooms, extent)
    maps = None
    if isinstance(description, CurvilinearGrid) and description.patched:
        levels = levels or levels_of(description.shape, description.buckets, extent)
        fold = description.fold and Fold(*description.fold, description.period)
        layout = Layout(period=description.period, fold=fold, straight=description.straight)
        maps = maps_of(levels, layout if description.charted else None)
    cells = Curvilinear(
        shape=(1, description.faces) if isinstance(description, MeshGrid) else description.shape,
        buckets=description.buckets,
        depth=description.depth,
        extent=extent,
        maps=maps,
    )
    if not isinstance(description, MeshGrid):
        return cells
    # A face that is not convex is several faces of the search.
    plain = description.location == "face" and description.faces == description.shape[1]
    return (Mesh if plain else MeshPoints)(description.shape[1], cells, levels)
