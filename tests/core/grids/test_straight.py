"""Where rows of a curvilinear grid are parallels and columns meridians, and only there, cells are found by two axes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.tripolar import corners_of, tripolar
from core.cells import Separable
from core.crs import Crs
from core.grids.curvilinear import build
from core.grids.patches import with_patches
from core.grids.period import period_of
from core.grids.straightening import straight_of
from core.view import View
from tests.core.grids.charted import Charted, every, tile, tile_at

ROUNDED = 2.3e-5
"""Degrees; edges are in single precision."""
JOIN = 38.0
"""Degrees north, where the generated tripolar grid begins to bend."""


def laid(x, y):
    """Return places and corners of cells between edges `x` and `y`, degrees."""
    places = np.meshgrid((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2)
    x, y = np.meshgrid(x, y)
    four = [
        np.stack([each[:-1, :-1], each[:-1, 1:], each[1:, 1:], each[1:, :-1]], axis=-1)
        for each in ((x + 180.0) % 360.0 - 180.0, y)
    ]
    return (places[0] + 180.0) % 360.0 - 180.0, places[1], tuple(four)


def found_in(longitudes, latitudes, corners=None):
    arrays = with_patches(build(longitudes, latitudes, corners)).arrays
    return straight_of(arrays, period_of(arrays["centres"]))


def steps(first, step, count):
    return first + step * np.arange(count + 1.0)


REGIONS = {
    "northward": (steps(10.0, 0.1, 30), steps(40.0, 0.1, 20)),
    "southward": (steps(10.0, 0.1, 30), steps(42.0, -0.1, 20)),
    "columns run west": (steps(13.0, -0.1, 30), steps(-42.0, 0.1, 20)),
    "over the date line": (steps(178.5, 0.1, 30), steps(-1.0, 0.1, 20)),
    "of uneven cells": (10.0 + 3.0 * np.linspace(0.0, 1.0, 31) ** 2, steps(40.0, 0.1, 20)),
    "round": (steps(73.0, 1.8, 200), steps(-18.0, 1.8, 20)),
    "round, the other way": (steps(73.0, -1.8, 200), steps(18.0, -1.8, 20)),
    "round, a column repeated": (steps(73.0, 1.8, 201), steps(-18.0, 1.8, 20)),
    "round, two columns repeated": (steps(73.0, 1.8, 202), steps(-18.0, 1.8, 20)),
}


@pytest.mark.parametrize(("x", "y"), REGIONS.values(), ids=REGIONS.keys())
def test_where_rows_are_parallels_and_columns_meridians_their_edges_are_found(x, y):
    found = found_in(*laid(x, y))
    assert found.first == 0
    np.testing.assert_allclose(found.latitudes, y, rtol=0.0, atol=ROUNDED)
    off = np.array(found.longitudes) - x[: len(found.longitudes)]
    np.testing.assert_allclose(off - 360.0 * np.round(off / 360.0), 0.0, rtol=0.0, atol=ROUNDED)
    assert len(found.longitudes) == min(x.size, 201)
    if x.size > 201:
        assert abs(found.longitudes[-1] - found.longitudes[0]) == 360.0


def test_without_corners_edges_are_midway_between_centres():
    x, y = REGIONS["southward"]
    found = found_in(*laid(x, y)[:2])
    np.testing.assert_allclose(found.latitudes, y, rtol=0.0, atol=ROUNDED)
    np.testing.assert_allclose(found.longitudes, x, rtol=0.0, atol=ROUNDED)


@pytest.mark.parametrize("corners", [True, False])
def test_the_south_of_a_tripolar_grid_is_straight_and_its_cap_is_not(corners):
    found = found_in(*tripolar(240), corners_of(240) if corners else None)
    assert found.first == 0
    # Mercator: rows are as high as wide, down to about 77 degrees south.
    joint = np.arctanh(np.sin(np.radians(JOIN)))
    rows = round((joint + np.arctanh(np.sin(np.radians(77.0)))) / np.radians(1.5))
    edges = np.degrees(np.arctan(np.sinh(joint + np.radians(1.5) * np.arange(-rows, 1))))
    # Without corners the outer edges are worked out from one side alone; the last row bends where the cap begins.
    inner = slice(None) if corners else slice(1, -1)
    np.testing.assert_allclose(
        found.latitudes[inner], edges[: -1 if corners is False else None][inner], rtol=0.0, atol=ROUNDED
    )


def missing(places, row):
    longitudes, latitudes, corners = places
    longitudes[row, 7] = np.nan
    return longitudes, latitudes, corners


def moved(places, cells):
    """Move one corner of all four cells that have it, by so many cells."""
    longitudes, latitudes, corners = places
    for down, across, corner in ((5, 7, 2), (5, 8, 3), (6, 7, 1), (6, 8, 0)):
        corners[1][down, across, corner] += cells * 0.1
    return longitudes, latitudes, corners


def apart(places, part, axis):
    """Leave a gap of a tenth of a cell."""
    longitudes, latitudes, corners = places
    for each in ((longitudes, latitudes)[axis], corners[axis]):
        each[part] += 0.01
    return longitudes, latitudes, corners


def bent(places, rows):
    longitudes, latitudes, corners = places
    for east, north in ((longitudes, latitudes), corners):
        north[rows] += 0.001 * (east[rows] - 10.0) ** 2
    return longitudes, latitudes, corners


@pytest.mark.parametrize(
    "change",
    [
        lambda places: missing(places, 5),
        lambda places: moved(places, 1 / 50),
        lambda places: apart(places, np.s_[:, 15:], 0),
        lambda places: apart(places, np.s_[12:], 1),
        lambda places: bent(places, np.s_[:]),
        lambda places: bent(places, np.s_[15:]),
    ],
    ids=["a missing cell", "a moved corner", "columns apart", "rows apart", "bent rows", "some bent rows"],
)
def test_a_region_that_is_not_straight_all_over_has_no_straight_part(change):
    assert found_in(*change(laid(*REGIONS["northward"]))) is None


def test_corners_that_are_off_by_less_than_can_be_seen_are_straight():
    longitudes, latitudes, corners = moved(laid(*REGIONS["northward"]), 1 / 2000)
    single = tuple(each.astype(np.float32).astype(np.float64) for each in corners)
    assert found_in(longitudes, latitudes, single) is not None


@pytest.mark.parametrize(("gone", "left"), [((5,), range(6, 20)), ((12,), range(12)), ((6, 13), None)])
def test_all_round_the_longest_run_of_straight_rows_is_taken_if_they_are_eight(gone, left):
    places = laid(*REGIONS["round"])
    for row in gone:
        places = missing(places, row)
    found = found_in(*places)
    assert (None if found is None else range(found.first, found.first + len(found.latitudes) - 1)) == left


MAPPED = {
    "northward": (steps(10.0, 0.1, 120), steps(40.0, 0.1, 100)),
    "southward, over the date line": (steps(174.0, 0.1, 120), steps(50.0, -0.1, 100)),
    "columns run west": (steps(22.0, -0.1, 120), steps(-50.0, 0.1, 100)),
    "round": (steps(73.0, 1.8, 202), steps(-36.0, 1.8, 60)),
}


@pytest.fixture(scope="module")
def mapped():
    """Straight grids, by name."""
    return {name: Charted(*laid(x, y)) for name, (x, y) in MAPPED.items()}


def between(edges, places):
    """Return in which cell each place is, and how far it is from the next edge."""
    order = np.arange(edges.size - 1)
    if edges[0] > edges[-1]:
        edges, order = edges[::-1], order[::-1]
    found = np.concatenate([[-1], order, [-1]])[np.searchsorted(edges, places, side="right")]
    return found, np.abs(places[:, None] - edges).min(axis=1)


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(list(MAPPED)), data=st.data())
def test_a_map_shows_the_cells_between_whose_edges_its_pixels_are(mapped, name, data):
    x, y = MAPPED[name]
    x = x[:201]
    cell = abs(x[1] - x[0])
    width, height = (data.draw(st.integers(2, 150)) for _ in range(2))
    # Of smaller pixels it could be seen that edges of cells are great circles.
    pixel = cell * data.draw(st.floats(0.1 if name == "round" else 0.03, 0.5))
    west, south = (data.draw(st.floats(min(edges) - 10 * cell, max(edges) + 5 * cell)) for edges in (x, y))
    south = min(max(south, -80.0), 85.0 - height * pixel)
    view = View(
        crs=Crs("EPSG:4326"),
        bbox=(west, south, west + width * pixel, south + height * pixel),
        width=width,
        height=height,
    )
    counts, cells = mapped[name].asked(view)
    assert not counts
    assert isinstance(cells, Separable)
    columns, aside = between(np.sort(x), (view.x_centres() - x.min()) % 360.0 + x.min())
    rows, above = between(y, view.y_centres())
    if x[0] > x[-1]:
        columns = np.where(columns < 0, -1, x.size - 2 - columns)
    np.testing.assert_array_equal(cells.rows[above > ROUNDED], rows[above > ROUNDED])
    np.testing.assert_array_equal(cells.columns[aside > ROUNDED], columns[aside > ROUNDED])


@pytest.mark.parametrize("name", MAPPED)
@pytest.mark.parametrize("side", [400, 90])
def test_over_all_ends_of_a_straight_grid_a_map_shows_what_a_search_does(mapped, name, side):
    x, y = MAPPED[name]
    west, south, north = x.min() - 0.5, y.min() - 0.5, y.max() + 0.5
    box = (west, south, min(x.max() + 0.5, west + 350.0), north)
    assert mapped[name].wrong(View(crs=Crs("EPSG:4326"), bbox=box, width=side, height=side)) == 0


@pytest.mark.parametrize("name", ["northward", "columns run west"])
def test_of_a_map_so_near_that_great_circles_are_seen_to_bend_pixels_at_edges_are_searched(mapped, name):
    x, y = MAPPED[name]
    corner = x.min() + 0.3, y.min() + 0.5
    for pixel, off, least, most in ((0.0025, 0.0, 0, 0), (0.0004, 0.05, 0, 0), (0.0004, 0.0, 60, 300)):
        (west, south), side = (end + off - 30 * pixel for end in corner), 60 * pixel
        view = View(crs=Crs("EPSG:4326"), bbox=(west, south, west + side, south + side), width=60, height=60)
        counts, cells = mapped[name].asked(view)
        assert isinstance(cells, Separable) == (most == 0)
        assert least <= counts.get("candidates", 0) <= most
        assert mapped[name].wrong(view) == 0


@pytest.fixture(scope="module")
def south():
    """A tripolar grid with all of its south."""
    return Charted(*tripolar(240), corners_of(240))


PLACES = {
    "seam": (73.0, -40.0),
    "date line": (180.0, -20.0),
    "open sea": (-20.0, -40.0),
    "southern end": (100.0, -76.8),
}


@pytest.mark.parametrize("place", PLACES)
def test_in_the_south_of_an_ocean_nothing_is_asked_for_but_by_the_nearest_maps(south, place):
    for zoom, straight in ((3, True), (4, True), (5, None), (6, None), (8, False)):
        view = tile_at(zoom, *PLACES[place])
        counts, cells = south.asked(view)
        assert isinstance(cells, Separable) == (not counts)
        assert straight in (None, not counts)
        assert south.wrong(view) == 0


@pytest.mark.parametrize("zoom", [4, 5])
def test_over_the_joint_only_what_is_north_of_it_costs_anything(south, zoom):
    view = tile_at(zoom, -20.0, JOIN)
    _, latitudes = view.crs.to_geographic(np.zeros(view.height), view.y_centres())
    north = int((latitudes > JOIN).sum())
    assert 0 < north < view.height
    counts, cells = south.asked(view)
    alone, above = south.asked(view.band(0, north))
    _, below = south.asked(view.band(north, view.height))
    assert counts == alone
    assert isinstance(below, Separable)
    for part in ("rows", "columns"):
        whole = np.concatenate([getattr(above, part), getattr(every(below), part)])
        np.testing.assert_array_equal(getattr(cells, part), whole)
    assert south.wrong(view) == 0


@settings(max_examples=30, deadline=None)
@given(data=st.data(), zoom=st.integers(2, 8), side=st.sampled_from([96, 37]))
def test_a_tile_anywhere_shows_what_a_search_of_each_pixel_does(south, data, zoom, side):
    view = tile(zoom, data.draw(st.integers(0, 2**zoom - 1)), data.draw(st.integers(0, 2**zoom - 1)), side)
    assert south.wrong(view) == 0


def raised(by, bend):
    """Return a grid that goes round, whose first five rows lie so many degrees further north, bent by some."""
    longitudes, latitudes, (x, y) = laid(steps(0.0, 1.8, 200), steps(-36.0, 1.8, 40))
    latitudes[:5] += by
    y[:5] += by + bend * np.sin(np.radians(x[:5]))
    return longitudes, latitudes, (x, y)


def test_rows_over_which_cells_of_a_row_before_lie_are_not_straight():
    # These five lie over the rows from 19 to 26.
    over = Charted(*raised(36.9, 1.0))
    assert (over.layout.straight.first, len(over.layout.straight.latitudes)) == (5, 15)
    for box in ((10.0, -8.0, 90.0, 20.0), (40.0, 2.0, 44.0, 6.0)):
        assert over.wrong(View(crs=Crs("EPSG:4326"), bbox=box, width=80, height=40)) == 0


@pytest.mark.parametrize("pixel", [0.0025, 0.02])
def test_edges_of_cells_far_wider_than_high_bend_away_from_parallels(pixel):
    wide = Charted(*laid(steps(-28.5, 1.9, 30), steps(60.0, 0.05, 200)))
    assert wide.layout.straight is not None
    assert (
        wide.wrong(View(crs=Crs("EPSG:4326"), bbox=(-15.0, 69.0, -12.0, 69.0 + 40 * pixel), width=40, height=40)) == 0
    )


def test_behind_a_gap_beside_straight_rows_nothing_is_guessed():
    longitudes, latitudes, (x, y) = laid(steps(0.0, 1.8, 200), steps(-36.0, 1.8, 40))
    y[15][y[15] > y[15].min() + 1.0] -= 0.9
    gap = Charted(longitudes, latitudes, (x, y))
    assert gap.layout.straight.first == 16
    view = View(crs=Crs("EPSG:4326"), bbox=(15.0, -13.0, 25.0, 3.0), width=40, height=80)
    assert gap.wrong(view) == 0


def test_where_many_cells_have_one_corner_none_of_them_is_guessed():
    # All rows begin at the pole of the grid, where an edge of each first cell has no length.
    pole = Charted(*tripolar(360), corners_of(360))
    box = (73.09740448072664, 38.23530064666676, 73.10513125852376, 38.243027424463875)
    assert pole.wrong(View(crs=Crs("EPSG:4326"), bbox=box, width=40, height=40)) == 0
