"""Sea ice: an edge that comes and goes with the year, frayed by the weather, cracked by leads."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from demo.climate import Profile
from demo.days import angle, elapsed
from demo.grid import Field, Grid, steps
from demo.noise import noise
from demo.stirring import Sea

NORTH_MARCH: Profile = (
    (-180, 60.5), (-172, 59), (-166, 57.5), (-160, 58.5), (-155, 62), (-140, 66), (-120, 66), (-105, 58), (-92, 51),
    (-80, 50.5), (-70, 49), (-62, 46.5), (-57, 48.5), (-54, 55), (-54, 62), (-51, 66), (-46, 62.5), (-42, 61.5),
    (-36, 65.5), (-28, 67.5), (-20, 70.5), (-12, 73.5), (-4, 76.5), (4, 80.2), (10, 80.6), (17, 76.5), (24, 75.3),
    (34, 75), (44, 72), (52, 69.3), (60, 66), (90, 66), (120, 66), (134, 50), (140, 47), (146, 46.5), (151, 51),
    (156, 57), (163, 59), (170, 60.8),
)  # fmt: skip
"""Degrees east, degrees north of the edge at its widest."""

NORTH_SEPTEMBER: Profile = (
    (-180, 75), (-160, 74), (-145, 73.5), (-130, 73.5), (-120, 74.5), (-105, 74), (-95, 74.5), (-80, 78), (-65, 80.5),
    (-50, 82), (-30, 82), (-19, 77), (-14, 75.5), (-6, 79), (5, 81.3), (20, 82), (40, 82), (60, 82), (80, 81.5),
    (100, 80), (120, 79.5), (140, 79), (155, 77), (170, 75.5),
)  # fmt: skip
"""The same at its narrowest."""

SOUTH_SEPTEMBER: Profile = (
    (-180, -62.5), (-160, -62.5), (-140, -64.5), (-120, -66.5), (-100, -68), (-80, -67.5), (-70, -66), (-62, -61.8),
    (-52, -59), (-40, -57.5), (-20, -56.3), (0, -55.8), (15, -57), (30, -58.5), (50, -60), (70, -59), (90, -60.5),
    (110, -62.5), (130, -63), (150, -62), (165, -61.5),
)  # fmt: skip
"""Degrees east, degrees north of the southern edge at its widest."""

SOUTH_FEBRUARY: Profile = (
    (-180, -76.5), (-165, -75), (-150, -73.5), (-130, -72.5), (-110, -71.5), (-90, -71), (-75, -70), (-66, -67),
    (-60, -66), (-52, -65), (-45, -66), (-36, -70.5), (-20, -72), (0, -69.8), (20, -69.2), (50, -67), (80, -66.8),
    (110, -66), (135, -66.3), (150, -67.5), (163, -70.5), (170, -75),
)  # fmt: skip
"""The same at its narrowest."""

_NORTHERN, _SOUTHERN = 42.0, -50.0
"""Degrees north: no ice between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ice:
    """Sea ice of one day, float32, shape (ny, nx); zero where the sea is open."""

    day: date
    """The day."""
    concentration: Field
    """Part of the cell covered, 0 to 1."""
    thickness: Field
    """Metres, mean over the covered part."""
    inward: Field
    """Degrees of latitude from the edge into the pack; negative in open water."""


def ice(grid: Grid, sea: Sea, day: date) -> Ice:
    """Return the ice of a day."""
    drift = 6.0 * elapsed(day)
    fray = 0.7 * _noise(grid, 41, km=900, octaves=4, shift=0.4 * drift) + 4.0 * sea.flow.eddy
    inward = sea.stirring.stir(_inward(grid, day) + fray, count=5, restore=0.1)
    rough = _noise(grid, 42, km=260, octaves=3, shift=drift)
    pack = steps(-0.25, 1.3, inward + 0.22 * rough)
    loose = 0.06 + 0.22 * np.exp(-np.maximum(inward, 0) / 2.0)
    cover = pack * (1 - loose * np.clip(0.5 + 0.4 * rough, 0, 1)) - _leads(grid, drift) * pack
    cover = np.where(cover < 0.03, 0, np.clip(cover, 0, 1))
    return Ice(
        day=day,
        concentration=cover.astype(np.float32),
        thickness=np.where(cover > 0, _thickness(grid, inward, rough), 0).astype(np.float32),
        inward=inward,
    )


def _inward(grid: Grid, day: date) -> Field:
    """Return degrees of latitude poleward of the day's edge, float32."""
    year = angle(day)
    # The northern spring melt and the southern growth are slower than their reverses.
    north = 0.5 + 0.5 * np.cos(year - 1.22 - 0.3 * np.sin(year - 1.22))
    south = 0.5 - 0.5 * np.cos(year - 0.9 + 0.35 * np.sin(year - 0.9))
    wide, narrow = _edge(grid, NORTH_MARCH), _edge(grid, NORTH_SEPTEMBER)
    above = grid.column - (narrow + north * (wide - narrow))
    wide, narrow = _edge(grid, SOUTH_SEPTEMBER), _edge(grid, SOUTH_FEBRUARY)
    below = (narrow + south * (wide - narrow)) - grid.column
    inward: Field = np.where(grid.column > 0, above, below).astype(np.float32)
    return inward


def _edge(grid: Grid, table: Profile) -> Field:
    east, north = np.array(table, dtype=np.float64).T
    edge = np.interp(grid.lon, east, north, period=360.0)
    reach = max(round(2.5 / grid.step), 1)
    kernel = np.hanning(2 * reach + 3)[1:-1]
    wrapped = np.concatenate([edge[-reach:], edge, edge[:reach]])
    rounded: Field = np.convolve(wrapped, kernel / kernel.sum(), mode="valid").astype(np.float32)
    return rounded


def _leads(grid: Grid, drift: float) -> Field:
    """Return the open water of cracks: the zero lines of slowly moving noise, here and there."""
    crack = _noise(grid, 43, km=1300, octaves=3, shift=drift)
    second = _noise(grid, 44, km=1100, octaves=2, shift=-drift)
    where = np.clip(0.35 + _noise(grid, 45, km=1500, octaves=1, shift=drift), 0, 1)
    cracks: Field = 0.4 * where * np.exp(-((crack / 0.06) ** 2)) + 0.25 * where * np.exp(-((second / 0.06) ** 2))
    return cracks


def _thickness(grid: Grid, inward: Field, rough: Field) -> Field:
    """Return metres: thin at the edge, thickest where the drift piles it up against Greenland and the archipelago."""
    deep = 1 - np.exp(-np.maximum(inward, 0) / 4.0)
    piled = np.exp(-((grid.offset(-75.0) / 55.0) ** 2)) * np.exp(-(((grid.column - 83.5) / 5.5) ** 2))
    weddell = np.exp(-((grid.offset(-54.0) / 11.0) ** 2)) * np.exp(-(((grid.column + 70.0) / 6.0) ** 2))
    grown = np.where(grid.column > 0, 1.75 * deep + 2.0 * piled, 0.75 * deep + 1.3 * weddell)
    thickness: Field = np.clip((0.15 + grown) * (1 + 0.12 * rough), 0.05, 5.5)
    return thickness


def _noise(grid: Grid, seed: int, *, km: float, octaves: int, shift: float) -> Field:
    """Return noise where ice may be; zero between, which nobody looks at and which takes most of the time."""
    found = np.zeros(grid.shape, dtype=np.float32)
    for rows in (grid.lat >= _NORTHERN, grid.lat <= _SOUTHERN):
        cap = Grid(step=grid.step, south=float(grid.lat[rows][0]), north=float(grid.lat[rows][-1]))
        found[rows] = noise(cap, seed, km=km, octaves=octaves, shift=shift)
    return found
