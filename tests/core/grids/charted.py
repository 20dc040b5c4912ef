"""A curvilinear grid with all that is made of it at ingest, beside the same grid searched pixel by pixel."""

import numpy as np

from bench.tripolar import corners_of, tripolar
from core.cells import Separable, pick
from core.crs import Crs
from core.grids.atlas import zoom_levels, zooms_of
from core.grids.chart import maps_of
from core.grids.curvilinear import Curvilinear, build
from core.grids.finished import finished
from core.grids.memory import answered
from core.view import View

WORLD = 20037508.342789244


class Charted:
    """A grid with its chart and its straight rows, and the same grid searched pixel by pixel."""

    def __init__(self, longitudes, latitudes, corners=None):
        geometry = finished(longitudes.shape, build(longitudes, latitudes, corners))
        self.shape, self.arrays, self.layout = longitudes.shape, geometry.arrays, geometry.layout
        self.levels = zoom_levels(zooms_of(self.arrays), geometry.extent)
        self.quick, self.slow = (
            Curvilinear(
                shape=self.shape, buckets=geometry.buckets, depth=geometry.depth, extent=geometry.extent, maps=maps
            )
            for maps in (maps_of(self.levels, geometry.layout), None)
        )

    def asked(self, view):
        """Return which arrays are asked for, how many values of each, and the cells."""
        asking, counts = self.quick.locate(view), {}
        try:
            wanted = next(asking)
            while True:
                count = wanted.cells.shape[0] * wanted.cells.shape[1]
                counts[wanted.array] = counts.get(wanted.array, 0) + count
                wanted = asking.send(pick(wanted.cells, wanted.shape, {(0, 0): self.arrays[wanted.array]}))
        except StopIteration as end:
            return counts, end.value

    def wrong(self, view):
        """Return how many pixels show a cell that a search finds nowhere within 1/8 pixel of their centre."""
        quick, slow = (
            np.where(found.rows < 0, -1, found.rows * self.shape[1] + found.columns)
            for found in (every(answered(grid.locate(view), self.arrays)) for grid in (self.quick, self.slow))
        )
        down, across = np.nonzero(quick != slow)
        assert down.size < 0.2 * quick.size
        left = np.ones(down.size, dtype=np.bool_)
        x, y = view.x_centres(), view.y_centres()
        for right, lower in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
            beside = x[across] + right * (x[1] - x[0]) / 8, y[down] + lower * (y[1] - y[0]) / 8
            found = answered(self.slow.locate_places(*view.crs.to_geographic(*beside)), self.arrays)
            cells = np.where(found.rows < 0, -1, found.rows * self.shape[1] + found.columns)[0]
            left &= cells != quick[down, across]
        return int(left.sum())


def every(cells):
    """Return cells pixel by pixel."""
    return cells.scattered() if isinstance(cells, Separable) else cells


def tile(zoom, column, row, side=128):
    wide = 2 * WORLD / 2**zoom
    west, north = column * wide - WORLD, WORLD - row * wide
    return View(crs=Crs("EPSG:3857"), bbox=(west, north - wide, west + wide, north), width=side, height=side)


def twisted(longitudes, latitudes):
    """Return places turned round the axis of the Earth, the further north the more: no column is a meridian then."""
    return (longitudes + 2.0 * np.sin(np.radians(latitudes)) + 180.0) % 360.0 - 180.0, latitudes


def twisted_ocean(columns):
    """Return a tripolar grid of which no part is straight."""
    return Charted(*twisted(*tripolar(columns)), twisted(*corners_of(columns)))


def tile_at(zoom, longitude, latitude):
    """Return the tile of a zoom that holds a place."""
    down = 0.5 - np.arctanh(np.sin(np.radians(latitude))) / (2.0 * np.pi)
    return tile(zoom, min(int((longitude / 360.0 + 0.5) * 2**zoom), 2**zoom - 1), int(down * 2**zoom))
