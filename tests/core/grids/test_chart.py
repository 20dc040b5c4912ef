"""Charts of curvilinear grids: cells found without a search, where the grid is smooth, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crs import Crs
from core.grids.chart import EMPTY
from core.view import View
from tests.core.grids.charted import Charted, tile, twisted_ocean


def turned():
    """Return the places of a turned grid."""
    across, down = np.meshgrid(np.arange(-60.0, 60.0), np.arange(-50.0, 50.0))
    return 20.0 + 0.08 * across + 0.05 * down, 60.0 + 0.03 * down - 0.02 * across


@pytest.fixture(scope="module")
def region():
    return Charted(*turned())


@pytest.fixture(scope="module")
def torn():
    """The same grid, in which some cells have no place, some are moved, and one is far from all others."""
    longitudes, latitudes = turned()
    longitudes[30:40, 20:50] = np.nan
    latitudes[70:, 80:] += 0.02
    longitudes[0, 0], latitudes[0, 0] = 5.0, 50.0
    return Charted(longitudes, latitudes)


@pytest.mark.parametrize("zoom", [4, 5, 6])
def test_over_the_seam_of_a_grid_that_goes_round_nothing_is_searched(ocean, zoom):
    # The first longitude of the grid is 73 degrees east; two columns are repeated.
    view = tile(zoom, int((73.0 + 180.0) / 360.0 * 2**zoom), int(2**zoom * 0.63))
    counts, cells = ocean.asked(view)
    assert counts.keys() == {"chart"}
    assert {0, 479} <= set(np.unique(cells.columns).tolist()) <= set(range(480))
    assert ocean.wrong(view) == 0


@pytest.mark.parametrize("repeated", [0, 1, 3])
def test_a_grid_begins_again_wherever_its_columns_do(repeated):
    longitudes, latitudes = np.meshgrid(np.arange(100.0 + repeated) * 3.6 + 20.0, np.arange(-40.0, 40.0))
    goes_round = Charted(longitudes, latitudes)
    assert goes_round.layout.period == 100
    view = View(crs=Crs("EPSG:4326"), bbox=(5.0, -30.0, 35.0, 0.0), width=300, height=300)
    assert goes_round.wrong(view) == 0
    assert Charted(longitudes[:, :90], latitudes[:, :90]).layout.period == 0


@pytest.mark.parametrize("zoom", [3, 4, 5])
def test_a_smooth_part_of_a_grid_costs_nothing_but_some_nodes(ocean, zoom):
    view = tile(zoom, int(2**zoom * 0.45), int(2**zoom * 0.63))
    counts, _ = ocean.asked(view)
    assert counts.keys() == {"chart"}
    assert counts["chart"] <= (128 // 2 + 4) ** 2
    assert ocean.wrong(view) == 0


@settings(max_examples=60, deadline=None)
@given(data=st.data(), zoom=st.integers(2, 9), side=st.sampled_from([128, 37]))
def test_a_tile_anywhere_shows_what_a_search_of_each_pixel_does(ocean, data, zoom, side):
    view = tile(zoom, data.draw(st.integers(0, 2**zoom - 1)), data.draw(st.integers(0, 2**zoom - 1)), side)
    assert ocean.wrong(view) == 0


@pytest.mark.parametrize("zoom", [5, 6, 7, 8])
def test_over_missing_moved_and_lonely_cells_a_map_shows_what_a_search_does(torn, zoom):
    first, last = (int((longitude + 180.0) / 360.0 * 2**zoom) for longitude in (4.0, 28.0))
    top, bottom = (
        int((180.0 - np.degrees(np.arctanh(np.sin(np.radians(north))))) / 360.0 * 2**zoom) for north in (63.0, 49.5)
    )
    wrong = [
        torn.wrong(tile(zoom, column, row, side=64))
        for column in range(first, last + 1, 2)
        for row in range(top, bottom + 1)
    ]
    assert max(wrong) == 0


@pytest.mark.parametrize(
    ("crs", "box", "size"),
    [
        ("EPSG:4326", (-30.0, -40.0, 10.0, -20.0), (300, 200)),
        ("EPSG:3857", (-3.0e6, -5.0e6, 2.0e6, -2.0e6), (900, 600)),
        ("EPSG:3395", (-3.0e6, -5.0e6, -2.9e6, -4.9e6), (130, 70)),
        ("EPSG:4326", (170.0, -40.0, 190.0, -30.0), (200, 100)),
        ("EPSG:4326", (60.0, 84.0, 90.0, 90.0), (300, 60)),
        ("EPSG:4326", (-30.0, -90.0, 10.0, -70.0), (200, 100)),
    ],
)
def test_maps_of_any_size_and_shape_of_a_pixel_show_what_a_search_does(ocean, crs, box, size):
    assert ocean.wrong(View(crs=Crs(crs), bbox=box, width=size[0], height=size[1])) == 0


@pytest.mark.parametrize(
    "box", [(13.0, 57.0, 27.0, 63.0), (5.0, 57.0, 21.0, 62.0), (21.0, 58.0, 41.0, 66.0), (-20.0, 60.0, 16.0, 68.0)]
)
def test_over_the_border_of_a_smooth_grid_hardly_anything_is_searched(region, box):
    view = View(crs=Crs("EPSG:4326"), bbox=box, width=280, height=240)
    counts, cells = region.asked(view)
    assert counts.get("candidates", 0) < 0.02 * 280 * 240
    assert 0.2 < (cells.rows < 0).mean() < 1.0
    assert region.wrong(view) == 0


@pytest.mark.parametrize("east", [170.0, 178.4])
@pytest.mark.parametrize("box", [(170.0, 0.0, 220.0, 16.0), (141.0, 6.0, 182.5, 20.0), (179.0, 6.0, 181.0, 7.0)])
def test_a_view_over_what_is_left_open_shows_both_ends_of_a_grid_that_nearly_goes_round(east, box):
    longitudes, latitudes = np.meshgrid(np.linspace(-178.0, east, 350), np.linspace(-20.0, 40.0, 60))
    wide = Charted(longitudes, latitudes + np.sin(longitudes / 20.0))
    assert wide.wrong(View(crs=Crs("EPSG:4326"), bbox=box, width=300, height=100)) == 0


def ring():
    """Return the places of a grid whose rows go round until they meet: what goes on behind the last is far off."""
    turn, radius = np.meshgrid(np.linspace(0.0, 2.0 * np.pi, 200), np.linspace(5.0, 15.0, 40), indexing="ij")
    return 10.0 + radius * np.cos(turn), 30.0 + 0.7 * radius * np.sin(turn)


def bars():
    """Return the places of cells fifty times as long as wide."""
    across, down = np.meshgrid(np.arange(-250.0, 250.0), np.arange(-15.0, 15.0))
    return 20.0 + 0.02 * across + 0.4 * down, 60.0 + 0.6 * down - 0.004 * across


@pytest.mark.parametrize(
    ("places", "crs", "box", "size"),
    [
        (ring, "EPSG:4326", (15.84108838103778, 23.894665246779017, 27.804673199292125, 31.87038845894858), (600, 400)),
        (
            bars,
            "EPSG:3395",
            (2131122.178945733, 9878027.616997331, 3181043.9217092847, 10577975.445506368),
            (200, 133),
        ),
    ],
)
def test_nothing_far_off_and_no_long_cell_moves_what_is_shown(places, crs, box, size):
    assert Charted(*places()).wrong(View(crs=Crs(crs), bbox=box, width=size[0], height=size[1])) == 0


def test_edges_of_large_cells_are_where_a_search_finds_them_between_their_corners():
    coarse = twisted_ocean(240)
    assert coarse.wrong(tile(6, 18, 42)) == 0


@pytest.mark.parametrize("place", [(8, 10, 200), (8, 150, 20)])
def test_of_what_is_far_from_all_cells_nothing_is_searched(torn, place):
    counts, cells = torn.asked(tile(*place))
    assert counts.keys() <= {"chart"}
    assert (cells.rows == -1).all()


def test_south_of_an_ocean_nothing_is_searched(ocean):
    counts, cells = ocean.asked(tile(6, 20, 60))
    assert counts.keys() == {"chart"}
    assert (cells.rows == -1).all()


def test_the_nearer_a_map_the_less_a_chart_may_be_off(ocean):
    off = ocean.arrays["chart"][..., 2]
    assert (off == EMPTY).any()
    good = off[np.isfinite(off) & (off >= 0)]
    assert good.size / off.size > 0.5
    # A pixel of zoom 20 is less than a thousandth of what the chart is off by.
    counts, _ = ocean.asked(tile(20, int(2**20 * 0.45), int(2**20 * 0.63)))
    assert counts.keys() == {"chart", "candidates", "edges"}
