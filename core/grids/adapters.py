"""From the description of a grid to the adapter that does its arithmetic."""

import numpy as np

from core.dataset import GridDescription, RectilinearGrid
from core.grids.base import Extent, Grid
from core.grids.curvilinear import Curvilinear
from core.grids.rectilinear import Rectilinear


def grid_of(description: GridDescription) -> Grid:
    """Return the grid that `description` describes."""
    if isinstance(description, RectilinearGrid):
        return Rectilinear(
            longitudes=np.asarray(description.longitudes),
            latitudes=np.asarray(description.latitudes),
            longitude_bounds=np.asarray(description.longitude_bounds) if description.longitude_bounds else None,
            latitude_bounds=np.asarray(description.latitude_bounds) if description.latitude_bounds else None,
        )
    west, south, east, north = description.extent
    return Curvilinear(
        shape=description.shape,
        buckets=description.buckets,
        depth=description.depth,
        extent=Extent(west=west, south=south, east=east, north=north),
    )
