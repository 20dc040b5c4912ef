"""Smooth random fields on the sphere, without seam or pole: lattice noise in space, looked at on its surface."""

import numpy as np

from demo.grid import Field, Grid

_CELLS = 64


def noise(grid: Grid, seed: int, *, km: float, octaves: int = 1, shift: float = 0.0) -> Field:
    """Return a random field of about unit variance, float32.

    Args:
        grid: where.
        seed: the same seed gives the same field.
        km: length of the largest features.
        octaves: how often to add features half as long and 0.6 times as strong.
        shift: how far the field has moved on, km; small shifts change it little.

    """
    lat, lon = np.radians(grid.column), np.radians(grid.lon.astype(np.float32))
    x, y, z = np.broadcast_arrays(np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat))
    total = np.zeros(grid.shape, dtype=np.float32)
    power = 0.0
    for octave in range(octaves):
        dice = np.random.default_rng([seed, octave])
        turned, _ = np.linalg.qr(dice.normal(size=(3, 3)))
        scale = 6371.0 * 2**octave / km
        origin = dice.uniform(0, _CELLS, 3) + np.array([shift / km * 2**octave, 0, 0])
        at: list[Field] = [
            x * np.float32(scale * one)
            + y * np.float32(scale * two)
            + z * np.float32(scale * three)
            + np.float32(start)
            for (one, two, three), start in zip(turned, origin, strict=True)
        ]
        total += np.float32(0.6**octave) * _lattice(dice, at)
        power += 0.36**octave
    return total / np.float32(power**0.5)


def _lattice(dice: np.random.Generator, at: list[Field]) -> Field:
    """Interpolate a periodic lattice of normal numbers, with smooth weights that leave the variance about 1."""
    values = dice.normal(size=_CELLS**3).astype(np.float32)
    low = [np.floor(axis) for axis in at]
    part = [axis - below for axis, below in zip(at, low, strict=True)]
    part = [p * p * (3 - 2 * p) for p in part]
    index = [below.astype(np.int32) % _CELLS for below in low]
    after = [(i + 1) % _CELLS for i in index]
    total = np.zeros(at[0].shape, dtype=np.float32)
    for corner in range(8):
        up = [bool(corner >> axis & 1) for axis in range(3)]
        i, j, k = (after[axis] if up[axis] else index[axis] for axis in range(3))
        a, b, c = (part[axis] if up[axis] else 1 - part[axis] for axis in range(3))
        total += a * b * c * values[(i * _CELLS + j) * _CELLS + k]
    return total * np.float32(1.7)
