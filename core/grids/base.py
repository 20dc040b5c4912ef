"""The port of all grids: from a view to the cells it shows, reading nothing by itself.

Grids whose axes do not separate need arrays that were worked out at ingest (`geometry/...`). They ask for them by
yielding `Wanted`, and are sent what was picked; so the same arithmetic runs over the store, over memory in tests, and
over anything else, and no grid is ever held in memory whole.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Picked
from core.extent import Extent as Extent  # noqa: PLC0414 -- part of this port
from core.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Values of a geometry array that are needed to go on."""

    array: str
    """Name within the grid's geometry: `candidates`, `edges`."""
    shape: tuple[int, int]
    """Rows and columns of that array; what lies behind them comes whole."""
    cells: Cells
    """Which of them; -1 where none is wanted."""


Locating = Generator[Wanted, Picked | None, Cells]
"""Yields what it needs, is sent what was picked (None where nothing was written), returns the cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Points on the Earth."""

    longitude: NDArray[np.float64]
    """Degrees east from -180 to 180, shape (h, w); NaN where there is no cell."""
    latitude: NDArray[np.float64]
    """Degrees north, shape (h, w); NaN where there is no cell."""


Placing = Generator[Wanted, Picked | None, Places]
"""As `Locating`, and returns places."""


class Grid(Protocol):
    """A set of cells, shape (ny, nx).

    Every grid is run through `tests/contracts/test_grids.py`.
    """

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        ...

    @property
    def extent(self) -> Extent:
        """Where there are cells."""
        ...

    def locate(self, view: View) -> Locating:
        """Find the cell that contains the centre of each pixel."""
        ...

    def locate_places(self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> Locating:
        """Find the cell that contains each of some places, in degrees, shape (n,): scattered cells, shape (1, n).

        Each is worked out by itself, exactly: whatever other places are asked for, it is found alike. NaN is nowhere.
        """
        ...

    def centres(self, cells: Cells) -> Placing:
        """Find the centres of cells."""
        ...

    def cells_apart(self, view: View, cells: Cells) -> float:
        """Tell how many cells lie between neighbouring pixels of a view in which these were located; 0 for one pixel.

        Wherever it can be told from the size of a pixel alone, it is, so that all tiles of a map agree.
        """
        ...
