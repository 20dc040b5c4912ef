"""Columns of a table that no variable holds: the places of cells by what is known of their grid, heights of levels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.dataset import ProjectedGrid
from core.grids.projected import Projected
from core.selection.cut import Indices
from core.selection.heights import ELEVATION, LevelsHere
from core.selection.plan import Plan

Floats = NDArray[np.float64]
Centres = Callable[[Indices, Indices], tuple[Floats, Floats]]
"""Longitudes and latitudes by row and column of what is taken."""

LATITUDE: Final = 'latitude[unit="degrees_north"]'
LONGITUDE: Final = 'longitude[unit="degrees_east"]'
DIGITS: Final = 7
"""Decimals of degrees that are worked out: a centimetre."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Worked:
    """Coordinates that are worked out line by line: on a projection, of points between cells, and heights of levels."""

    head: str
    places: tuple[int, ...]
    """Dimensions of the table that they go along."""
    values: Callable[..., Floats]
    """By index along each of these, of what is taken."""


def in_plane(description: ProjectedGrid, taken: tuple[Indices, Indices]) -> Centres:
    """Return the places of cells of a grid on a projection, of which some rows and columns are taken."""
    grid = Projected(description)

    def centres(row: Indices, column: Indices) -> tuple[Floats, Floats]:
        found = grid.places(taken[0][row], taken[1][column])
        return found.longitude, found.latitude

    return centres


def between(plan: Plan, grid_id: str) -> Centres:
    """Return the places of points between cells, which no variable holds."""

    def centres(row: Indices, column: Indices) -> tuple[Floats, Floats]:
        longitudes, latitudes = plan.centres[grid_id]
        return longitudes[row, column], latitudes[row, column]

    return centres


def worked(centres: Centres, rank: int) -> Iterator[Worked]:
    """Yield the columns of latitude and longitude of a table of so many dimensions."""
    for head, side in ((LATITUDE, 1), (LONGITUDE, 0)):
        yield Worked(head=head, places=(rank - 2, rank - 1), values=partial(_side, centres, side))


def _side(centres: Centres, side: int, row: Indices, column: Indices) -> Floats:
    return centres(row, column)[side].round(DIGITS)


def elevations(here: LevelsHere, taken: Indices, places: tuple[int, ...]) -> Worked:
    """Return the column of heights; `places` are the dimensions of steps, if there is any, and of levels `taken`."""

    def values(*at: Indices) -> Floats:
        levels = taken[at[-1]]
        return here.heights(at[0] if len(at) > 1 else np.zeros_like(levels), levels)

    return Worked(head=ELEVATION, places=places, values=values)
