"""Finding cells of curvilinear grids, against triple products over all cells."""

import netCDF4
import numpy as np
import pytest

from core.cells import Separable, pick
from core.crs import Crs
from core.extent import Extent
from core.grids.curvilinear import Curvilinear, Geometry, build
from core.grids.geometry import candidates_shape
from core.grids.memory import answered
from core.view import View

ORCA1 = "curvilinear/nemo_orca1/nemo_1m_20150101-20150201_grid-T.nc"
SLACK = 4e-7
"""Of the Earth's radius: coordinates and normals are float32."""


def directions(longitude, latitude):
    """Return unit vectors, the component last."""
    turn, rise = np.radians(longitude), np.radians(latitude)
    return np.stack([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)], axis=-1)


def holds(corners, place, slack=SLACK):
    """Tell which polygons (cells, 4, 3) hold one place, whichever way round they are listed."""
    following = np.roll(corners, -1, axis=1)
    normals = np.cross(corners, following)
    length = np.linalg.norm(normals, axis=-1, keepdims=True)
    sides = (normals / np.where(length > 0, length, 1.0)) @ place
    return (sides >= -slack).all(axis=1) | (sides <= slack).all(axis=1)


def grid_of(geometry: Geometry, shape):
    return Curvilinear(shape=shape, buckets=geometry.buckets, depth=geometry.depth, extent=geometry.extent)


def find(geometry, shape, longitudes, latitudes):
    """Return the flat index of the cell at each place, through views of one pixel; -1 for none."""
    grid, found = grid_of(geometry, shape), []
    for longitude, latitude in zip(longitudes, latitudes, strict=True):
        box = (longitude - 1e-9, latitude - 1e-9, longitude + 1e-9, latitude + 1e-9)
        cells = answered(grid.locate(View(crs=Crs("CRS:84"), bbox=box, width=1, height=1)), geometry.arrays)
        found.append(int(cells.rows[0, 0]) * shape[1] + int(cells.columns[0, 0]) if cells.rows[0, 0] >= 0 else -1)
    return np.array(found)


@pytest.fixture(scope="module")
def orca(real_data):
    with netCDF4.Dataset(real_data(ORCA1)) as file:
        read = {name: np.ma.filled(file[name][:].astype(np.float64), np.nan) for name in file.variables if "_l" in name}
        wet = ~np.ma.getmaskarray(file["tos"][0])
    bounds = read["bounds_lon"], read["bounds_lat"]
    return read["nav_lon"], read["nav_lat"], bounds, wet


@pytest.fixture(scope="module")
def orca_geometry(orca):
    longitude, latitude, bounds, _ = orca
    return build(longitude, latitude, bounds)


def test_each_wet_cell_of_a_tripolar_grid_is_found_at_its_centre(orca, orca_geometry):
    longitude, latitude, bounds, wet = orca
    corners, centres = directions(*bounds).reshape(-1, 4, 3), directions(longitude, latitude).reshape(-1, 3)
    some = np.flatnonzero(wet)[::29]
    found = find(orca_geometry, longitude.shape, longitude.ravel()[some], latitude.ravel()[some])
    for cell, at in zip(some[found != some], found[found != some], strict=True):
        # The halo repeats cells: another one is right if it is in the same place.
        assert holds(corners[[at]], centres[cell]).all()
        assert np.linalg.norm(centres[at] - centres[cell]) < 1e-5
    assert (found == some).mean() > 0.97


def test_a_tripolar_grid_has_no_hole_north_of_its_edge(orca, orca_geometry):
    longitude, _, bounds, _ = orca
    corners = directions(*bounds).reshape(-1, 4, 3)
    random = np.random.default_rng(7)
    latitudes = np.degrees(np.arcsin(random.uniform(np.sin(np.radians(-76.0)), 1.0, 300)))
    longitudes = random.uniform(-180.0, 180.0, 300)
    # The pole, the date line, the fold between the two northern poles of the grid, and those poles.
    longitudes = np.concatenate([longitudes, np.linspace(-180.0, 180.0, 37), np.full(80, 73.0), np.full(80, -107.0)])
    longitudes = np.concatenate([longitudes, np.full(60, 180.0), [0.0]])
    latitudes = np.concatenate(
        [latitudes, np.full(37, 89.99), np.linspace(45.0, 90.0, 80), np.linspace(45.0, 90.0, 80)]
    )
    latitudes = np.concatenate([latitudes, np.linspace(-76.0, 90.0, 60), [90.0]])
    found = find(orca_geometry, longitude.shape, longitudes, latitudes)
    assert (found >= 0).all()
    for cell, place in zip(found, directions(longitudes, latitudes), strict=True):
        assert holds(corners[[cell]], place).all()


@pytest.mark.parametrize("name", ["EPSG:3413", "EPSG:3857", "EPSG:4326"])
def test_a_picture_shows_the_cell_under_each_pixel_over_pole_and_fold(orca, orca_geometry, name):
    longitude, _, bounds, _ = orca
    corners = directions(*bounds).reshape(-1, 4, 3)
    box = {"EPSG:3413": (-3.3e6, -3.3e6, 3.3e6, 3.3e6), "EPSG:3857": (1.9e7, 6e6, 2.2e7, 1.9e7)}
    view = View(crs=Crs(name), bbox=box.get(name, (-190.0, -70.0, 400.0, 90.0)), width=150, height=150)
    cells = answered(grid_of(orca_geometry, longitude.shape).locate(view), orca_geometry.arrays)
    assert (cells.rows >= 0).all()
    places = directions(*view.crs.to_geographic(*np.meshgrid(view.x_centres(), view.y_centres())))
    # An eighth of a pixel, as an angle: the way to the next pixel is no shorter on these maps than to the one below.
    pixel = np.linalg.norm(np.diff(places, axis=0), axis=-1).max()
    flat = cells.rows * longitude.shape[1] + cells.columns
    for row in range(0, 150, 3):
        for column in range(0, 150, 7):
            assert holds(corners[[flat[row, column]]], places[row, column], slack=pixel / 8).all()


def test_a_tripolar_grid_without_bounds_has_no_hole_either(orca):
    longitude, latitude, _, _ = orca
    geometry = build(longitude, latitude)
    random = np.random.default_rng(8)
    latitudes = np.concatenate([np.linspace(-76.0, 90.0, 150), np.linspace(50.0, 90.0, 100), np.full(50, 89.9)])
    longitudes = np.concatenate([random.uniform(-180.0, 180.0, 150), np.full(100, 73.05), np.linspace(0, 360, 50)])
    found = find(geometry, longitude.shape, longitudes, latitudes)
    assert (found >= 0).all()
    away = np.linalg.norm(
        directions(longitude, latitude).reshape(-1, 3)[found] - directions(longitudes, latitudes), axis=1
    )
    assert away.max() < np.radians(1.1)


def count_questions(asking, geometry):
    answer, count = None, 0
    while True:
        try:
            wanted = asking.send(answer)
        except StopIteration:
            return count
        answer = pick(wanted.cells, wanted.shape, {(0, 0): geometry.arrays[wanted.array]})
        count += 1


def test_what_a_grid_asks_for_is_bounded(orca, orca_geometry):
    longitude, _, _, _ = orca
    for name, box in [("EPSG:4326", (-180.0, -90.0, 180.0, 90.0)), ("EPSG:3413", (-3e6, -3e6, 3e6, 3e6))]:
        view = View(crs=Crs(name), bbox=box, width=256, height=256)
        asked = count_questions(grid_of(orca_geometry, longitude.shape).locate(view), orca_geometry)
        assert asked <= 24


def rotated(ny=12, nx=16, step=2.0):
    """Return corners and centres of a grid that is regular about a pole of its own, near 40 N 170 E."""

    def turn(x, y):
        place = directions(x, y)
        angle, tilt = np.radians(170.0), np.radians(-40.0)
        tilted = np.stack(
            [
                place[..., 0] * np.cos(tilt) + place[..., 2] * np.sin(tilt),
                place[..., 1],
                -place[..., 0] * np.sin(tilt) + place[..., 2] * np.cos(tilt),
            ],
            axis=-1,
        )
        x, y, z = np.moveaxis(tilted, -1, 0)
        return np.degrees(np.arctan2(y, x) + angle) % 360.0, np.degrees(np.arcsin(z))

    x, y = (np.arange(nx + 1) - nx / 2) * step, (np.arange(ny + 1) - ny / 2) * step
    longitude, latitude = turn(*np.meshgrid(x, y))
    order = [(slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None)), (slice(1, None), slice(1, None))]
    order.append((slice(1, None), slice(None, -1)))
    corners = np.stack([longitude[at] for at in order], axis=-1), np.stack([latitude[at] for at in order], axis=-1)
    return turn(*np.meshgrid((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2)), corners


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1], [0, 1, 3, 2], [2, 0, 3, 1]])
def test_corners_may_come_in_any_order(order):
    (longitude, latitude), corners = rotated()
    geometry = build(longitude, latitude, (corners[0][:, :, order], corners[1][:, :, order]))
    found = find(geometry, longitude.shape, longitude.ravel(), latitude.ravel())
    np.testing.assert_array_equal(found, np.arange(longitude.size))


def test_cells_so_large_that_parallels_leave_their_great_circles_are_exact():
    (longitude, latitude), corners = rotated(ny=3, nx=5, step=45.0)
    geometry = build(longitude, latitude, corners)
    polygons = directions(*corners).reshape(-1, 4, 3)
    view = View(crs=Crs("CRS:84"), bbox=(-180.0, -90.0, 180.0, 90.0), width=180, height=90)
    cells = answered(grid_of(geometry, longitude.shape).locate(view), geometry.arrays)
    places = directions(*np.meshgrid(view.x_centres(), view.y_centres()))
    for row, column in zip(*np.nonzero(cells.rows >= 0), strict=True):
        cell = cells.rows[row, column] * 5 + cells.columns[row, column]
        assert holds(polygons[[cell]], places[row, column]).all()


def test_corners_worked_out_from_centres_are_those_of_the_grid():
    (longitude, latitude), corners = rotated()
    geometry, exact = build(longitude, latitude), build(longitude, latitude, corners)
    np.testing.assert_allclose(geometry.arrays["edges"], exact.arrays["edges"], atol=5e-3)
    assert find(geometry, longitude.shape, [0.0, longitude[0, 0]], [-80.0, latitude[0, 0]]).tolist() == [-1, 0]


def test_cells_without_coordinates_have_no_place_and_others_keep_theirs():
    (longitude, latitude), _ = rotated()
    longitude[3:6, 4:9] = latitude[3:6, 4:9] = 0.0
    longitude[0, 0] = np.nan
    geometry = build(longitude, latitude)
    gone = (longitude == 0.0) | np.isnan(longitude)
    np.testing.assert_array_equal(np.isnan(geometry.arrays["centres"][:, :, 0]), gone)
    there = np.flatnonzero(~gone)
    found = find(geometry, longitude.shape, longitude.ravel()[there], latitude.ravel()[there])
    np.testing.assert_array_equal(found, there)
    assert find(geometry, longitude.shape, [0.0], [0.0]).tolist() == [-1]


@pytest.mark.parametrize("nothing", ["nan", "a point", "a line"])
def test_cells_without_area_have_no_place(nothing):
    (longitude, latitude), corners = rotated()
    corners[0][5, 5], corners[1][5, 5] = {
        "nan": (np.nan, np.nan),
        "a point": (30.0, 10.0),
        "a line": ([30.0, 30.0, 31.0, 31.0], 0.0),
    }[nothing]
    geometry = build(longitude, latitude, corners)
    assert np.isnan(geometry.arrays["edges"][5, 5]).all()
    assert find(geometry, longitude.shape, [longitude[5, 5], 30.0], [latitude[5, 5], 10.0]).tolist() == [-1, -1]


def test_a_grid_round_a_pole_in_one_point_is_found_through_its_overflow():
    edges_x, edges_y = np.linspace(0.0, 360.0, 181), np.linspace(60.0, 90.0, 16)
    west, south = np.meshgrid(edges_x[:-1], edges_y[:-1])
    corners = (
        np.stack([west, west + 2.0, west + 2.0, west], axis=-1),
        np.stack([south, south, south + 2, south + 2], -1),
    )
    longitude, latitude = west + 1.0, south + 1.0
    geometry = build(longitude, latitude, corners)
    assert (geometry.arrays["candidates"] < -1).any()
    assert geometry.depth <= 32
    found = find(geometry, longitude.shape, longitude.ravel()[::7], latitude.ravel()[::7])
    np.testing.assert_array_equal(found, np.arange(longitude.size)[::7])
    assert geometry.extent.north == 90.0
    assert (geometry.extent.west, geometry.extent.east) == (-180.0, 180.0)


def test_a_small_region_of_small_cells_takes_little_room():
    longitude, latitude = np.meshgrid(np.arange(10.0, 10.2, 0.002), np.arange(50.0, 50.1, 0.001))
    geometry = build(longitude, latitude)
    assert geometry.arrays["candidates"].size < 40 * longitude.size
    found = find(geometry, longitude.shape, longitude.ravel()[::17], latitude.ravel()[::17])
    np.testing.assert_array_equal(found, np.arange(longitude.size)[::17])
    assert find(geometry, longitude.shape, [-170.0, 10.1], [-50.0, 50.2]).tolist() == [-1, -1]


def test_the_extent_is_the_box_round_a_region_or_the_whole_turn_over_the_date_line():
    (longitude, latitude), corners = rotated()
    assert build(longitude, latitude, corners).extent.west == -180.0
    extent = build(longitude - 120.0, latitude, (corners[0] - 120.0, corners[1])).extent
    assert extent.west == pytest.approx(((corners[0] - 120.0 + 180.0) % 360.0 - 180.0).min(), abs=1e-6)
    assert extent.east == pytest.approx(((corners[0] - 120.0 + 180.0) % 360.0 - 180.0).max(), abs=1e-6)
    assert extent.south == pytest.approx(corners[1].min(), abs=1e-6)
    assert extent.north == pytest.approx(corners[1].max(), abs=1e-6)


def test_centres_are_those_of_the_file():
    (longitude, latitude), _ = rotated()
    geometry = build(longitude, latitude)
    grid = grid_of(geometry, longitude.shape)
    places = answered(grid.centres(Separable(rows=np.array([2, -1]), columns=np.array([3]))), geometry.arrays)
    assert places.latitude[0, 0] == latitude[2, 3]
    assert places.longitude[0, 0] == pytest.approx((longitude[2, 3] + 180.0) % 360.0 - 180.0)
    assert np.isnan(places.longitude[1, 0])


def test_a_view_of_nothing_written_shows_no_cell():
    grid = Curvilinear(shape=(4, 4), buckets=8, depth=4, extent=Extent(west=0.0, south=0.0, east=1.0, north=1.0))
    unwritten = {
        "candidates": np.full((*candidates_shape(16, 8), 4), -1, dtype=np.int32),
        "edges": np.full((4, 4, 12), np.nan, dtype=np.float32),
    }
    view = View(crs=Crs("CRS:84"), bbox=(0.0, 0.0, 90.0, 45.0), width=40, height=20)
    assert (answered(grid.locate(view), unwritten).rows == -1).all()

    asking = grid.locate(view)
    try:
        while asking.send(None):
            pass
    except StopIteration as end:
        cells = end.value
    assert (cells.rows == -1).all()
    assert (cells.columns == -1).all()


@pytest.mark.parametrize(
    ("longitude", "latitude", "corners", "says"),
    [
        (np.zeros(4), np.zeros(4), None, "one shape"),
        (np.zeros((2, 2)), np.zeros((2, 3)), None, "one shape"),
        (np.full((4, 4), np.nan), np.full((4, 4), np.nan), None, "no cell"),
        (np.zeros((4, 4)), np.zeros((4, 4)), None, "no cell"),
        (np.ones((2, 2)), np.ones((2, 2)), (np.ones((2, 2, 2)), np.ones((2, 2, 2))), "do not give corners"),
    ],
)
def test_what_is_no_grid_is_refused(longitude, latitude, corners, says):
    with pytest.raises(ValueError, match=says):
        build(longitude, latitude, corners)
