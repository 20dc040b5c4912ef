"""Axes in the plane of a projection: where the grid lies, what is separable, what is refused. Oracle: PROJ."""

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.cells import Scattered, Separable
from core.crs import Crs
from core.dataset import ProjectedGrid
from core.extent import Extent
from core.grids.memory import answered
from core.grids.projected import Projected
from core.native import native
from core.view import View

ROTATED = "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=37.5 +lon_0=357.5 +R=6371229"
GEOS = "+proj=geos +h=35785831 +lon_0=0 +sweep=y"


def described(crs, xs, ys, *, unit=1.0, x_bounds=(), y_bounds=()):
    return ProjectedGrid(
        x="x",
        y="y",
        xs=tuple(map(float, xs)),
        ys=tuple(map(float, ys)),
        unit=unit,
        crs=pyproj.CRS.from_user_input(crs).to_wkt(),
        mapping="crs",
        extent=(-180.0, -90.0, 180.0, 90.0),
        x_bounds=x_bounds,
        y_bounds=y_bounds,
    )


def located(grid, crs, box, width=64, height=64):
    return answered(grid.locate(View(crs=Crs(crs), bbox=box, width=width, height=height)), {})


def close(extent, west, south, east, north, within=0.01):
    return np.allclose((extent.west, extent.south, extent.east, extent.north), (west, south, east, north), atol=within)


def test_with_the_pole_inside_a_grid_goes_all_round_and_ends_at_the_pole():
    extent = Projected(described("EPSG:3413", np.arange(-9e5, 1e6, 1e5), np.arange(-9e5, 1e6, 1e5))).surveyed()
    corner = pyproj.Transformer.from_crs("EPSG:3413", "OGC:CRS84", always_xy=True).transform(9.5e5, 9.5e5)
    assert close(extent, -180.0, corner[1], 180.0, 90.0)


def test_beside_the_pole_the_northernmost_place_lies_on_an_edge():
    extent = Projected(described("EPSG:3413", np.arange(-1e6, 1.05e6, 1e5), np.arange(-2e6, -0.15e6, 1e5))).surveyed()
    back = pyproj.Transformer.from_crs("EPSG:3413", "OGC:CRS84", always_xy=True).transform
    assert close(
        extent, back(-1.05e6, -1.5e5)[0], back(1.05e6, -2.05e6)[1], back(1.05e6, -1.5e5)[0], back(0, -1.5e5)[1]
    )


def test_a_pole_beside_the_columns_of_a_grid_is_not_in_it():
    extent = Projected(described("EPSG:3413", np.arange(1e6, 2.05e6, 1e5), np.arange(-1e6, 1.05e6, 1e5))).surveyed()
    back = pyproj.Transformer.from_crs("EPSG:3413", "OGC:CRS84", always_xy=True).transform
    assert close(extent, back(9.5e5, -1.05e6)[0], back(2.05e6, -1.05e6)[1], back(9.5e5, 1.05e6)[0], back(9.5e5, 0)[1])


def test_a_pole_is_found_where_the_way_back_from_beside_it_does_not_settle():
    side = np.arange(-6.3e6, 6.35e6, 1e5)
    extent = Projected(described("+proj=ortho +lat_0=40 +lon_0=-100", side, side)).surveyed()
    assert close(extent, -180.0, -50.0, 180.0, 90.0)


@pytest.mark.parametrize(
    ("crs", "wide", "high", "share"),
    [
        # The areas of the figures: below a cosine, a circle, half an ellipse; over that of the rectangle.
        ("+proj=sinu +R=6371007.181", np.pi, np.pi / 2, 2 / np.pi),
        ("+proj=aeqd +R=6371007.181 +lat_0=0 +lon_0=179", np.pi, np.pi, np.pi / 4),
        ("+proj=moll +R=6371007.181", 2 * np.sqrt(2), np.sqrt(2), np.pi / 4),
    ],
)
def test_a_cell_beyond_the_edge_of_a_map_of_the_world_has_no_centre(crs, wide, high, share):
    xs, ys = (6371007.181 * size * (np.arange(150) + 0.5 - 75) / 75 for size in (wide, high))
    grid = Projected(described(crs, xs, ys))
    rows, columns = np.indices((150, 150))
    places = grid.places(rows, columns)
    there = np.isfinite(places.longitude)
    assert there.mean() == pytest.approx(share, abs=0.005)
    found = answered(grid.locate_places(places.longitude[there], places.latitude[there]), {})
    np.testing.assert_array_equal(found.rows[0], rows[there])
    np.testing.assert_array_equal(found.columns[0], columns[there])


@pytest.mark.parametrize("middle", [0.0, 90.0, 179.0])
def test_a_centre_on_the_seam_of_a_map_has_a_place_at_either_end(middle):
    end = 6378137.0 * np.pi
    crs = f"+proj=merc +R=6378137 +lon_0={middle}"
    grid = Projected(described(crs, np.linspace(-end, end, 9), np.linspace(-end, end, 9)))
    places = grid.places(np.full(9, 4), np.arange(9))
    np.testing.assert_allclose(
        (places.longitude - middle) % 360.0, np.linspace(-180, 180, 9) % 360.0, rtol=0, atol=1e-9
    )


def test_over_the_date_line_a_grid_goes_all_round_without_a_pole():
    extent = Projected(described("+proj=laea +lat_0=10 +lon_0=179", np.arange(-1e6, 1.1e6, 1e5), [0.0, 1e5])).surveyed()
    assert (extent.west, extent.east) == (-180.0, 180.0)
    assert -90.0 < extent.south < extent.north < 20.0


def test_a_disc_seen_from_space_ends_at_its_limb():
    side = np.linspace(-5.6e6, 5.6e6, 57)
    extent = Projected(described(GEOS, side, side)).surveyed()
    # The angle at the centre of the Earth between the point below and the limb, by the tangent to the ellipsoid.
    limb = np.degrees(np.arccos(6378137.0 / (6378137.0 + 35785831.0)))
    assert close(extent, -limb, -81.33, limb, 81.33)


def test_a_rotated_globe_is_the_globe():
    extent = Projected(described(ROTATED, np.arange(0.0, 360.0, 10.0), np.arange(-85.0, 90.0, 10.0))).surveyed()
    assert extent == Extent(west=-180.0, south=-90.0, east=180.0, north=90.0)


def test_a_grid_that_is_nowhere_on_the_earth_is_refused():
    with pytest.raises(ValueError, match="none of its cells lies on the Earth"):
        Projected(described(GEOS, [6e6, 6.1e6], [6e6, 6.1e6])).surveyed()


@pytest.mark.parametrize(
    ("xs", "ys", "says"),
    [
        ([0.0, 1.0, 1.0], [0.0, 1.0], "x 1 is repeated"),
        ([0.0, 1.0], [0.0, 2.0, 1.0], "y neither rises nor falls"),
        ([0.0, np.nan], [0.0, 1.0], "x has missing values"),
        ([], [0.0, 1.0], "x has shape"),
    ],
)
def test_what_is_no_axis_is_refused(xs, ys, says):
    with pytest.raises(ValueError, match=says):
        Projected(described("EPSG:3413", xs, ys))


@pytest.mark.parametrize(
    ("crs", "says"),
    [
        ("not WKT", "PROJ does not understand it"),
        (pyproj.CRS("EPSG:4978").to_wkt(), "a grid needs one of two axes"),
        (pyproj.CRS("EPSG:5714").to_wkt(), "a grid needs one of two axes|PROJ does not"),
    ],
)
def test_what_is_no_plane_is_refused(crs, says):
    with pytest.raises(ValueError, match=says):
        native(crs)


@pytest.mark.parametrize(
    ("grid", "view", "box"),
    [
        ("EPSG:3413", "EPSG:3413", (-2e6, -2e6, 2e6, 2e6)),
        ("+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +ellps=WGS84", "EPSG:3413", (-1e6, -3e6, 3e6, 1e6)),
        ("EPSG:3395", "EPSG:3857", (-3e6, -3e6, 3e6, 3e6)),
        ("EPSG:3395", "EPSG:4326", (-20.0, -20.0, 20.0, 20.0)),
    ],
)
def test_where_axes_are_parallel_rows_and_columns_are_found_apart(grid, view, box):
    side = np.arange(-1.5e6, 1.6e6, 7e4)
    cells = located(Projected(described(grid, side, side[::-1])), view, box)
    assert isinstance(cells, Separable)
    west, south, east, north = box
    x, y = west + (np.arange(64) + 0.5) / 64 * (east - west), north - (np.arange(64) + 0.5) / 64 * (north - south)
    onto = pyproj.Transformer.from_crs(view, grid, always_xy=True).transform
    for at, found, axis in (
        (onto(x, np.full(64, y[32]))[0], cells.columns, side),
        (onto(np.full(64, x[32]), y)[1], cells.rows, side[::-1]),
    ):
        apart = np.abs(np.subtract.outer(at, axis))
        expected = np.where(apart.min(axis=1) <= 3.5e4, apart.argmin(axis=1), -1)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("grid", "view"), [("EPSG:3413", "EPSG:3995"), ("EPSG:3413", "EPSG:3857"), (ROTATED, "EPSG:4326")]
)
def test_where_axes_are_not_parallel_pixels_are_found_one_by_one(grid, view):
    side = np.arange(-20.0, 20.0) * (1.0 if grid == ROTATED else 5e4)
    box = (-10.0, 40.0, 10.0, 80.0) if view == "EPSG:4326" else (-5e5, -5e5, 5e5, 5e5)
    assert isinstance(located(Projected(described(grid, side, side)), view, box), Scattered)


def test_the_other_side_of_the_earth_has_no_cell():
    orthographic = Projected(
        described("+proj=ortho +lat_0=0 +lon_0=0", np.arange(-6e6, 6.1e6, 1e5), np.arange(-6e6, 6.1e6, 1e5))
    )
    cells = located(orthographic, "CRS:84", (-180.0, -90.0, 180.0, 90.0), 72, 36)
    longitude = -177.5 + 5.0 * np.nonzero(cells.rows >= 0)[1]
    assert np.abs(longitude).max() < 90.0
    assert (cells.rows >= 0).sum() > 900


@settings(max_examples=40)
@given(
    west=some.floats(-180.0, 170.0),
    south=some.floats(30.0, 80.0),
    size=some.floats(0.01, 60.0),
)
def test_a_pixel_is_misplaced_by_no_more_than_an_eighth(west, south, size):
    # Cells of a hundredth of a pixel: their numbers tell where a pixel is taken to lie.
    crs = "+proj=lcc +lat_0=60 +lon_0=10 +lat_1=55 +lat_2=70 +ellps=WGS84"
    onto = pyproj.Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform
    north = min(south + size, 89.0)
    view = View(crs=Crs("CRS:84"), bbox=(west, south, west + size, north), width=48, height=40)
    x, y = np.meshgrid(view.x_centres(), view.y_centres())
    at, right, down = onto(x, y), onto(x + size / 48, y), onto(x, y - (north - south) / 40)
    if not np.isfinite([at, right, down]).all():
        return
    low, high = np.min(at, axis=(1, 2)), np.max(at, axis=(1, 2))
    axes = [np.linspace(*ends, 20001) for ends in zip(low, high, strict=True)]
    if any(np.ptp(axis) < 1.0 for axis in axes):
        return
    cells = answered(Projected(described(crs, *axes)).locate(view), {})
    step = [axis[1] - axis[0] for axis in axes]
    shown = cells.rows >= 0
    off = [
        np.where(shown, axis[indices] - place, 0.0)
        for axis, indices, place in zip(axes, (cells.columns, cells.rows), at, strict=True)
    ]
    sides = [(right[0] - at[0], right[1] - at[1]), (down[0] - at[0], down[1] - at[1])]
    area = np.abs(sides[0][0] * sides[1][1] - sides[0][1] * sides[1][0])
    least = area / np.hypot(np.hypot(*sides[0]), np.hypot(*sides[1]))
    # Beside the seam of a cone, the next pixel is on the other side of the plane.
    same = np.maximum(np.hypot(*sides[0]), np.hypot(*sides[1])) < 50 * least
    assert (np.hypot(*off)[same] <= least[same] / 8 + np.hypot(*step)).all()


def test_bounds_of_cells_go_before_the_middles_between_centres():
    bounds = ((0.0, 1e5), (1e5, 4e5))
    grid = Projected(
        described("EPSG:3413", [5e4, 2.5e5], [-5e4, -2.5e5], x_bounds=bounds, y_bounds=((0, -1e5), (-1e5, -4e5)))
    )
    cells = located(grid, "EPSG:3413", (0.0, -4e5, 4e5, 0.0), 4, 4)
    assert (cells.columns.tolist(), cells.rows.tolist()) == ([0, 1, 1, 1], [0, 1, 1, 1])


def test_axes_in_kilometres_and_in_radians_are_those_in_metres():
    side = np.arange(-1e6, 1.01e6, 1e5)
    box = (-2e6, -2e6, 2e6, 2e6)
    for crs, unit in (("EPSG:3413", 1000.0), (GEOS, 35785831.0)):
        metres = located(Projected(described(crs, side, side)), "EPSG:3413" if unit == 1000.0 else "EPSG:3857", box)
        others = located(
            Projected(described(crs, side / unit, side / unit, unit=unit)),
            "EPSG:3413" if unit == 1000.0 else "EPSG:3857",
            box,
        )
        np.testing.assert_array_equal(metres.rows, others.rows)
        np.testing.assert_array_equal(metres.columns, others.columns)
        assert metres.rows.max() > 0


@pytest.mark.parametrize(
    ("view", "box"), [("EPSG:3413", (-6e6, -6e6, 6e6, 6e6)), ("EPSG:3995", (-6e6, -6e6, 6e6, 6e6))]
)
def test_cells_between_pixels_are_counted_by_their_sizes(view, box):
    side = np.arange(-3e6, 3e6, 1e4)
    grid = Projected(described("EPSG:3413", side, side))
    seen = View(crs=Crs(view), bbox=box, width=200, height=200)
    assert grid.cells_apart(seen, answered(grid.locate(seen), {})) == pytest.approx(6.0, rel=0.07)


def over_the_map(part, *, down):
    """Return what is known of rows or columns for each pixel."""
    if part.ndim == 2:
        return part
    return np.broadcast_to(part[:, None] if down else part[None, :], (40, 40))


@pytest.mark.parametrize("factor", [1, 4])
@pytest.mark.parametrize("view", ["EPSG:3413", "EPSG:3995"])
def test_between_centres_lie_the_four_cells_around(view, factor):
    side = np.arange(-8e5, 8e5, 1e5)
    grid = Projected(described("EPSG:3413", side, side[::-1]))
    seen = View(crs=Crs(view), bbox=(-7e5, -7e5, 7e5, 7e5), width=40, height=40)
    around = grid.around(seen, factor)
    onto = pyproj.Transformer.from_crs(view, "EPSG:3413", always_xy=True).transform
    x, y = onto(*np.meshgrid(seen.x_centres(), seen.y_centres()))
    means = side.reshape(-1, factor).mean(axis=1)
    for along, place, axis, down in ((around.columns, x, means, False), (around.rows, y, means[::-1], True)):
        share, low, high = (over_the_map(part, down=down) for part in (along.share, along.low, along.high))
        inside = (place > axis.min()) & (place < axis.max()) & (low >= 0)
        np.testing.assert_allclose((axis[low] + share * (axis[high] - axis[low]))[inside], place[inside], atol=4000.0)
        assert inside.mean() > 0.6


def test_a_projection_that_answers_for_the_antipodes_shows_nothing_there():
    side = np.arange(-6e5, 6.1e5, 2e4)
    words = "+proj=somerc +lat_0=46.95 +lon_0=7.44 +ellps=bessel"
    onto = pyproj.Transformer.from_crs("OGC:CRS84", words, always_xy=True).transform
    # PROJ itself has one point for both.
    assert np.hypot(*np.subtract(onto(7.44 - 180.0, -46.95), onto(7.44, 46.95))) < 6e5
    cells = located(Projected(described(words, side, side)), "CRS:84", (-180.0, -90.0, 180.0, 90.0), 720, 360)
    rows, columns = np.nonzero(cells.rows >= 0)
    assert rows.size > 200
    assert np.abs(-179.75 + columns / 2 - 7.44).max() < 12.0
    assert np.abs(89.75 - rows / 2 - 46.95).max() < 7.0
