"""Distance to the nearest marked cell, by jump flooding: each cell asks ever nearer neighbours what they know.

Source: Rong and Tan, Jump flooding in GPU with applications to Voronoi diagram and distance transform, 2006.
"""

import numpy as np

from demo.grid import Field, Grid, Mask

_EARTH_KM = 6371.0


def to_nearest(grid: Grid, mask: Mask, *, reach: float) -> Field:
    """Return the distance in km to the nearest cell of `mask`, about right up to `reach` km and at most that."""
    lat, lon = np.radians(grid.column), np.radians(grid.lon.astype(np.float32))
    places = np.stack(np.broadcast_arrays(np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    places = np.ascontiguousarray(places, dtype=np.float32)
    seed = np.where(mask, places, np.float32(9.0))
    best = np.where(mask, np.float32(0.0), np.float32(99.0))
    jump = 2 ** int(np.ceil(np.log2(max(reach / (111.0 * grid.step), 1.0))))
    while jump >= 1:
        for down, right in ((jump, 0), (-jump, 0), (0, jump), (0, -jump)):
            _ask(places, seed, best, (down, right))
        jump //= 2
    for down, right in ((1, 1), (-1, -1), (1, -1), (-1, 1), (1, 0), (0, 1)):
        _ask(places, seed, best, (down, right))
    return np.minimum(_EARTH_KM * np.sqrt(best), np.float32(reach))


def _ask(places: Field, seed: Field, best: Field, move: tuple[int, int]) -> None:
    """Take over the seed of the cell `move` away where it is nearer; the rows do not wrap, the columns do."""
    down, right = move
    other = np.roll(seed, right, axis=2)
    if down:
        other = np.roll(other, down, axis=1)
        other[:, slice(None, down) if down > 0 else slice(down, None)] = 9.0
    far = ((places - other) ** 2).sum(axis=0)
    nearer = far < best
    best[nearer] = far[nearer]
    seed[:, nearer] = other[:, nearer]
