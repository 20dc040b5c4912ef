"""Eddies: thousands of round vortices that drift west and die, a function of the day.

Source for sizes, lives and drift: Chelton, Schlax and Samelson, Global observations of nonlinear
mesoscale eddies, 2011.
"""

from datetime import date

import numpy as np

from demo.grid import KM_PER_DEGREE, Field, Grid
from demo.sampling import places
from demo.stamps import Stamps

_COUNT = 24_000
_SEED = 20090401


def sea_level(grid: Grid, heights: Field, day: date) -> Field:
    """Return the sea level of all eddies in metres.

    Args:
        grid: where.
        heights: typical height of an eddy born in each cell, metres, shape (ny, nx).
        day: the day whose eddies are wanted.

    """
    dice = np.random.default_rng(_SEED)
    # Even over the sphere's surface, down to where the radius of deformation is below a cell.
    lat = np.degrees(np.arcsin(dice.uniform(np.sin(np.radians(-77.0)), np.sin(np.radians(81.0)), _COUNT)))
    lon = dice.uniform(-180.0, 180.0, _COUNT)
    life = dice.uniform(60.0, 240.0, _COUNT)
    turn, age = np.divmod(day.toordinal() + dice.uniform(0.0, 1e4, _COUNT), life)
    # An eddy reborn is another one: elsewhere nearby, of another size and sense.
    lat = lat + 1.5 * _shuffled(turn, 1, dice)
    lon = lon + 3.0 * _shuffled(turn, 2, dice) - _drift(lat) * (age - 0.5 * life)
    shape = 0.55 + 0.45 * _shuffled(turn, 3, dice)
    radius = (0.7 + 0.6 * shape) * _size(lat)
    sense = np.sign(_shuffled(turn, 4, dice))
    cells = places(grid, (lat - grid.south) / grid.step, np.mod(lon + 180.0, 360.0) / grid.step)
    height = sense * shape * cells.sample(heights) * np.sin(np.pi * age / life) ** 0.7
    lean = 0.35 * height
    field = np.zeros(grid.shape, dtype=np.float32)
    Stamps(
        lat=lat, lon=lon, radius=radius, level=height,
        east=lean * _shuffled(turn, 5, dice), north=lean * _shuffled(turn, 6, dice),
    ).add_to(field, grid)  # fmt: skip
    return field


def quiet(grid: Grid) -> Field:
    """Return the height of eddies far from any current, metres, shape (ny, 1): less near the equator."""
    far = np.abs(grid.column)
    return (0.05 + 0.065 * np.exp(-(((far - 24.0) / 14.0) ** 2))) * np.clip(far / 12.0, 0.1, 1.0)


def _size(lat: Field) -> Field:
    """Return the typical radius in km: shrinks polewards as the radius of deformation does."""
    radius: Field = 38.0 + 58.0 * np.exp(-((lat / 24.0) ** 2))
    return radius


def _drift(lat: Field) -> Field:
    """Return the drift to the west, degrees of longitude a day: long Rossby waves, faster towards the equator."""
    km = 0.7 + 11.0 * np.exp(-((np.abs(lat) / 16.0) ** 2))
    return km / (KM_PER_DEGREE * np.cos(np.radians(lat)))


def _shuffled(turn: Field, salt: int, dice: np.random.Generator) -> Field:
    """Return numbers in [-1, 1) that change with every life of an eddy."""
    spread = np.sin(turn * 12.9898 + salt * 78.233 + dice.uniform(0.0, 100.0, turn.size)) * 43758.5453
    numbers: Field = 2.0 * (spread - np.floor(spread)) - 1.0
    return numbers
