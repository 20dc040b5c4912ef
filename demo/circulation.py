"""Sea level and the currents in balance with it."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from demo import eddies, gyres, jets
from demo.climate import Place
from demo.coast import Coast
from demo.days import angle, elapsed
from demo.grid import KM_PER_DEGREE, Field, Grid, smooth, steps
from demo.noise import noise
from demo.regions import places

_MAX_SPEED = 2.4
"""m/s: nothing is faster."""
_BALANCED = 8.0
"""Degrees from the equator from which the currents are wholly geostrophic; within 3 not at all."""

_POLAR = (
    Place(lon=-146, lat=75, wide=30, high=3.8, mean=0.3),
    Place(lon=-2, lat=72, wide=15, high=3.2, mean=-0.14),
    Place(lon=-5, lat=77, wide=16, high=2.4, mean=-0.1),
    Place(lon=110, lat=82, wide=60, high=3.0, mean=-0.12),
)
"""The Beaufort Gyre, high, and the cyclonic gyres of the Nordic and Eurasian basins, low: metres of sea level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What does not change from day to day."""

    mean: Field
    """Sea level of the gyres, metres, float32, shape (ny, nx)."""
    heights: Field
    """Typical height of eddies, metres, zero at coasts."""
    free: Field
    """0 at coasts to 1 in the open: what the coast leaves of currents beside it."""
    equatorial: Field
    """Zonal currents of the equator at the surface, m/s."""
    undercurrent: Field
    """Where the Equatorial Undercurrent runs, m/s at its core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One day, at the surface; also over land, where the values mean nothing."""

    zos: Field
    """Sea level, metres."""
    eddy: Field
    """The part of it that eddies make, metres."""
    front: Field
    """The part of it that narrow currents make: high on the warm side, metres."""
    u: Field
    """m/s to the east."""
    v: Field
    """m/s to the north."""


def basis(grid: Grid, rings: list[Field], coast: Coast) -> Basis:
    """Prepare the unchanging part."""
    free = 1 - np.exp(-((coast.distance / 55.0) ** 2))
    offshore = 1 - np.exp(-((coast.distance / 130.0) ** 2))
    open_sea = 1 - np.exp(-((coast.mainland / 500.0) ** 2))
    open_sea = open_sea * (1 + 0.25 * noise(grid, 7, km=3500))
    return Basis(
        mean=gyres.sea_level(grid, rings) + open_sea * _ridges(grid) + _steric(grid),
        heights=(jets.unrest(grid) + eddies.quiet(grid)) * offshore,
        free=free,
        equatorial=_equatorial(grid) * open_sea,
        undercurrent=_undercurrent(grid) * open_sea,
    )


def at_depth(basis: Basis, flow: Flow, depth: float) -> tuple[Field, Field]:
    """Return the currents at a depth in metres: weaker versions of those above, and the undercurrent; m/s."""
    fading = np.float32(0.1 + 0.9 * np.exp(-depth / 620.0))
    core = np.float32(np.exp(-(((depth - 115.0) / 62.0) ** 2)))
    return fading * flow.u + core * basis.undercurrent, fading * flow.v


def _undercurrent(grid: Grid) -> Field:
    """Return the Equatorial Undercurrent, strongest in the middle of the Pacific and weak in the Indian Ocean."""
    along = (
        0.15 + 0.85 * np.exp(-((grid.offset(-130.0) / 42.0) ** 2)) + 0.5 * np.exp(-((grid.offset(-22.0) / 14.0) ** 2))
    )
    core: Field = np.exp(-((grid.column / 1.5) ** 2)) * along.astype(np.float32)
    return core


def _equatorial(grid: Grid) -> Field:
    """Return the South Equatorial Current and the Countercurrent, m/s to the east, swaying a little."""
    sway = grid.column + 0.7 * noise(grid, 8, km=2200, octaves=2)
    zonal = np.interp(
        sway,
        [-12, -8, -5, -3, -1, 0, 1, 2.5, 4, 5.5, 7, 9, 11],
        [0, -0.1, -0.2, -0.28, -0.22, -0.18, -0.26, -0.4, -0.15, 0.25, 0.32, 0.1, 0],
    )
    return smooth(zonal.astype(np.float32), 3) * (1 + 0.2 * noise(grid, 9, km=900))


def _steric(grid: Grid) -> Field:
    """Return what warm water stands higher than cold, metres: slopes too gentle for more than a drift."""
    pool = np.exp(-((grid.offset(150.0) / 55.0) ** 2)).astype(np.float32)
    warm = np.exp(-((grid.column / 38.0) ** 4))
    level = warm * (0.3 + 0.3 * pool * np.exp(-((grid.column / 22.0) ** 2)))
    risen: Field = level + places(grid, _POLAR, 0.0)
    return risen


def _ridges(grid: Grid) -> Field:
    """Return the sea level round the Countercurrent: high at its southern flank, low at its northern, metres."""
    hill, hollow = np.exp(-(((grid.column - 4) / 2.0) ** 2)), np.exp(-(((grid.column - 10) / 2.6) ** 2))
    ridges: Field = 0.06 * hill - 0.1 * hollow
    return ridges


def flow(grid: Grid, basis: Basis, day: date) -> Flow:
    """Return the circulation of a day."""
    eddy = eddies.sea_level(grid, basis.heights, day) * basis.free
    ribbons = jets.ribbons(grid, day) * basis.free
    southern = jets.southern(grid, day)
    zos = basis.mean + ribbons + southern + eddy
    u, v = geostrophic(grid, zos)
    share = steps(3.0, _BALANCED, np.abs(grid.column))
    east, north = instability(grid, basis.free, day)
    u = share * u + (1 - share) * basis.equatorial + east
    v = share * v + north
    limit = _slower(u, v)
    # Round the pole the water's character already follows latitude: only what departs from it is news.
    front = ribbons + 0.5 * (southern - southern.mean(axis=1, keepdims=True))
    return Flow(zos=zos, eddy=eddy, front=front, u=u * limit, v=v * limit)


def geostrophic(grid: Grid, zos: Field) -> tuple[Field, Field]:
    """Return the currents whose Coriolis force balances the slope of `zos`, by central differences, m/s."""
    metres = np.float32(2 * grid.step * KM_PER_DEGREE * 1000.0)
    # Nearer to the equator there is no balance to speak of; this only keeps the numbers finite.
    f = gyres.coriolis(np.copysign(np.maximum(np.abs(grid.column), np.float32(2.0)), grid.column))
    scale = np.float32(gyres.GRAVITY) / (f * metres)
    padded = np.concatenate([zos[:1], zos, zos[-1:]])
    u = -scale * (padded[2:] - padded[:-2])
    v = scale / grid.shrink * (np.roll(zos, -1, axis=1) - np.roll(zos, 1, axis=1))
    return u, v * (np.abs(grid.column) < 88.5)


def instability(grid: Grid, free: Field, day: date) -> tuple[Field, Field]:
    """Return tropical instability waves: cusps moving west along the cold tongues, m/s east and north."""
    phase = np.radians(36.0 * (grid.lon + 0.42 * elapsed(day))).astype(np.float32)
    pacific = np.exp(-((grid.offset(-125.0) / 24.0) ** 2))
    atlantic = np.exp(-((grid.offset(-22.0) / 11.0) ** 2))
    season = 0.7 + 0.3 * np.cos(angle(day) - 4.6)
    strength = (season * (pacific + 0.7 * atlantic)).astype(np.float32) * free
    shape = np.exp(-(((grid.column - 3.0) / 2.6) ** 2)) + 0.5 * np.exp(-(((grid.column + 2.5) / 2.2) ** 2))
    v = 0.42 * strength * shape * np.sin(phase + 0.12 * grid.column)
    u = 0.25 * strength * (grid.column - 3.0) / 2.6 * shape * np.cos(phase + 0.12 * grid.column)
    return u, v


def _slower(u: Field, v: Field) -> Field:
    """Return the factor that leaves speeds up to 1.6 m/s alone and bends higher ones below the limit."""
    speed = np.hypot(u, v)
    over = np.maximum(speed - 1.6, 0.0)
    room = _MAX_SPEED - 1.6
    bent = np.minimum(speed, 1.6) + room * np.tanh(over / room)
    return np.where(over > 0, bent / np.maximum(speed, 1e-6), 1.0).astype(np.float32)
