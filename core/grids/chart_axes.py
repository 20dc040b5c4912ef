"""Where the pixels of a map lie between the nodes of a chart (see `core.grids.chart`), along each of its two axes.

Source: Abramowitz and Stegun, 25.2.13 (Lagrange's formula with four points).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.extent import Extent
from core.grids.atlas import Level
from core.grids.sphere import separate
from core.view import View

Floats = NDArray[Any]
Part = tuple[slice, slice, NDArray[np.float32]]
"""Some pixels, which of the nodes these need, and the weights of those, shape (pixels, nodes)."""

PAD: Final = 12
"""Nodes of the array beyond the pictures' squares, on each side."""
NODES: Final = 4
"""That a cubic needs along each axis."""
_ROUND: Final = 359.9
"""Degrees; what is wider goes round."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Axis:
    """Pixels along one axis, between nodes."""

    first: NDArray[np.intp]
    """Index of the node before each, ascending."""
    share: Floats
    """Of the way from there to the next."""
    pixel: float
    """Nodes from one pixel to the next, at least."""

    @classmethod
    def of(cls, places: Floats, count: int) -> "Axis | None":
        """Lay places, in nodes of the array from the first on, between `count` nodes; None where they do not ascend."""
        steps = np.diff(places)
        if not (steps.size and (least := float(steps.min())) > 0.0):
            return None
        # What is beyond is as far from all cells as the ends are.
        inside = places.clip(1.0, count - 3.0)
        first = inside.astype(np.intp)
        return cls(first=first, share=inside - first, pixel=least)

    @property
    def ends(self) -> tuple[int, int]:
        """The first of the nodes that are needed, and that behind the last."""
        return int(self.first[0]) - 1, int(self.first[-1]) + 3

    @property
    def nodes(self) -> Indices:
        """Those that are needed."""
        found: Indices = np.arange(*self.ends)
        return found

    @property
    def squares(self) -> Indices:
        """In which each pixel is, counted from the first."""
        found: Indices = self.first - self.first[0]
        return found

    def parts(self, count: int) -> list[Part]:
        """Cut the pixels into parts of so many."""
        found: list[Part] = []
        all_squares, all_weights, four = self.squares, weights_of(self.share).T, np.arange(NODES)
        for begin in range(0, self.first.size, count):
            pixels = slice(begin, begin + count)
            squares = all_squares[pixels]
            nodes = slice(int(squares[0]), int(squares[-1]) + NODES)
            weights = np.zeros((squares.size, nodes.stop - nodes.start), dtype=np.float32)
            at = np.arange(squares.size) * weights.shape[1] + (squares - squares[0])
            weights.reshape(-1)[at[:, None] + four] = all_weights[pixels]
            found.append((pixels, nodes, weights))
        return found


Axes = tuple[Axis, Axis]
"""Down and across."""


def axes_of(view: View, level: Level, extent: Extent) -> Axes | None:
    """Lay the rows and columns of a separable view between the nodes of a level of a grid; None where they are not."""
    longitude, latitude = separate(view)
    whole = chart_shape(level)
    places = level.down(np.sin(np.radians(latitude))) - 0.5 + PAD, _onward(longitude, level) - 0.5 + PAD
    # Beyond the sides of a chart there is nothing, but for what is nearer to a pole, or where it begins again.
    closed = level.shape[1] * level.square < _ROUND
    if closed and places[1][-1] > 360.0 / level.square - 0.5 + PAD:
        return None
    ends = (level.reaches(0.0, extent.north), level.reaches(extent.south, 0.0)), (closed, closed)
    if not all(_told(part, most, end) for end, part, most in zip(ends, places, whole, strict=True)):
        return None
    down, across = (Axis.of(part, most) for part, most in zip(places, whole, strict=True))
    return None if down is None or across is None else (down, across)


def _told(places: Floats, count: int, ends: tuple[bool, bool]) -> bool:
    """Tell whether there are nodes around all places, or nothing beyond the first and the last of `count` nodes."""
    return bool((ends[0] or places.min() >= 1.0) and (ends[1] or places.max() <= count - 3.0))


def _onward(longitude: Floats, level: Level) -> Floats:
    """Return how many squares east of the left edge columns are, ascending, negative for some that lie west of it."""
    around = 360.0 / level.square
    first = float(level.across(longitude[0]))
    # Between where a level ends and where it begins again, a view begins before it or behind it.
    if first > (level.shape[1] + around) / 2:
        first -= around
    found: Floats = first + (longitude - longitude[0]) % 360.0 / level.square
    return found


def weights_of(share: Floats) -> Floats:
    """Return the weights of the four nodes around places that are so far from the second to the third, shape (4, n)."""
    before, after, beyond = share + 1.0, share - 1.0, share - 2.0
    return np.stack(
        [
            -share * after * beyond / 6.0,
            before * after * beyond / 2.0,
            -before * share * beyond / 2.0,
            before * share * after / 6.0,
        ]
    )


def chart_shape(level: Level) -> tuple[int, int]:
    """Return rows and columns of the array."""
    return level.shape[0] + 2 * PAD, level.shape[1] + 2 * PAD
