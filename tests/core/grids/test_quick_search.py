"""Large views of curvilinear grids: what is interpolated or looked up from afar, and how little is asked for."""

from collections import Counter

import numpy as np
import pytest

from bench.tripolar import corners_of, tripolar
from core.cells import pick
from core.crs import Crs
from core.grids.atlas import levels_of, zoom_levels, zooms_of
from core.grids.base import Extent
from core.grids.chart import maps_of
from core.grids.curvilinear import Curvilinear, build
from core.grids.finished import finished
from core.grids.memory import answered
from core.grids.patches import TILE, with_patches
from core.view import View

COLUMNS = 240
SQUARE = (0.0, -5.0e6, 2.0e6, -3.0e6)
"""Of EPSG:3857, in the South Atlantic, where the grid is as smooth as can be."""


@pytest.fixture(scope="module")
def ocean():
    longitudes, latitudes = tripolar(COLUMNS)
    geometry = build(longitudes, latitudes, corners_of(COLUMNS))
    return longitudes.shape, geometry, finished(longitudes.shape, geometry)


def grid_of(ocean, *, patched, charted=False):
    shape, geometry, whole = ocean
    levels = zoom_levels(zooms_of(whole.arrays), geometry.extent)
    maps = maps_of(levels, whole.layout if charted else None) if patched else None
    return Curvilinear(shape=shape, buckets=geometry.buckets, depth=geometry.depth, extent=geometry.extent, maps=maps)


def asked(grid, view, arrays):
    """Return how many values of each array a view asks for, and its cells."""
    asking, counts = grid.locate(view), Counter()
    try:
        wanted = next(asking)
        while True:
            counts[wanted.array] += wanted.cells.shape[0] * wanted.cells.shape[1]
            wanted = asking.send(pick(wanted.cells, wanted.shape, {(0, 0): arrays[wanted.array]}))
    except StopIteration as end:
        return counts, end.value


def tile(box, crs="EPSG:3857", side=256):
    return View(crs=Crs(crs), bbox=box, width=side, height=side)


def test_a_smooth_part_of_a_grid_costs_some_hundred_cells_for_65536_pixels(ocean):
    counts, quick = asked(grid_of(ocean, patched=True), tile(SQUARE), ocean[2].arrays)
    assert counts["edges"] < 4000
    assert counts["candidates"] < 500
    slow = answered(grid_of(ocean, patched=False).locate(tile(SQUARE)), ocean[1].arrays)
    assert (quick.rows == slow.rows).mean() > 0.999
    assert (quick.columns == slow.columns).mean() > 0.999


@pytest.mark.parametrize(
    ("crs", "box"),
    [
        ("EPSG:3413", (-3.3e6, -3.3e6, 3.3e6, 3.3e6)),
        ("EPSG:3857", (5.0e6, 8.0e6, 1.1e7, 1.4e7)),
        ("EPSG:4326", (60.0, 60.0, 90.0, 90.0)),
        ("EPSG:4326", (-110.0, 84.0, -104.0, 90.0)),
    ],
)
def test_over_the_fold_the_seam_and_the_poles_there_is_no_hole_and_hardly_a_difference(ocean, crs, box):
    view = tile(box, crs, side=200)
    quick = answered(grid_of(ocean, patched=True).locate(view), ocean[2].arrays)
    slow = answered(grid_of(ocean, patched=False).locate(view), ocean[1].arrays)
    np.testing.assert_array_equal(quick.rows >= 0, slow.rows >= 0)
    assert ((quick.rows != slow.rows) | (quick.columns != slow.columns)).mean() < 0.01


def test_a_far_view_asks_for_nothing_but_a_picture_of_the_grid(ocean):
    world = tile((-2.0e7, -1.5e7, 2.0e7, 1.5e7), side=12)
    counts, _ = asked(grid_of(ocean, patched=True), world, ocean[2].arrays)
    assert len(counts) == 1
    assert counts.keys() <= ocean[2].arrays.keys() & {"zoom0", "zoom1", "zoom2"}


def test_what_lies_beyond_such_a_picture_is_searched(ocean):
    view = View(crs=Crs("EPSG:4326"), bbox=(-180.0, -90.0, 180.0, 90.0), width=12, height=20)
    counts, cells = asked(grid_of(ocean, patched=True), view, ocean[2].arrays)
    assert any(array.startswith("zoom") for array in counts)
    assert 0 < counts["candidates"] <= 4 * 12
    assert (cells.rows[0] >= 0).all()


@pytest.mark.parametrize("shape", [(1, 100_000), (50, 60)])
def test_meshes_and_small_grids_have_no_pictures(shape):
    assert levels_of(shape, 100, Extent(west=0.0, south=0.0, east=20.0, north=20.0)) == ()


@pytest.mark.parametrize(
    "extent",
    [
        Extent(west=-180.0, south=60.0, east=180.0, north=90.0),
        Extent(west=10.0, south=84.0, east=12.0, north=84.5),
        Extent(west=10.0, south=-1.0, east=12.0, north=1.0),
        Extent(west=10.0, south=89.0, east=12.0, north=90.0),
    ],
)
def test_pictures_never_take_much_more_room_than_the_grid(extent):
    levels = levels_of((1000, 1000), 7000, extent)
    assert sum(level.shape[0] * level.shape[1] for level in levels[:1]) <= 4.1 * 1000 * 1000
    assert all(min(level.shape) >= 1 for level in levels)


def test_edges_are_those_towards_the_row_before_the_column_after_the_row_after_and_the_column_before(ocean):
    shape, _, found = ocean
    normals = found.arrays["edges"].reshape(*shape, 4, 3)
    longitude, latitude = np.radians(found.arrays["centres"][..., 0]), np.radians(found.arrays["centres"][..., 1])
    level = np.cos(latitude)
    middle = np.stack([level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)], axis=-1)
    inner = np.s_[1:-2, 1:-1]
    broken = np.diff(np.diff(found.arrays["breaks"][..., 0], axis=0), axis=1) > 0
    whole = ~np.repeat(np.repeat(broken, TILE, axis=0), TILE, axis=1)[: shape[0], : shape[1]][inner]
    assert whole.mean() > 0.9
    for edge, (down, across) in enumerate([(-1, 0), (0, 1), (1, 0), (0, -1)]):
        beside = np.roll(middle, (-down, -across), axis=(0, 1))
        # The neighbour on that side is the only one beyond that edge.
        assert ((normals[:, :, edge] * beside).sum(axis=-1)[inner] < 0)[whole].all()


def test_the_grid_is_said_to_break_off_where_it_does_and_nowhere_in_the_open_sea():
    longitudes, latitudes = np.meshgrid(np.arange(64.0), np.arange(-16.0, 16.0))
    whole = with_patches(build(longitudes, latitudes)).arrays["breaks"][..., 0]
    assert whole[-1, -1] == 0
    longitudes[20, 30] = np.nan
    latitudes[:, 50:] += 0.3
    broken = with_patches(build(longitudes, latitudes)).arrays["breaks"][..., 0]
    squares = np.diff(np.diff(broken, axis=0), axis=1)
    assert squares[20 // TILE, 30 // TILE] == 1
    assert squares[:, 49 // TILE : 50 // TILE + 1].any(axis=1).all()
    assert not squares[: 16 // TILE, : 46 // TILE].any()
