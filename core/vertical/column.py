"""A column of levels: which of them holds a height, at each of many places.

A level holds what lies between its interfaces: those that the file gives, else halfway to the next levels. What is
chosen is a level, never a mixture of two. Below the bottom and above the surface there is nothing.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from core.dataset import Formula
from core.vertical.formulas import FIXED, Terms, numbers, quantities

Floats = NDArray[np.float64]
NOWHERE: Final = -1
"""For a level: there is none."""
_SEA: Final = 1000.0
"""Metres: a depth at which every formula tells its levels apart."""
_BAND: Final = 2**14
"""Places that are looked at together: what is in between then stays in the cache of the processor."""
_SLACK: Final = 1e-3
"""Of the depth: packed numbers of levels end a little above the surface or below the bottom."""
_NEAR: Final = 0.25
"""Of the half of an outermost level that lies inside: an end as near as that to surface or bottom is meant to be it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """The levels of one axis, wherever they are."""

    formula: Formula
    levels: Floats
    """Numbers of the levels in stored order, shape (n, quantities)."""
    edges: Floats
    """Numbers of the interfaces from the top to the bottom, shape (n + 1, quantities); NaN where an end is open.

    One fewer where the lowest level lies under the bottom.
    """
    downward: bool
    """Whether the first stored level is the uppermost."""

    @classmethod
    def of(cls, formula: Formula) -> Self | None:
        """Return the levels of a formula; None where they do not lie one under the other between surface and bottom."""
        terms = {name: np.array(values) for name, values in formula.terms.items()}
        levels = numbers(formula.name, terms)
        heights = _heights(formula, levels, 0.0, _SEA)
        if heights.size < 2:
            return None
        downward = bool(heights[0] > heights[-1])
        if not _ordered(heights, downward=downward) or heights.max() > _SLACK * _SEA:
            return None
        beyond = 0 if formula.name in FIXED else int((heights < -(1 + _SLACK) * _SEA).sum())
        if beyond > 1 or heights.size - beyond < 2:
            return None
        edges = {**terms, **{name: np.array(values) for name, values in formula.edges.items()}}
        between = numbers(formula.name, edges) if formula.edges else _halfway(levels)
        if not _ordered(_heights(formula, between, 0.0, _SEA), downward=downward):
            return None
        ends = _opened(formula, between if downward else between[::-1])
        if beyond:
            # POM writes one level more, under the bottom, where nothing is: the one above it reaches to the bottom.
            ends = ends[:-1]
            ends[-1] = np.nan
        return cls(formula=formula, levels=levels, edges=ends, downward=downward)

    @property
    def top(self) -> int:
        """Index of the uppermost level."""
        return 0 if self.downward else len(self.levels) - 1

    @property
    def digest(self) -> str:
        """Names all numbers, 16 hexadecimal digits."""
        return blake2b(repr(self.formula).encode(), digest_size=8).hexdigest()

    def holding(self, elevation: float, eta: Floats, depth: Floats) -> NDArray[np.intp]:
        """Return the index of the level that holds a height.

        Args:
            elevation: metres above the datum of `eta` and `depth`.
            eta: height of the surface, metres; NaN where it is not known.
            depth: of the bottom, metres below the datum, same shape; likewise.

        Returns:
            Same shape; `NOWHERE` above the surface, below the bottom, and where either is not known.

        """
        found = np.full(eta.shape, NOWHERE, dtype=np.intp)
        terms = {name: np.array(values) for name, values in self.formula.terms.items()}
        flat, into = (eta.ravel(), depth.ravel()), found.reshape(-1)
        for start in range(0, eta.size, _BAND):
            band = slice(start, start + _BAND)
            self._hold(into[band], elevation, terms, flat[0][band], flat[1][band])
        return found

    def _hold(self, found: NDArray[np.intp], elevation: float, terms: Terms, eta: Floats, depth: Floats) -> None:
        there = (eta >= elevation) & (depth >= -elevation) & (depth > -eta)
        if not there.any():
            return
        at = slice(None) if there.all() else np.flatnonzero(there)
        eta, depth = eta[at], depth[at]
        place = quantities(self.formula.name, terms, eta, depth)
        above = _count_over(self.edges[1:-1], place, elevation)
        levels = above if self.downward else len(self.levels) - 1 - above
        first, last = self.edges[0], self.edges[-1]
        if np.isfinite(first).all():
            np.copyto(levels, NOWHERE, where=~(_sum(first, place) >= elevation))
        if np.isfinite(last).all():
            np.copyto(levels, NOWHERE, where=~(_sum(last, place) <= elevation))
        found[at] = levels

    def height(self, level: int, eta: float, depth: float) -> float:
        """Return the height of a level at one place, metres above the datum; NaN where that is not known."""
        return float(_heights(self.formula, self.levels[level : level + 1], eta, depth)[0])


def _count_over(edges: Floats, place: list[Floats], elevation: float) -> NDArray[np.intp]:
    """Return how many interfaces, of some from the top to the bottom, lie at a height or over it at each place."""
    least, most = ([float(reduce(each)) for each in place] for reduce in (np.fmin.reduce, np.fmax.reduce))
    up, down = np.maximum(edges, 0.0), np.minimum(edges, 0.0)
    with np.errstate(invalid="ignore"):
        # Most interfaces lie on one side of the height at all places of a band.
        lows, highs = up @ least + down @ most, up @ most + down @ least
    start, stop = int((lows >= elevation).sum()), len(edges) - int((highs < elevation).sum())
    count = np.full(place[0].shape, start, dtype=np.intp)
    step = 1 << (stop - start).bit_length()
    # What is beyond the last interface lies nowhere.
    whole = bool((edges[:, 0] == 1.0).all())
    columns = np.vstack([edges, np.full((step, edges.shape[1]), np.nan)]).T.copy()
    with np.errstate(invalid="ignore"):
        while step > 1:
            step //= 2
            at = count + (step - 1)
            # The surface counts once, but for levels that hang on it in part, or not at all.
            total = place[0] if whole else columns[0].take(at, mode="clip") * place[0]
            for column, each in zip(columns[1:], place[1:], strict=True):
                part = column.take(at, mode="clip")
                part *= each
                part += total
                total = part
            count += step * (total >= elevation)
    return count


def _sum(edge: Floats, place: list[Floats]) -> Floats:
    total: Floats = edge[0] * place[0]
    for number, each in zip(edge[1:].tolist(), place[1:], strict=True):
        total = total + number * each
    return total


def _heights(formula: Formula, levels: Floats, eta: float, depth: float) -> Floats:
    terms = {name: np.array(values) for name, values in formula.terms.items()}
    place = quantities(formula.name, terms, np.array([eta]), np.array([depth]))
    found: Floats = levels @ np.concatenate(place)
    return found


def _halfway(levels: Floats) -> Floats:
    """Return interfaces halfway between levels; the outermost are as far out as the next ones are in."""
    inner = (levels[1:] + levels[:-1]) / 2
    return np.vstack([2 * levels[:1] - inner[:1], inner, 2 * levels[-1:] - inner[-1:]])


def _opened(formula: Formula, edges: Floats) -> Floats:
    """Open the ends of a column that are meant to be the surface and the bottom: these are where the place says."""
    found = edges.copy()
    heights = _heights(formula, edges, 0.0, _SEA)
    near = _NEAR * np.abs(np.diff(heights))
    if heights[0] > -near[0]:
        found[0] = np.nan
    if formula.name not in FIXED and heights[-1] < near[-1] - _SEA:
        found[-1] = np.nan
    return found


def _ordered(heights: Floats, *, downward: bool) -> bool:
    """Tell whether each height lies beyond the one before it; NaN lies nowhere."""
    steps = np.diff(heights)
    return bool(((steps < 0) if downward else (steps > 0)).all())
