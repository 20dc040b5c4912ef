"""Axes of every convention: which column and row a place falls in, and what is refused."""

import netCDF4
import numpy as np
import pyproj
import pytest

from core.cells import Scattered, Separable
from core.crs import Crs
from core.extent import Extent
from core.grids.memory import answered
from core.grids.rectilinear import Rectilinear
from core.view import View

TENTHS = np.arange(-80.0, 81.0, 10.0)


def at(grid, longitude, latitude):
    """Return (row, column) of the cell that holds one place."""
    step = 1e-9
    box = (longitude - step, latitude - step, longitude + step, latitude + step)
    cells = answered(grid.locate(View(crs=Crs("CRS:84"), bbox=box, width=1, height=1)), {})
    return int(cells.rows[0]), int(cells.columns[0])


def column(grid, longitude):
    return at(grid, longitude, 0.0)[1]


def row(grid, latitude):
    return at(grid, 0.0, latitude)[0]


@pytest.mark.parametrize("crs", ["EPSG:3413", "EPSG:3031", "EPSG:3575", "EPSG:3035", "EPSG:27700"])
def test_cells_between_pixels_are_told_from_the_size_of_a_pixel_where_the_system_is_at_home(crs):
    grid = Rectilinear(np.arange(0.05, 360.0, 0.1), np.arange(-89.95, 90.0, 0.1))
    west, south, east, north = pyproj.CRS(crs).area_of_use.bounds
    x, y = pyproj.Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform(
        (west + east) / 2, (south + north) / 2
    )
    back = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True).transform
    longitude, latitude = back([x, x + 100.0, x], [y, y, y + 100.0])
    _, _, metres = pyproj.Geod(ellps="WGS84").inv([longitude[0]] * 2, [latitude[0]] * 2, longitude[1:], latitude[1:])
    pixel = 37_000.0 * min(metres) / 100.0
    for corner in (x, y), (x + 3e6, y - 4e6), (x - 6e5, y + 2e5):
        box = (*corner, corner[0] + 64 * 37_000.0, corner[1] + 64 * 37_000.0)
        view = View(crs=Crs(crs), bbox=box, width=64, height=64)
        apart = grid.cells_apart(view, answered(grid.locate(view), {}))
        assert apart == pytest.approx(pixel / 11_120.0, rel=0.01)


def test_cells_longer_than_high_count_by_their_length_in_the_middle_of_the_grid():
    view = View(crs=Crs("EPSG:3413"), bbox=(0.0, 0.0, 1e6, 1e6), width=64, height=64)
    counts = [
        grid.cells_apart(view, answered(grid.locate(view), {}))
        for grid in (
            Rectilinear(np.arange(0.5, 360.0, 1.0), np.arange(60.125, 90.0, 0.25)),
            Rectilinear(np.arange(0.5, 360.0, 1.0), np.arange(-89.875, 90.0, 0.25)),
        )
    ]
    # 0.26 degrees at 75 north, and 1 at the equator.
    assert counts[0] == pytest.approx(counts[1] / np.cos(np.radians(75.0)), rel=0.01)


RINGS = {
    "-180 to 180": np.arange(-179.0, 180.0, 2.0),
    "0 to 360": np.arange(1.0, 360.0, 2.0),
    "descending": np.arange(359.0, 0.0, -2.0),
    "-300 to 60": np.arange(-299.0, 60.0, 2.0),
    "permuted": np.roll(np.arange(1.0, 360.0, 2.0), 71),
    "float32": np.arange(1.0, 360.0, 2.0).astype(np.float32).astype(np.float64),
    "closed twice": np.append(np.arange(21.0, 380.0, 2.0), 381.0),
}


@pytest.mark.parametrize("longitudes", RINGS.values(), ids=RINGS)
def test_a_ring_has_a_column_for_every_longitude(longitudes):
    grid = Rectilinear(longitudes, TENTHS)
    for longitude in np.arange(-400.0, 800.0, 0.73):
        away = (longitudes[column(grid, longitude)] - longitude + 180.0) % 360.0 - 180.0
        assert abs(away) <= 1.0
    assert grid.extent.west == -180.0
    assert grid.extent.east == 180.0


@pytest.mark.parametrize("longitudes", RINGS.values(), ids=RINGS)
def test_a_ring_has_no_hole_a_hair_beside_an_edge(longitudes):
    grid = Rectilinear(longitudes, TENTHS)
    for edge in np.arange(-360.0, 361.0, 2.0):
        for longitude in (np.nextafter(edge, -1e3), edge, np.nextafter(edge, 1e3), edge - 3e-14, edge + 3e-14):
            box = (longitude - 1.0, -1.0, longitude + 1.0, 1.0)
            view = View(crs=Crs("CRS:84"), bbox=box, width=1, height=1)
            found = answered(grid.locate(view), {}).columns[0]
            away = (longitudes[found] - longitude + 180.0) % 360.0 - 180.0
            assert found >= 0
            assert abs(away) <= 1.0 + 1e-4


def test_of_columns_at_one_place_the_first_is_shown():
    longitudes = np.append(np.arange(20.1667, 380.0, 20.0), 380.1667)
    grid = Rectilinear(longitudes, TENTHS)
    assert column(grid, 20.2) == 0
    assert column(grid, 20.1) == 0
    assert column(grid, -339.8) == 0


def test_a_region_over_the_date_line_is_not_bridged():
    grid = Rectilinear(np.concatenate([np.arange(170.0, 180.0), np.arange(-180.0, -169.0)]), TENTHS)
    assert column(grid, 179.6) == column(grid, -180.0) == column(grid, 540.0) == 10
    assert column(grid, -169.4) == -1
    assert column(grid, 169.4) == -1
    assert column(grid, 0.0) == -1
    assert grid.extent == Extent(west=-180.0, south=-85.0, east=180.0, north=85.0)


@pytest.mark.parametrize(
    "longitudes",
    [np.concatenate([np.arange(350.0, 360.0), np.arange(0.0, 11.0)]), np.arange(-10.0, 11.0), np.arange(350.0, 371.0)],
)
def test_a_region_over_greenwich_is_one_piece_in_any_convention(longitudes):
    grid = Rectilinear(longitudes, TENTHS)
    assert [column(grid, place) for place in (-10.6, -10.4, -0.2, 0.2, 10.4, 10.6)] == [-1, 0, 10, 10, 20, -1]
    assert grid.extent == Extent(west=-10.5, south=-85.0, east=10.5, north=85.0)


def test_a_ring_that_lacks_a_column_stays_open():
    grid = Rectilinear(np.arange(0.0, 359.0), TENTHS)
    assert column(grid, 358.4) == 358
    assert column(grid, 358.6) == -1
    assert column(grid, 359.4) == -1
    assert column(grid, 359.6) == 0


def test_eight_columns_over_greenwich_begin_in_the_west(real_data):
    with netCDF4.Dataset(real_data("grid/atlantic_profiles.nc")) as file:
        longitudes = np.asarray(file["lon"][:], dtype=np.float64)
    grid = Rectilinear(longitudes, TENTHS)
    assert longitudes[column(grid, 0.0)] == 0.5
    assert longitudes[column(grid, -4.0)] == 355.5
    assert column(grid, 180.0) == -1


def test_a_longitude_axis_that_jumps_back_at_greenwich_is_read(real_data):
    with netCDF4.Dataset(real_data("odd/test_adaptor.cams_regional_fc.nc")) as file:
        longitudes = np.asarray(file["longitude"][:], dtype=np.float64)
        latitudes = np.asarray(file["latitude"][:], dtype=np.float64)
    grid = Rectilinear(longitudes, latitudes)
    for index, longitude in enumerate(longitudes):
        for turn in (-360.0, 0.0):
            assert at(grid, longitude + turn, 50.45)[1] == index
    assert at(grid, 5.0, 50.45)[1] == -1


def test_a_column_repeated_at_the_end_of_a_file_leaves_no_seam(real_data):
    with netCDF4.Dataset(real_data("base/etopo20.cdf")) as file:
        longitudes = np.asarray(file["ETOPO20X1_1081"][:], dtype=np.float64)
        latitudes = np.asarray(file["ETOPO20Y"][:], dtype=np.float64)
    grid = Rectilinear(longitudes, latitudes)
    view = View(crs=Crs("EPSG:4326"), bbox=(19.0, -90.0, 22.0, 90.0), width=900, height=4)
    cells = answered(grid.locate(view), {})
    assert cells.columns.min() >= 0
    away = (longitudes[cells.columns] - view.x_centres() + 180.0) % 360.0 - 180.0
    assert np.abs(away).max() <= 1 / 6 + 1e-4


def test_an_uneven_ring_is_closed_halfway_between_its_ends():
    grid = Rectilinear(np.array([0.0, 95.0, 190.0, 280.0]), TENTHS)
    found = [column(grid, place) for place in (-39.0, -41.0, 47.0, 48.0, 142.0, 143.0, 234.0, 236.0, 319.0, 321.0)]
    assert found == [0, 3, 0, 1, 1, 2, 2, 3, 3, 0]


@pytest.mark.parametrize("latitudes", [TENTHS, TENTHS[::-1]])
def test_rows_run_either_way(latitudes):
    grid = Rectilinear(np.arange(0.0, 360.0, 10.0), latitudes)
    assert latitudes[row(grid, 4.9)] == 0.0
    assert latitudes[row(grid, 5.1)] == 10.0
    assert latitudes[row(grid, -84.9)] == -80.0
    assert row(grid, -85.1) == row(grid, 85.1) == -1


def test_rows_with_their_centre_at_a_pole_end_there():
    grid = Rectilinear(np.arange(0.0, 360.0, 10.0), np.arange(-90.0, 91.0, 5.0))
    assert row(grid, 89.0) == 36
    assert row(grid, -89.0) == 0
    assert grid.extent == Extent(west=-180.0, south=-90.0, east=180.0, north=90.0)


@pytest.mark.parametrize("latitudes", [np.array([-45.0, 45.0]), np.array([45.0, -45.0])])
def test_the_poles_themselves_belong_to_the_outer_rows(latitudes):
    grid = Rectilinear(np.arange(0.0, 360.0, 10.0), latitudes)
    box = (0.0, -180.0, 10.0, 180.0)
    cells = answered(grid.locate(View(crs=Crs("CRS:84"), bbox=box, width=1, height=2)), {})
    assert latitudes[cells.rows].tolist() == [45.0, -45.0]


def test_uneven_axes_change_cells_halfway():
    grid = Rectilinear(np.array([0.0, 1.0, 3.0, 7.0]), np.array([0.0, 1.0, 3.0, 7.0]))
    for find in (column, lambda grid, place: at(grid, 0.0, place)[0]):
        found = [find(grid, place) for place in (-0.6, -0.4, 0.4, 0.6, 1.9, 2.1, 4.9, 5.1, 8.9, 9.1)]
        assert found == [-1, 0, 0, 1, 1, 2, 2, 3, 3, -1]


def test_bounds_that_fit_together_are_the_edges():
    centres = np.array([0.0, 1.0, 3.0])
    bounds = np.array([[-0.2, 0.9], [0.9, 2.9], [2.9, 4.0]])
    grid = Rectilinear(centres, centres, bounds, bounds[:, ::-1])
    for find in (column, lambda grid, place: at(grid, 0.0, place)[0]):
        assert [find(grid, place) for place in (-0.3, -0.1, 0.8, 1.0, 2.8, 3.0, 3.9, 4.1)] == [-1, 0, 0, 1, 1, 2, 2, -1]


@pytest.mark.parametrize(
    "bounds",
    [
        [[-0.5, 0.5], [0.7, 1.5], [1.5, 2.5]],  # a gap
        [[-0.5, 0.8], [0.5, 1.5], [1.5, 2.5]],  # an overlap
        [[0.5, 1.5], [1.5, 2.5], [2.5, 3.5]],  # centres outside
        [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]],  # no width
        [[np.nan, 0.5], [0.5, 1.5], [1.5, 2.5]],
        [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]],
    ],
)
def test_bounds_that_cannot_be_meant_so_are_left_aside(bounds):
    axis = np.array([0.0, 1.0, 2.0])
    grid = Rectilinear(axis, axis, np.array(bounds), np.array(bounds))
    assert [column(grid, place) for place in (-0.6, -0.4, 0.6, 1.4, 2.4, 2.6)] == [-1, 0, 1, 1, 2, -1]
    assert [row(grid, place) for place in (-0.6, -0.4, 0.6, 1.4, 2.4, 2.6)] == [-1, 0, 1, 1, 2, -1]


def test_bounds_in_another_turn_than_their_centres_are_understood():
    centres = np.arange(0.0, 360.0, 90.0)
    bounds = np.stack([(centres - 30.0) % 360.0, (centres + 60.0) % 360.0], axis=1)
    grid = Rectilinear(centres, TENTHS, bounds)
    assert [column(grid, place) for place in (-29.0, 59.0, 61.0, 149.0, 329.0, 331.0)] == [0, 0, 1, 1, 3, 0]


@pytest.mark.parametrize(
    ("longitudes", "latitudes", "half_width", "half_height"),
    [([0.0], [0.0], 0.125, 0.125), ([0.0], [0.0, 2.0], 1.0, 1.0), ([0.0, 3.0], [0.0], 1.5, 1.5)],
)
def test_a_lone_column_or_row_is_as_wide_as_the_cells_of_the_other_axis(longitudes, latitudes, half_width, half_height):
    grid = Rectilinear(np.array(longitudes), np.array(latitudes))
    assert at(grid, -half_width + 1e-3, -half_height + 1e-3) == (0, 0)
    assert at(grid, -half_width - 1e-3, 0.0)[1] == -1
    assert at(grid, 0.0, -half_height - 1e-3)[0] == -1


@pytest.mark.parametrize(
    ("longitudes", "latitudes", "says"),
    [
        ([0.0, np.nan], [0.0, 1.0], "longitude has missing"),
        ([0.0, 1.0], [0.0, np.inf], "latitude has missing"),
        ([0.0, 1.0], [1.0, 1.0], "latitude 1 is repeated"),
        ([0.0, 1.0], [0.0, 2.0, 1.0], "neither rises nor falls"),
        ([0.0, 1.0], [80.0, 100.0], "latitude 100 is beyond"),
        ([0.0, 1.0, 0.0], [0.0, 1.0], "longitude has repeated"),
        ([], [0.0, 1.0], "longitude has shape"),
        ([0.0, 1.0], [[0.0, 1.0]], "latitude has shape"),
    ],
)
def test_axes_that_are_no_grid_are_refused(longitudes, latitudes, says):
    with pytest.raises(ValueError, match=says):
        Rectilinear(np.array(longitudes, dtype=float), np.array(latitudes, dtype=float))


def test_centres_are_those_of_the_file_in_one_convention():
    grid = Rectilinear(np.array([359.0, 0.0, 1.0]), np.array([10.0, 20.0]))
    places = answered(grid.centres(Separable(rows=np.array([1, -1]), columns=np.array([0, 2, -1]))), {})
    np.testing.assert_array_equal(places.longitude, [[-1.0, 1.0, np.nan], [np.nan, np.nan, np.nan]])
    np.testing.assert_array_equal(places.latitude, [[20.0, 20.0, np.nan], [np.nan, np.nan, np.nan]])
    cells = Scattered(rows=np.array([[0, -1]]), columns=np.array([[1, -1]]))
    np.testing.assert_array_equal(answered(grid.centres(cells), {}).latitude, [[10.0, np.nan]])
