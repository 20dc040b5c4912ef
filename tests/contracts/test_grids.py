"""Every grid: a pixel shows the cell that holds its centre.

The oracles are PROJ for the places of pixels, and a search of all cells by their edges, none of them our own. A pixel
may differ only where its centre is within 1/8 pixel of the edge of the cell shown: then one of the places not farther
from it must be in that cell.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyproj
import pytest

from bench.tripolar import corners_of, tripolar
from core.cells import Scattered, Separable, pick
from core.crs import Crs
from core.dataset import ProjectedGrid
from core.grids.atlas import zoom_levels, zooms_of
from core.grids.chart import maps_of
from core.grids.curvilinear import Curvilinear, build
from core.grids.finished import finished
from core.grids.memory import answered
from core.grids.projected import Projected
from core.grids.rectilinear import Rectilinear
from core.view import View
from tests.mesh_cases import polygons, triangles

WORLD = {
    "EPSG:4326": (-180.0, -90.0, 180.0, 90.0),
    "CRS:84": (-180.0, -90.0, 180.0, 90.0),
    "EPSG:3857": (-2.0037508e7, -2.0037508e7, 2.0037508e7, 2.0037508e7),
    "EPSG:3413": (-3.3e6, -3.3e6, 3.3e6, 3.3e6),
    "EPSG:3031": (-3.3e6, -3.3e6, 3.3e6, 3.3e6),
    "EPSG:3575": (-1.3e7, -1.3e7, 1.3e7, 1.3e7),
}


@dataclass
class Boxes:
    """A rectilinear grid, and where its cells are by the plainest reading of its axes."""

    longitudes: np.ndarray[Any, Any]
    latitudes: np.ndarray[Any, Any]
    width: float
    height: float
    geometry: dict[str, Any] = field(default_factory=dict)

    @property
    def grid(self):
        return Rectilinear(self.longitudes, self.latitudes)

    def holds(self, row, column, longitude, latitude):
        """Tell whether a cell holds a place, to a hair."""
        across = (longitude - self.longitudes[column] + 180.0) % 360.0 - 180.0
        down = latitude - self.latitudes[row]
        return (np.abs(across) <= self.width / 2 + 1e-6) & (np.abs(down) <= self.height / 2 + 1e-6)

    def covers(self, longitude, latitude):
        """Tell whether any cell holds each place."""
        across = np.abs((longitude[..., None] - self.longitudes + 180.0) % 360.0 - 180.0)
        down = np.abs(latitude[..., None] - self.latitudes)
        return (across <= self.width / 2).any(axis=-1) & (down <= self.height / 2).any(axis=-1)


class Plane:
    """A grid of even cells in the plane of a projection, and where they are by PROJ, there and back."""

    def __init__(self, crs, x, y):
        self.geometry = {}
        self.crs = pyproj.CRS.from_user_input(crs)
        self.x, self.y = x, y
        self.onto = pyproj.Transformer.from_crs("OGC:CRS84", self.crs, always_xy=True).transform
        self.back = pyproj.Transformer.from_crs(self.crs, "OGC:CRS84", always_xy=True).transform
        plain = ProjectedGrid(
            x="x",
            y="y",
            xs=tuple(x.tolist()),
            ys=tuple(y.tolist()),
            unit=1.0,
            crs=self.crs.to_wkt(),
            mapping="crs",
            extent=(0.0, 0.0, 0.0, 0.0),
        )
        box = Projected(plain).surveyed()
        self.grid = Projected(replace(plain, extent=(box.west, box.south, box.east, box.north)))

    def off(self, longitude, latitude):
        """Return x and y in cells from the first; infinite where the projection does not reach."""
        x, y = self.onto(longitude, latitude)
        first, across = self.x[0], self.x[1] - self.x[0]
        if self.crs.is_geographic:
            middle = (self.x[0] + self.x[-1]) / 2
            x = middle + np.mod(x - middle + 180.0, 360.0) - 180.0
        else:
            again = self.back(x, y)
            _, _, far = pyproj.Geod(ellps="WGS84").inv(
                longitude, latitude, *[np.nan_to_num(a, posinf=0) for a in again]
            )
            x = np.where(far < 100.0, x, np.inf)
        return (x - first) / across, (y - self.y[0]) / (self.y[1] - self.y[0])

    def holds(self, row, column, longitude, latitude):
        with np.errstate(invalid="ignore"):
            x, y = self.off(np.asarray(longitude), np.asarray(latitude))
            return (np.abs(x - column) <= 0.5 + 1e-5) & (np.abs(y - row) <= 0.5 + 1e-5)

    def covers(self, longitude, latitude):
        with np.errstate(invalid="ignore"):
            x, y = self.off(np.asarray(longitude), np.asarray(latitude))
            return (np.abs(x - (self.x.size - 1) / 2) <= self.x.size / 2) & (
                np.abs(y - (self.y.size - 1) / 2) <= self.y.size / 2
            )


class Polygons:
    """A curvilinear grid, and the great circles round its cells by float64 triple products."""

    def __init__(self, longitudes, latitudes, corners):
        geometry = finished(longitudes.shape, build(longitudes, latitudes, corners))
        levels = zoom_levels(zooms_of(geometry.arrays), geometry.extent)
        self.grid = Curvilinear(
            shape=longitudes.shape,
            buckets=geometry.buckets,
            depth=geometry.depth,
            extent=geometry.extent,
            maps=maps_of(levels, geometry.layout if "chart" in geometry.arrays else None),
        )
        self.geometry = geometry.arrays
        polygons = directions(*corners)
        normals = np.cross(polygons, np.roll(polygons, -1, axis=2))
        middle = polygons.mean(axis=2, keepdims=True)
        length = np.linalg.norm(normals, axis=-1, keepdims=True)
        inwards = np.sign((normals * middle).sum(axis=-1, keepdims=True))
        self.normals = inwards * normals / np.where(length > 0, length, 1.0)

    def holds(self, row, column, longitude, latitude):
        sides = np.einsum("...ek,...k->...e", self.normals[row, column], directions(longitude, latitude))
        return (sides >= -4e-7).all(axis=-1)

    def covers(self, longitude, latitude):
        places = directions(longitude, latitude)
        covered = np.zeros(longitude.shape, dtype=bool)
        for row in self.normals:
            covered |= (np.einsum("cek,...k->...ce", row, places) >= 0).all(axis=-1).any(axis=-1)
        return covered


def directions(longitude, latitude):
    turn, rise = np.radians(longitude), np.radians(latitude)
    return np.stack([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)], axis=-1)


def swath(*, tilt, ny=30, nx=40, step=1.5):
    """Return a grid whose own equator is tilted by `tilt` degrees, with its corners."""

    def turn(x, y):
        x, y, z = np.moveaxis(directions(x, y), -1, 0)
        angle = np.radians(tilt)
        x, z = x * np.cos(angle) - z * np.sin(angle), x * np.sin(angle) + z * np.cos(angle)
        return np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(z))

    x, y = (np.arange(nx + 1) - nx / 2) * step, (np.arange(ny + 1) - ny / 2) * step
    longitude, latitude = turn(*np.meshgrid(x, y))
    corners = tuple(
        np.stack([each[:-1, :-1], each[:-1, 1:], each[1:, 1:], each[1:, :-1]], axis=-1)
        for each in (longitude, latitude)
    )
    return Polygons(*turn(*np.meshgrid((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2)), corners)


def ocean(*, columns=120, land=False):
    """Return a tripolar grid, of which some has no coordinates where there is land."""
    longitudes, latitudes = tripolar(columns)
    corners = corners_of(columns)
    if land:
        rows, across = np.indices(longitudes.shape)
        masked = (np.hypot(rows - 60, across - 40) < 9) | (np.random.default_rng(1).random(longitudes.shape) < 0.002)
        longitudes[masked] = latitudes[masked] = np.nan
        for each in corners:
            each[masked] = np.nan
    return Polygons(longitudes, latitudes, corners)


GRIDS = {
    "triangles over the date line": lambda: triangles(location="face", turn=175.0, tilt=20.0),
    "nodes of triangles round the pole": lambda: triangles(location="node", turn=30.0, tilt=88.0),
    "polygons, some of them not convex": lambda: polygons(location="face", turn=-20.0, tilt=50.0),
    "nodes of polygons": lambda: polygons(location="node", turn=179.0, tilt=-60.0),
    "global": lambda: Boxes(np.arange(-179.5, 180.0), np.arange(-89.5, 90.0), 1.0, 1.0),
    "global 0 to 360, from the north": lambda: Boxes(
        np.arange(0.0, 360.0, 1.5), np.arange(89.0, -90.0, -2.0), 1.5, 2.0
    ),
    "from -299.5": lambda: Boxes(np.arange(-299.5, 60.0), np.arange(-79.5, 90.0), 1.0, 1.0),
    "over Greenwich": lambda: Boxes(np.arange(330.0, 400.0, 0.25) % 360.0, np.arange(30.0, 80.0, 0.25), 0.25, 0.25),
    "over the date line": lambda: Boxes(np.arange(150.0, 211.0, 0.5), np.arange(45.0, 85.0, 0.5), 0.5, 0.5),
    "swath over the pole": lambda: swath(tilt=80.0),
    "swath over the date line": lambda: swath(tilt=115.0),
    "tripolar": ocean,
    "tripolar, with land": lambda: ocean(land=True),
    "swath at the equator": lambda: swath(tilt=10.0),
    "polar stereographic, from the north": lambda: Plane(
        "EPSG:3413", np.arange(-3.0e6, 3.0e6, 5e4), np.arange(3.1e6, -2.2e6, -5e4)
    ),
    "stereographic on a sphere, turned": lambda: Plane(
        "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=58 +R=6371000", np.arange(-4e6, 1e6, 9e4), np.arange(-3e6, 2e6, 9e4)
    ),
    "lambert conformal": lambda: Plane(
        "+proj=lcc +lat_0=63 +lon_0=15 +lat_1=63 +lat_2=63 +R=6371000",
        np.arange(-1.2e6, 1.3e6, 2.5e4),
        np.arange(-1.3e6, 1.4e6, 2.5e4),
    ),
    "lambert azimuthal over the date line": lambda: Plane(
        "+proj=laea +lat_0=20 +lon_0=178", np.arange(-5e6, 5e6, 1e5), np.arange(-4e6, 6e6, 1e5)
    ),
    "full disc from a geostationary orbit": lambda: Plane(
        "+proj=geos +h=35785831 +lon_0=140.7 +sweep=y",
        np.arange(-5.5e6, 5.6e6, 1.1e5),
        np.arange(5.5e6, -5.6e6, -1.1e5),
    ),
    "transverse mercator": lambda: Plane("EPSG:32633", np.arange(1e5, 9e5, 2e4), np.arange(5e6, 8e6, 2e4)),
    "rotated pole, all round": lambda: Plane(
        "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=37.5 +lon_0=357.5 +R=6371229",
        np.arange(0.0, 360.0, 2.0),
        np.arange(-89.0, 90.0, 2.0),
    ),
    "rotated pole, a part": lambda: Plane(
        "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18",
        np.arange(-28.0, 18.0, 0.44),
        np.arange(23.0, -23.0, -0.44),
    ),
    "mercator": lambda: Plane("EPSG:3395", np.arange(-1.2e6, 3e6, 4e4), np.arange(3e6, 9e6, 4e4)),
}


@pytest.fixture(scope="module", params=GRIDS)
def case(request):
    return GRIDS[request.param]()


def views(name):
    """Yield the world, views past its edges, and random ones from a few cells to half the world."""
    yield View(crs=Crs(name), bbox=WORLD[name], width=64, height=64)
    west, south, east, north = WORLD[name]
    side = east - west
    if name != "EPSG:3413":
        yield View(crs=Crs(name), bbox=(west - side / 30, south, east + side / 2, north), width=90, height=40)
    random = np.random.default_rng(sum(name.encode()))
    for _ in range(12):
        width, height = random.integers(1, 70, 2)
        size = side * 10 ** random.uniform(-3.0, -0.3)
        left, low = random.uniform(west, east - size), random.uniform(south + (north - south) * 0.4, north)
        box = (left, low, left + size, low + size * height / width)
        yield View(crs=Crs(name), bbox=box, width=int(width), height=int(height))


def places(view, rows, columns):
    """Return longitude and latitude of pixels, whose indices may have fractions; NaN beyond the poles."""
    west, south, east, north = view.bbox
    x = west + (columns + 0.5) * (east - west) / view.width
    y = north - (rows + 0.5) * (north - south) / view.height
    if view.crs.geographic:
        return x, np.where(np.abs(y) > 90.0, np.nan, y)
    # PROJ wraps longitudes, which nothing here minds.
    return pyproj.Transformer.from_crs(view.crs.name, "OGC:CRS84", always_xy=True).transform(x, y)


def places_near(view, rows, columns):
    """Return places all over the disc of 1/8 pixel around each pixel centre, shape (places, pixels)."""
    down, across = np.meshgrid(*[np.linspace(-0.125, 0.125, 33)] * 2)
    disc = np.hypot(down, across) <= 0.125
    return places(view, rows + down[disc][:, None], columns + across[disc][:, None])


@pytest.mark.parametrize("name", WORLD)
def test_a_pixel_shows_the_cell_that_holds_its_centre(case, name):
    for view in views(name):
        cells = answered(case.grid.locate(view), case.geometry)
        rows, columns = cells.rows, cells.columns
        if isinstance(cells, Separable):
            rows, columns = np.broadcast_arrays(rows[:, None], columns[None, :])
        assert rows.shape == (view.height, view.width)
        shown = (rows >= 0) & (columns >= 0)

        pixels, cell = np.nonzero(shown), (rows[shown], columns[shown])
        other = ~case.holds(*cell, *places(view, *pixels))
        pixels, cell = [part[other] for part in pixels], [part[other] for part in cell]
        assert case.holds(*cell, *places_near(view, *pixels)).any(axis=0).all(), view

        pixels = [part[:: max(1, part.size // 300)] for part in np.nonzero(~shown)]
        with np.errstate(invalid="ignore"):
            hidden = case.covers(*places(view, *pixels))
            pixels = [part[hidden] for part in pixels]
            assert not case.covers(*places_near(view, *pixels)).all(axis=0).any(), view


@pytest.mark.parametrize("name", WORLD)
def test_one_pixel_of_a_picture_shows_what_a_picture_of_that_pixel_shows(case, name):
    view = View(crs=Crs(name), bbox=WORLD[name], width=17, height=13)
    cells = answered(case.grid.locate(view), case.geometry)
    for row, column in [(0, 0), (3, 5), (7, 8), (12, 16)]:
        alone = answered(case.grid.locate(view.pixel(column, row)), case.geometry)
        if isinstance(cells, Separable):
            assert (alone.rows[0], alone.columns[0]) == (cells.rows[row], cells.columns[column])
        else:
            assert (alone.rows[0, 0], alone.columns[0, 0]) == (cells.rows[row, column], cells.columns[row, column])


@pytest.mark.parametrize(("name", "round_"), [("EPSG:3857", 2 * np.pi * 6378137.0), ("CRS:84", 360.0)])
def test_a_map_that_goes_on_round_the_world_shows_the_same_again(case, name, round_):
    west, south, east, north = WORLD[name]
    for turns in (-3, 1, 2, 5):
        box = (west + turns * round_, south * 0.9, east + turns * round_, north * 0.9)
        again, first = (
            answered(case.grid.locate(View(crs=Crs(name), bbox=each, width=13, height=11)), case.geometry)
            for each in (box, (west, south * 0.9, east, north * 0.9))
        )
        np.testing.assert_array_equal(again.rows, first.rows)
        np.testing.assert_array_equal(again.columns, first.columns)


@pytest.mark.parametrize("name", WORLD)
def test_scattered_cells_are_inside_in_both_indices_or_in_neither(case, name):
    for view in views(name):
        cells = answered(case.grid.locate(view), case.geometry)
        if isinstance(cells, Scattered):
            np.testing.assert_array_equal(cells.rows < 0, cells.columns < 0)
        assert cells.rows.min() >= -1
        assert cells.columns.min() >= -1
        assert cells.rows.max() < case.grid.shape[0]
        assert cells.columns.max() < case.grid.shape[1]


def test_the_centre_of_a_cell_lies_in_it(case):
    ny, nx = case.grid.shape
    rows, columns = np.meshgrid(np.arange(0, ny, 3), np.arange(0, nx, 3), indexing="ij")
    for cells in (Separable(rows=rows[:, 0], columns=columns[0]), Scattered(rows=rows, columns=columns)):
        centres = answered(case.grid.centres(cells), case.geometry)
        # What is seen from space does not fill its corners.
        there = np.isfinite(centres.longitude)
        assert there.mean() > 0.7
        assert case.holds(rows, columns, centres.longitude, centres.latitude)[there].all()
        assert np.abs(centres.longitude[there]).max() <= 180.0


def test_a_centre_of_no_cell_is_no_place(case):
    ny, nx = case.grid.shape
    cells = Scattered(rows=np.array([[ny // 2, -1]]), columns=np.array([[nx // 2, -1]]))
    centres = answered(case.grid.centres(cells), case.geometry)
    assert np.isnan(centres.longitude).tolist() == np.isnan(centres.latitude).tolist() == [[False, True]]


def test_the_extent_holds_all_cells_and_lies_on_the_earth(case):
    extent = case.grid.extent
    assert -180.0 <= extent.west < extent.east <= 180.0
    assert -90.0 <= extent.south < extent.north <= 90.0
    ny, nx = case.grid.shape
    cells = Separable(rows=np.arange(ny), columns=np.arange(nx))
    centres = answered(case.grid.centres(cells), case.geometry)
    there = np.isfinite(centres.longitude)
    assert ((extent.west <= centres.longitude) & (centres.longitude <= extent.east))[there].all()
    assert ((extent.south <= centres.latitude) & (centres.latitude <= extent.north))[there].all()


def test_geometry_read_in_chunks_gives_the_same_cells(case):
    view = View(crs=Crs("EPSG:3413"), bbox=WORLD["EPSG:3413"], width=70, height=50)
    whole = answered(case.grid.locate(view), case.geometry)
    asking, answer, size = case.grid.locate(view), None, (13, 17)
    try:
        while True:
            wanted = asking.send(answer)
            array = case.geometry[wanted.array]
            assert array.shape[:2] == wanted.shape
            answer = pick(
                wanted.cells,
                size,
                {
                    (row, column): array[row * 13 : row * 13 + 13, column * 17 : column * 17 + 17]
                    for row in range(-(-array.shape[0] // 13))
                    for column in range(-(-array.shape[1] // 17))
                },
            )
    except StopIteration as end:
        np.testing.assert_array_equal(end.value.rows, whole.rows)
        np.testing.assert_array_equal(end.value.columns, whole.columns)


def test_places_by_themselves_are_in_the_cell_that_holds_them_whatever_else_is_asked_for(case):
    seen = [View(crs=Crs(name), bbox=WORLD[name], width=17, height=13) for name in ("EPSG:3857", "EPSG:3413")]
    longitude, latitude = np.hstack([np.reshape(places(view, *np.indices((13, 17))), (2, -1)) for view in seen])
    found = answered(case.grid.locate_places(longitude, latitude), case.geometry)
    assert found.rows.shape == found.columns.shape == (1, longitude.size)
    rows, columns = found.rows[0], found.columns[0]
    shown = rows >= 0
    np.testing.assert_array_equal(shown, columns >= 0)
    assert shown.any()
    assert case.holds(rows[shown], columns[shown], longitude[shown], latitude[shown]).all()
    hidden = np.flatnonzero(~shown)[::9]
    assert not case.covers(longitude[hidden], latitude[hidden]).any()
    some = answered(case.grid.locate_places(longitude[5::7], latitude[5::7]), case.geometry)
    np.testing.assert_array_equal((some.rows[0], some.columns[0]), (rows[5::7], columns[5::7]))
    nowhere = answered(case.grid.locate_places(np.array([np.nan]), np.array([np.nan])), case.geometry)
    assert (nowhere.rows.item(), nowhere.columns.item()) == (-1, -1)
