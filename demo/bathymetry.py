"""A sea floor one can believe: shelves, slopes, ridges and plains, from the distance to land and a few drawn lines."""

import numpy as np

from demo.climate import Place
from demo.coast import Coast
from demo.distance import to_nearest
from demo.grid import Field, Grid, steps
from demo.noise import noise
from demo.regions import places

SHELVES = (
    Place(lon=3, lat=56, wide=5, high=4, mean=330),
    Place(lon=-9, lat=51, wide=4, high=3, mean=160),
    Place(lon=20, lat=60, wide=9, high=5, mean=300),
    Place(lon=40, lat=73, wide=16, high=4, mean=300),
    Place(lon=75, lat=75, wide=22, high=4, mean=500),
    Place(lon=140, lat=74, wide=28, high=3.2, mean=480),
    Place(lon=-172, lat=69, wide=13, high=4, mean=400),
    Place(lon=-170, lat=61, wide=9, high=4, mean=430),
    Place(lon=-84, lat=59, wide=10, high=6, mean=400),
    Place(lon=-51, lat=45.5, wide=4, high=3, mean=260),
    Place(lon=-64, lat=-46, wide=5, high=6, mean=340),
    Place(lon=-60, lat=-51, wide=5, high=2.5, mean=300),
    Place(lon=110, lat=3, wide=7, high=6, mean=420),
    Place(lon=124, lat=34, wide=4, high=6, mean=380),
    Place(lon=135, lat=-11, wide=9, high=4, mean=260),
    Place(lon=52, lat=27, wide=5, high=3, mean=260),
    Place(lon=173, lat=-50, wide=5, high=3.5, mean=220),
    Place(lon=-90, lat=22, wide=3, high=2, mean=140),
    Place(lon=-83, lat=27, wide=2, high=3, mean=130),
)
"""Kilometres by which the shelf is wider than elsewhere."""

RIDGES = (
    ((-15, 86), (0, 82), (5, 78), (8, 73), (-8, 71), (-17, 67), (-22, 64), (-30, 58), (-35, 53), (-29, 45), (-30, 38),
     (-42, 30), (-46, 22), (-44, 13), (-33, 6), (-25, 0), (-13, -4), (-13, -20), (-14, -35), (-10, -47), (-1, -54)),
    ((-1, -54), (15, -52), (28, -48), (38, -44), (52, -36), (62, -29), (70, -25)),
    ((70, -25), (67, -15), (67, -5), (60, 8), (52, 13), (46, 12)),
    ((70, -25), (78, -35), (88, -42), (105, -48), (125, -50), (145, -55), (160, -62), (180, -64), (200, -63),
     (215, -57), (230, -52), (245, -42), (248, -30), (246, -20), (253, -8), (257, 3), (256, 12), (252, 20)),
    ((248, -35), (262, -37), (275, -42), (283, -45)),
    ((257, 2), (265, 1.5), (275, 2)),
    ((70, -50), (75, -54), (80, -57)),
    ((88, 8), (89, -8), (89, -25)),
    ((-155, 19), (-168, 25), (-178, 30), (172, 35), (170, 45)),
)  # fmt: skip
"""Degrees east, degrees north along the crests of the mid-ocean ridges and some others."""


def depth(grid: Grid, coast: Coast) -> Field:
    """Return the depth of the sea floor, metres, positive down; 0 on land."""
    rough = noise(grid, 31, km=600, octaves=4)
    away = coast.mainland - 45.0 * (1 + 0.5 * rough) - places(grid, SHELVES, 0.0)
    shelf = np.clip(20.0 + 0.9 * coast.distance + 15 * rough, 15.0, 180.0)
    fall = steps(0.0, 320.0, away)
    # The floor sinks with its age, which goes as the distance from the ridge.
    age = np.minimum(to_nearest(grid, _crests(grid), reach=2400.0), 2400.0)
    plain = 2550.0 + 58.0 * np.sqrt(age) + 170.0 * rough
    floor = shelf + fall * (plain - shelf)
    island = 60.0 + 6000.0 * steps(10.0, 130.0, coast.distance)
    floor = np.minimum(floor, np.maximum(island, shelf))
    return np.where(coast.land, 0.0, np.maximum(floor, 15.0)).astype(np.float32)


def _crests(grid: Grid) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return the cells the ridges run through."""
    found = np.zeros(grid.shape, dtype=np.bool_)
    for crest in RIDGES:
        lon, lat = np.array(crest, dtype=np.float64).T
        lon = np.degrees(np.unwrap(np.radians(lon)))
        at = np.linspace(0, len(crest) - 1, round(60 * len(crest) / grid.step))
        row = np.rint((np.interp(at, np.arange(len(crest)), lat) - grid.south) / grid.step).astype(np.int64)
        column = np.rint((np.interp(at, np.arange(len(crest)), lon) + 180.0) / grid.step).astype(np.int64)
        found[row, column % grid.shape[1]] = True
    return found
