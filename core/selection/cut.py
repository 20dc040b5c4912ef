"""Which indices along one dimension are taken: ranges, and how they are found on an axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.problem import Problem
from core.selection.asked import Along, Between, Nearest

Indices = NDArray[np.intp]
Floats = NDArray[np.float64]

_LEEWAY: Final = 1e-4
"""Relative: clients write levels such as 0.49402499 back with fewer digits."""
_OF_A_STEP: Final = 0.01
"""Of the distance between two places, which the leeway never exceeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Indices along one dimension, in the order in which they are given out."""

    pieces: tuple[range, ...]
    """Joined one after the other."""

    def __len__(self) -> int:
        """Return how many indices there are."""
        return sum(map(len, self.pieces))

    @property
    def indices(self) -> Indices:
        """All of them, shape (n,)."""
        return np.concatenate(
            [np.empty(0, np.intp), *(np.arange(*_ends(piece), dtype=np.intp) for piece in self.pieces)]
        )

    def strided(self, step: int) -> "Cut":
        """Return every `step`-th of them."""
        return self if step == 1 else cut_of(self.indices[::step])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen(Cut):
    """Indices that no few ranges tell."""

    chosen: Indices
    pieces: tuple[range, ...] = ()

    def __len__(self) -> int:
        """Return how many indices there are."""
        return int(self.chosen.size)

    @property
    def indices(self) -> Indices:
        """All of them, shape (n,)."""
        return self.chosen


def _ends(piece: range) -> tuple[int, int, int]:
    return piece.start, piece.stop, piece.step


def whole(length: int) -> Cut:
    """Return all indices of a dimension."""
    return Cut(pieces=(range(length),))


def cut_of(indices: NDArray[Any]) -> Cut:
    """Return indices as the fewest ranges that keep their order."""
    if indices.size == 0:
        return Cut(pieces=())
    steps = np.diff(indices)
    pieces, start = [], 0
    while start < indices.size:
        stop = start + 1
        if stop < indices.size:
            differs = np.flatnonzero(steps[start:] != steps[start])
            stop = indices.size if differs.size == 0 else start + int(differs[0]) + 1
        step = int(steps[start]) if stop - start > 1 else 1
        pieces.append(range(int(indices[start]), int(indices[stop - 1]) + (1 if step > 0 else -1), step))
        start = stop
    return Cut(pieces=tuple(pieces))


def along(values: Sequence[float] | Floats, asked: Along | None, parameter: str) -> Cut:
    """Return the places along an axis that are asked for, in its order.

    Where none lies between two values that are nearer to each other than two places are, it is the nearest place.

    Args:
        values: of the places, in any order.
        asked: None for all of them.
        parameter: names the axis in refusals.

    Raises:
        Problem: `invalid_dimension`: nothing of the axis is asked for.

    """
    axis = np.asarray(values, dtype=np.float64)
    if asked is None:
        return whole(axis.size)
    if isinstance(asked, Nearest):
        nearest = int(np.abs(axis - asked.value).argmin())
        return Cut(pieces=(range(nearest, nearest + 1),))
    found = np.flatnonzero(_inside(axis, asked))
    if found.size == 0:
        found = np.array([_meant(axis, asked, parameter)])
    return cut_of(found).strided(asked.stride)


def _inside(axis: Floats, asked: Between) -> NDArray[np.bool_]:
    step = _step(axis)
    slack = np.minimum(_LEEWAY * np.abs(axis), np.inf if step == 0 else _OF_A_STEP * step)
    inside = np.ones(axis.shape, dtype=np.bool_)
    if asked.low is not None:
        inside &= axis >= asked.low - slack
    if asked.high is not None:
        inside &= axis <= asked.high + slack
    return inside


def _step(axis: Floats) -> float:
    """Return the least distance between two places; 0 where there is but one."""
    apart = np.diff(np.sort(axis))
    return float(apart[apart > 0].min(initial=np.inf)) if (apart > 0).any() else 0.0


def _meant(axis: Floats, asked: Between, parameter: str) -> int:
    """Return the place that is meant by a range between two places."""
    first, last = float(axis.min()), float(axis.max())
    low, high = asked.low, asked.high
    if low is not None and high is not None and low <= high and first <= low and high <= last:
        return int(np.abs(axis - (low + high) / 2).argmin())
    shown = "/".join("" if end is None else f"{end:.15g}" for end in (low, high))
    message = f"{parameter}={shown} holds nothing: {_offered(axis)}"
    raise Problem("invalid_dimension", message, parameter=parameter)


def _offered(axis: Floats) -> str:
    if axis.size == 1:
        return f"there is {axis[0]:.15g}"
    return f"values run from {axis.min():.15g} to {axis.max():.15g}"
