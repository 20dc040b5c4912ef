"""The wind-driven gyres: Stommel's model solved between the real coasts.

r (psi_xx + psi_yy) + beta psi_x = curl(tau) / rho, with psi = 0 on every large land.

Source: Stommel, The westward intensification of wind-driven ocean currents, 1948.
"""

import numpy as np

from demo import bodies
from demo.grid import KM_PER_DEGREE, Field, Grid, Mask, smooth
from demo.raster import inside
from demo.sampling import regrid

GRAVITY = 9.81
_OMEGA = 7.292e-5
_RADIUS = 6.371e6
_FRICTION = 1.6e-6
"""1/s: makes the western boundary currents some 80 km wide."""
_DEPTH = 600.0
"""Metres the transport is spread over: turns it into sea level."""
_STEPS = (4.0, 2.0, 1.0, 0.5)
"""Degrees."""
_SWEEPS = 50
_LARGE = 200_000.0
"""km2: smaller islands are washed over, since no value is known for them beforehand."""

_CURL = (
    (-90, 0.0), (-72, 0.0), (-66, -0.7), (-58, -0.3), (-50, 0.0), (-42, 0.4), (-32, 1.0), (-18, 0.55), (-8, 0.1),
    (0, 0.0), (7, 0.3), (12, 0.0), (20, -0.8), (30, -1.3), (38, -0.9), (45, 0.0), (52, 0.8), (60, 0.9), (68, 0.3),
    (75, 0.0), (90, 0.0),
)  # fmt: skip
"""Degrees north, curl of the wind stress in 1e-7 N/m3."""


def coriolis(lat: Field) -> Field:
    """Return the Coriolis parameter, 1/s."""
    return 2 * _OMEGA * np.sin(np.radians(lat))


def sea_level(grid: Grid, rings: list[Field]) -> Field:
    """Return the sea level of the gyres in metres, 0 on the large lands whose coasts are `rings`.

    Solved on ever finer grids, each starting from the one before: a coarse grid knows the interior at once.
    """
    last = Grid(step=_STEPS[0])
    psi: Field = np.zeros(last.shape)
    for step in _STEPS:
        here = Grid(step=step)
        solid = bodies.areas(here, inside(here, rings)) > _LARGE
        psi = np.where(solid, 0.0, regrid(psi, last, here))
        psi = _relax(psi, solid, _terms(here))
        last = here
    level = coriolis(last.column) * psi / (GRAVITY * _DEPTH)
    return smooth(regrid(level, last, grid).astype(np.float32), 1)


def _terms(grid: Grid) -> tuple[Field, Field, Field, Field]:
    """Return by row (ny,): friction across x and y, beta, all per cell, and the forcing."""
    lat = np.radians(grid.lat)
    dy = grid.step * KM_PER_DEGREE * 1000.0
    dx = dy * np.maximum(np.cos(lat), 0.05)
    beta = 2 * _OMEGA * np.cos(lat) / _RADIUS
    curl = np.interp(grid.lat, [row[0] for row in _CURL], [row[1] for row in _CURL]) * 1e-7 / 1025.0
    # Wider boundary layers where the grid is coarse, lest the scheme oscillate.
    friction = np.maximum(_FRICTION, 0.6 * beta * dx)
    return friction / dx**2, friction / dy**2, beta / (2 * dx), curl


def _relax(psi: Field, solid: Mask, terms: tuple[Field, Field, Field, Field]) -> Field:
    """Solve row by row along x, all rows of one parity at once, until the rows agree."""
    across, along, beta, curl = (term[:, None] for term in terms)
    rows = len(psi)
    west, east = across - beta, across + beta
    centre = np.where(solid, 1.0, -2 * across - 2 * along)
    west, east = np.where(solid, 0.0, west), np.where(solid, 0.0, east)
    along, curl = np.where(solid, 0.0, along), np.where(solid, 0.0, curl)
    for sweep in range(_SWEEPS):
        rows_now = slice(1 + sweep % 2, rows - 1, 2)
        north, south = psi[2 + sweep % 2 :: 2], psi[sweep % 2 : -2 : 2]
        size = min(len(north), len(south), len(psi[rows_now]))
        wanted = curl[rows_now][:size] - along[rows_now][:size] * (north[:size] + south[:size])
        # The row is a ring: what lies beyond its two ends is taken from the sweep before.
        wanted[:, 0] -= west[rows_now][:size, 0] * psi[rows_now][:size, -1]
        wanted[:, -1] -= east[rows_now][:size, -1] * psi[rows_now][:size, 0]
        bands = (west[rows_now][:size], centre[rows_now][:size], east[rows_now][:size])
        psi[rows_now][:size] = _thomas(bands, wanted)
    return psi


def _thomas(bands: tuple[Field, Field, Field], wanted: Field) -> Field:
    """Solve tridiagonal systems, one per row."""
    low, centre, high = (np.ascontiguousarray(band.T) for band in bands)
    right = np.ascontiguousarray(wanted.T)
    factor = np.empty_like(high)
    factor[0], right[0] = high[0] / centre[0], right[0] / centre[0]
    for i in range(1, len(right)):
        scale = 1.0 / (centre[i] - low[i] * factor[i - 1])
        factor[i] = high[i] * scale
        right[i] = (right[i] - low[i] * right[i - 1]) * scale
    for i in range(len(right) - 2, -1, -1):
        right[i] -= factor[i] * right[i + 1]
    return right.T
