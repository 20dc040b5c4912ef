"""Finds where a curvilinear grid is straight (see `core.grids.straight`), at ingest, by the corners of its cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.curvilinear_grid import Straight
from core.grids.corners import corners_of
from core.grids.sphere import degrees_of, vectors
from core.grids.straight import ROUNDED, SPREAD

Floats = NDArray[Any]

_WIDEST: Final = 2.0
"""Degrees; edges of wider cells bend too far away from parallels for all but the farthest maps."""
_UNEVEN: Final = 0.1
"""Of a row: as much may the latitudes of its centres differ for it to be looked at."""
_FEWEST: Final = 8
"""Rows that are worth it."""
_BLOCK: Final = 1 << 16
"""Cells that are worked on together; about 500 bytes each."""
_ABOVE, _BELOW, _LEFT, _RIGHT = (0, 1), (3, 2), (0, 3), (1, 2)
"""Corners of a cell, from the upper left on clockwise."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Run:
    """Straight rows that follow each other."""

    first: int
    latitudes: list[float]
    """Degrees, of edges of rows, one more than there are."""
    longitudes: Floats
    """Degrees, of edges of columns."""

    def goes_on(self, top: float, bottom: float, line: Floats) -> bool:
        """Tell whether a row with these edges follows."""
        before, last = self.latitudes[-2:]
        return bool(
            (bottom - top) * (last - before) > 0.0
            and abs(top - last) <= _slack(abs(bottom - top))
            and np.abs(_apart(line - self.longitudes)).max() <= _slack(np.abs(np.diff(line)).min())
        )


def straight_of(arrays: Mapping[str, NDArray[Any]], period: int) -> Straight | None:
    """Return where a grid is straight: the longest run of rows, all round or all that there are; None where nowhere.

    `arrays` as `with_patches` leaves them; `period`: see `core.grids.period`.
    """
    edges, centres = arrays["edges"], arrays["centres"]
    columns = slice(period or None)
    runs: list[_Run] = []
    on = False
    level = _level(centres[:, columns, 1])
    step = max(1, _BLOCK // centres.shape[1])
    for first in range(0, centres.shape[0], step):
        rows = slice(first, first + step)
        if not level[rows].any():
            on = False
            continue
        middle = vectors(centres[rows, columns, 0], centres[rows, columns, 1])
        longitudes, latitudes = degrees_of(corners_of(edges[rows, columns], middle))
        for row in range(latitudes.shape[1]):
            lines = _lines(latitudes[:, row], longitudes[:, row], ring=bool(period)) if level[first + row] else None
            if lines is not None:
                if not (on and runs[-1].goes_on(*lines)):
                    runs.append(_Run(first=first + row, latitudes=[lines[0]], longitudes=lines[2]))
                runs[-1].latitudes.append(lines[1])
            on = lines is not None
    run = max(runs, key=lambda run: len(run.latitudes), default=None)
    if run is None:
        return None
    there, most = _first_there(run, arrays), centres.shape[0]
    if len(there) < (min(_FEWEST, most) if period else most):
        return None
    kept = tuple(run.latitudes[there.start : there.stop + 1])
    return Straight(first=run.first + there.start, latitudes=kept, longitudes=tuple(run.longitudes.tolist()))


def _first_there(run: _Run, arrays: Mapping[str, NDArray[Any]]) -> range:
    """Return the longest run of its rows, counted from its first, over which no cell of a row before lies.

    Of cells that lie over each other the first is shown.
    """
    lines = np.asarray(run.latitudes)
    turned = lines[0] > lines[-1]
    ascending = lines[::-1] if turned else lines
    slack = _slack(float(np.diff(ascending).min()))
    edges, centres = arrays["edges"], arrays["centres"]
    covered = np.zeros(lines.size + 1, dtype=np.intp)
    step = max(1, _BLOCK // centres.shape[1])
    for first in range(0, run.first, step):
        rows = slice(first, min(first + step, run.first))
        middle = vectors(centres[rows, :, 0], centres[rows, :, 1])
        latitudes = degrees_of(corners_of(edges[rows], middle))[1]
        south, north = np.fmin.reduce(latitudes).ravel() + slack, np.fmax.reduce(latitudes).ravel() - slack
        there = (south < ascending[-1]) & (north > ascending[0])
        begin = (ascending.searchsorted(south[there], side="right") - 1).clip(0)
        end = ascending.searchsorted(north[there], side="left").clip(0, lines.size - 1)
        some = begin < end
        np.add.at(covered, begin[some], 1)
        np.add.at(covered, end[some], -1)
    free = covered.cumsum()[: lines.size - 1] == 0
    free = free[::-1] if turned else free
    ends = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8))).reshape(-1, 2)
    begin, end = max(ends.tolist(), key=lambda ends: ends[1] - ends[0], default=(0, 0))
    return range(begin, end)


def _level(latitudes: Floats) -> NDArray[np.bool_]:
    """Tell which rows may be parallels, by the latitudes of their centres."""
    with np.errstate(invalid="ignore"):
        spread = np.ptp(latitudes, axis=1)
        height = np.abs(np.diff(latitudes[:, 0]))
        return np.asarray(spread <= _UNEVEN * np.fmax(np.append(height, 0.0), np.append(0.0, height)), dtype=np.bool_)


def _lines(latitudes: Floats, longitudes: Floats, *, ring: bool) -> tuple[float, float, Floats] | None:
    """Return the upper and the lower edge of a row, and the edges of its columns, by the corners of cells (4, nx).

    None where these are no parallels and meridians, or there are gaps between cells.
    """
    above, below = latitudes[list(_ABOVE)], latitudes[list(_BELOW)]
    top, bottom = float(above.mean()), float(below.mean())
    if not max(np.ptp(above), np.ptp(below)) <= _slack(abs(bottom - top)):
        return None
    left, right = longitudes[list(_LEFT)], longitudes[list(_RIGHT)]
    line = np.unwrap(np.append(left[0], right[0, -1:]), period=360.0)
    steps = np.diff(line)
    slack = _slack(float(np.abs(steps).min()))
    off = max(np.abs(_apart(left - line[:-1])).max(), np.abs(_apart(right - line[1:])).max())
    around = abs(line[-1] - line[0])
    good = off <= slack and np.abs(steps).max() <= _WIDEST and bool((steps > 0.0).all() or (steps < 0.0).all())
    if not (good and (abs(around - 360.0) <= slack if ring else around < 360.0 - slack)):
        return None
    if ring:
        line[-1] = line[0] + np.copysign(360.0, steps[0])
    return top, bottom, line


def _slack(size: float) -> float:
    """Return how many degrees corners of a cell of that size may be off."""
    return SPREAD * size + ROUNDED


def _apart(steps: Floats) -> Floats:
    """Return steps the shorter way round, degrees."""
    return steps - 360.0 * np.round(steps / 360.0)
