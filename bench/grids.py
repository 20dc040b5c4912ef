"""What tiles of a generated tripolar grid cost in process; run as `python -m bench.grids COLUMNS`."""

import sys
import time

from bench.tripolar import tripolar
from core.crs import Crs
from core.grids.atlas import zoom_levels, zooms_of
from core.grids.chart import maps_of
from core.grids.curvilinear import Curvilinear, build
from core.grids.finished import finished
from core.grids.memory import answered
from core.view import View

_WORLD = 2.0037508342789244e7
_PLACE = (0.39, 0.42)
"""Of the world, from the west and from the north: the North Atlantic."""
_ROUNDS = 5
_COLUMNS = 360
_MILLI = 1000.0


def tile(zoom: int) -> View:
    """Return the tile of a zoom level that holds the place."""
    side = 2 * _WORLD / 2**zoom
    west, north = (int(2**zoom * share) * side - _WORLD for share in _PLACE)
    box = (west, -north - side, west + side, -north)
    return View(crs=Crs("EPSG:3857"), bbox=box, width=256, height=256)


def main(columns: int) -> None:
    """Build the grid, and print milliseconds of CPU for each tile: as it is, and where each pixel is searched."""
    longitudes, latitudes = tripolar(columns)
    began = time.process_time()
    found = finished(longitudes.shape, build(longitudes, latitudes))
    print(f"{longitudes.shape}: built in {time.process_time() - began:.1f} s")
    quick, slow = (
        Curvilinear(shape=longitudes.shape, buckets=found.buckets, depth=found.depth, extent=found.extent, maps=maps)
        for maps in (maps_of(zoom_levels(zooms_of(found.arrays), found.extent), found.layout), None)
    )
    polar = View(crs=Crs("EPSG:3413"), bbox=(-3.3e6, -3.3e6, 3.3e6, 3.3e6), width=256, height=256)
    for name, view in [*((f"zoom {zoom}", tile(zoom)) for zoom in range(9)), ("polar", polar)]:
        taken = []
        for grid in (quick, slow):
            began = time.process_time()
            for _ in range(_ROUNDS):
                answered(grid.locate(view), found.arrays)
            taken.append((time.process_time() - began) / _ROUNDS * _MILLI)
        print(f"{name:8} {taken[0]:6.2f} {taken[1]:6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _COLUMNS)
