"""Which rows and columns lie in a box of longitude and latitude.

A cell is in the box where its centre is. A box that holds no centre, and lies on the grid, means the cell nearest to
its middle.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.dataset import ProjectedGrid, RectilinearGrid
from core.problem import Problem
from core.selection.asked import Box, OnAxes
from core.selection.cut import Cut, Floats, cut_of, whole
from core.selection.hull import lies_in
from core.selection.ring import Ends

_LEEWAY: Final = 1e-3
"""Of a cell: clients write centres back with fewer digits, and single precision does not hold them all."""
_HALF_A_TURN: Final = 180.0
_A_TURN: Final = 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a rectilinear grid that lie in a box."""

    cut: Cut
    turns: tuple[int, ...] | None
    """Whole turns to be added to the longitude of each so that they run on; None where the file's own do."""


def rows(grid: RectilinearGrid, box: Box) -> Cut:
    """Return the rows whose centres lie between south and north, in the order of the file.

    Raises:
        Problem: `invalid_value`: the box lies off the grid.

    """
    latitudes = np.array(grid.latitudes)
    step = _step(latitudes)
    slack = _LEEWAY * step
    inside = np.flatnonzero((latitudes >= box.south - slack) & (latitudes <= box.north + slack))
    if inside.size == 0:
        middle = (box.south + box.north) / 2
        nearest = int(np.abs(latitudes - middle).argmin())
        if abs(float(latitudes[nearest]) - middle) > step / 2 + slack:
            message = (
                f"the box from {box.south:g} to {box.north:g} degrees north lies off the grid, which runs from "
                f"{latitudes.min():g} to {latitudes.max():g}"
            )
            raise Problem("invalid_value", message, parameter="bbox")
        inside = np.array([nearest])
    return cut_of(inside)


def columns(grid: RectilinearGrid, box: Box) -> Columns:
    """Return the columns whose centres lie between west and east, in any turn.

    They are in the order of the file where their longitudes then rise or fall all along; else the seam of the file
    lies in the box, and they run from west to east.

    Raises:
        Problem: `invalid_value`: the box lies off the grid.

    """
    longitudes = np.array(grid.longitudes)
    if box.width >= _A_TURN:
        return Columns(cut=whole(longitudes.size), turns=None)
    step = _step(longitudes)
    # A hair west of the box is in it, and not a turn further east.
    slack = _LEEWAY * step
    beyond = np.mod(longitudes - box.west + slack, 360.0) - slack
    inside = np.flatnonzero(beyond <= box.width + slack)
    if inside.size == 0:
        inside = np.array([_nearest(longitudes, box, step)])
    own = longitudes[inside]
    if _monotonic(own) and not _jumps(own, beyond[inside]):
        return Columns(cut=cut_of(inside), turns=None)
    inside = inside[np.argsort(beyond[inside], kind="stable")]
    # Of columns that repeat each other one turn away, the first is taken.
    apart = np.append(True, np.diff(beyond[inside]) > slack)
    inside = inside[apart]
    turns = np.rint((box.west + beyond[inside] - longitudes[inside]) / 360.0)
    return Columns(cut=cut_of(inside), turns=tuple(map(int, turns)) if turns.any() else None)


def on_axes(grid: ProjectedGrid, box: OnAxes) -> tuple[Cut, Cut]:
    """Return the rows and the columns whose centres lie in a box along the axes of their grid.

    Raises:
        Problem: `invalid_value`: the box lies off the grid.

    """
    return (
        _along("y", np.array(grid.ys), (box.low, box.high)),
        _along("x", np.array(grid.xs), (box.left, box.right)),
    )


def _along(name: str, axis: Floats, ends: tuple[float, float]) -> Cut:
    step = _step(axis)
    slack = _LEEWAY * step
    inside = np.flatnonzero((axis >= ends[0] - slack) & (axis <= ends[1] + slack))
    if inside.size == 0:
        middle = sum(ends) / 2
        nearest = int(np.abs(axis - middle).argmin())
        if ends[0] > ends[1] or abs(float(axis[nearest]) - middle) > step / 2 + slack:
            message = (
                f"the box from {name} = {ends[0]:g} to {ends[1]:g} lies off the grid, which runs "
                f"from {axis.min():g} to {axis.max():g}"
            )
            raise Problem("invalid_value", message, parameter=f"min{name}")
        inside = np.array([nearest])
    return cut_of(inside)


def _jumps(own: Floats, beyond: Floats) -> bool:
    """Tell whether longitudes that lie side by side in the box do not in the file."""
    return bool((np.abs(np.diff(own) - np.diff(beyond)) > _HALF_A_TURN).any())


def _monotonic(values: Floats) -> bool:
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())


def _nearest(longitudes: Floats, box: Box, step: float) -> int:
    middle = box.west + box.width / 2
    apart = np.abs(np.mod(longitudes - middle + 180.0, 360.0) - 180.0)
    nearest = int(apart.argmin())
    if apart[nearest] > step / 2 * (1 + 2 * _LEEWAY):
        message = (
            f"the box from {box.west:g} to {box.east:g} degrees east lies off the grid, which runs from "
            f"{longitudes.min():g} to {longitudes.max():g}"
        )
        raise Problem("invalid_value", message, parameter="bbox")
    return nearest


def _step(axis: Floats) -> float:
    """Return the distance between neighbours; of a lone one a quarter of a degree."""
    return float(np.median(np.abs(np.diff(axis)))) if axis.size > 1 else 0.25


class Bounding:
    """The rows and columns around the cells of a curvilinear grid that lie in a box, told band by band."""

    def __init__(self, box: Box, *, rings: bool) -> None:
        """Begin with none; `rings` where columns may go round, so that those over the seam are one run."""
        self._box = box
        self._ends = Ends() if rings and box.width < _A_TURN else None
        self._rows: list[int] = []
        self._columns: set[int] = set()

    def add(self, longitudes: Floats, latitudes: Floats, first: int) -> None:
        """Look at the centres of some rows, shape (n, nx), NaN where there are none; `first` is the first row."""
        if self._ends is not None:
            self._ends.add(longitudes, latitudes)
        found = lies_in(self._box, longitudes, latitudes)
        if found.any():
            down, across = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
            self._rows += [first + int(down[0]), first + int(down[-1])]
            self._columns.update(across.tolist())

    @property
    def found(self) -> tuple[Cut, Cut] | None:
        """The rows and the columns; None where no cell lies in the box."""
        if not self._rows:
            return None
        ring = None if self._ends is None else self._ends.ring
        rows, columns = (Cut(pieces=(range(min(ends), max(ends) + 1),)) for ends in (self._rows, self._columns))
        return rows, columns if ring is None else ring.run(np.array(sorted(self._columns)))
