"""The fold of a tripolar grid: where it is, and what is shown across it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.tripolar import corners_of, tripolar
from core.grids.chart import EMPTY
from core.grids.curvilinear import Curvilinear, build
from core.grids.fold import Fold, fold_of
from core.grids.memory import answered
from core.grids.period import period_of
from tests.core.grids.charted import Charted, every, tile, tile_at

COLUMNS = 80
"""Once round the grids of which only the fold is looked for."""


def on_edges(columns=COLUMNS, *, repeated_row=True, repeated_columns=2):
    """Return a grid whose fold lies on edges of cells."""
    return tuple(each[: None if repeated_row else -1, : columns + repeated_columns] for each in tripolar(columns))


def on_centres(columns=COLUMNS, *, repeated_row=True, repeated_columns=2):
    """Return a grid whose fold lies on centres of cells: a row lies along itself, that before it is repeated."""
    # Every other corner of cells half as large, from those on the fold backwards.
    places = [each[-2::-2, : 2 * columns : 2, 2][::-1] for each in corners_of(2 * columns)]
    if repeated_row:
        places = [np.concatenate([each, each[-2:-1, ::-1]]) for each in places]
    return tuple(np.concatenate([each, each[:, :repeated_columns]], axis=1) for each in places)


def found_in(longitudes, latitudes):
    geometry = build(longitudes, latitudes)
    grid = Curvilinear(shape=longitudes.shape, buckets=geometry.buckets, depth=geometry.depth, extent=geometry.extent)
    centres = geometry.arrays["centres"]
    return fold_of(centres, period_of(centres), lambda places: answered(grid.search.find(places), geometry.arrays))


@pytest.mark.parametrize(
    ("make", "repeated_row", "behind"),
    [(on_edges, True, 3), (on_edges, False, 1), (on_centres, True, 4), (on_centres, False, 2)],
)
@pytest.mark.parametrize("repeated_columns", [0, 2])
def test_a_fold_is_found_with_and_without_what_is_repeated(make, repeated_row, behind, repeated_columns):
    longitudes, latitudes = make(repeated_row=repeated_row, repeated_columns=repeated_columns)
    fold = found_in(longitudes, latitudes)
    assert fold == Fold(rows=2 * longitudes.shape[0] - behind, columns=COLUMNS - 1, period=COLUMNS)


def test_columns_may_begin_anywhere_and_half_of_the_last_row_may_be_land():
    longitudes, latitudes = (np.roll(each, 5, axis=1) for each in on_edges(repeated_columns=0))
    longitudes[-2:, 10:55] = np.nan
    assert found_in(longitudes, latitudes) == Fold(rows=2 * longitudes.shape[0] - 3, columns=9, period=COLUMNS)


def land_behind():
    longitudes, latitudes = on_edges()
    longitudes[-1] = np.nan
    return longitudes, latitudes


@pytest.mark.parametrize(
    "places",
    [
        lambda: np.meshgrid(np.arange(0.0, 360.0, 4.0), np.arange(-40.0, 40.0, 4.0)),
        lambda: np.meshgrid(np.arange(0.0, 360.0, 4.0), np.arange(-40.0, 90.0, 4.0)),
        lambda: np.meshgrid(np.arange(0.0, 80.0, 4.0), np.arange(-40.0, 40.0, 4.0)),
        lambda: tuple(each[-20:, :30] for each in on_edges()),
        lambda: tuple(each[:-12] for each in on_edges()),
        land_behind,
    ],
    ids=["round", "round, over a pole", "a region", "half of a cap", "without its last rows", "land behind"],
)
def test_where_columns_do_not_go_on_in_others_there_is_no_fold(places):
    assert found_in(*places()) is None


@given(
    fold=st.builds(Fold, rows=st.integers(30, 70), columns=st.integers(0, 19), period=st.just(20)),
    places=st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(0, 39), st.floats(0.01, 0.99)), min_size=1, max_size=20),
)
def test_what_is_laid_out_over_the_fold_and_back_is_the_same_cell_or_that_which_repeats_it(fold, places):
    rows = np.array([int(share * ((fold.rows + 2) // 2)) for share, _, _ in places])
    columns = np.array([column % 20 for _, column, _ in places])
    within = np.array([part for _, _, part in places])
    down, across, _ = fold.unfolded(rows + within, columns + within[::-1])
    # All lie in one half, which goes on over the fold.
    assert ((across >= (fold.columns + 1) / 2) & (across <= (fold.columns + 1) / 2 + 10)).all()
    down, across = np.floor(down).astype(np.int32), np.floor(across).astype(np.int32)
    fold.folded(down, across)
    twin = fold.rows - rows, (fold.columns - columns) % 20
    first = (rows < twin[0]) | ((rows == twin[0]) & (columns <= twin[1]))
    np.testing.assert_array_equal(down, np.where(first, rows, twin[0]))
    np.testing.assert_array_equal(across, np.where(first, columns, twin[1]))


@pytest.mark.parametrize("place", [(5, 22, 10), (5, 6, 8), (6, 45, 20)])
def test_over_the_fold_nothing_is_searched(ocean, place):
    counts, cells = ocean.asked(tile(*place))
    assert counts.keys() == {"chart"}
    middle = ocean.layout.fold.rows // 2
    # Both sides of it are shown, by cells that are far apart in the grid.
    beside = np.unique(cells.columns[cells.rows == middle])
    assert beside.size == 0 or np.ptp(beside) > 0
    assert ocean.wrong(tile(*place)) == 0


@pytest.fixture(scope="module", params=[(on_edges, True), (on_edges, False), (on_centres, True), (on_centres, False)])
def folded(request):
    make, repeated_row = request.param
    return Charted(*make(160, repeated_row=repeated_row))


def test_across_any_fold_maps_show_what_a_search_does_and_of_two_cells_the_first(folded):
    fold = folded.layout.fold
    assert (folded.arrays["chart"][..., 2] < EMPTY).any()
    middle = 0
    # In the first one columns of one half end as well where those of the other do, on either side of the fold.
    for place, side in [((2, 0, 1), 256), ((2, 3, 0), 96), ((3, 1, 1), 96), ((4, 11, 5), 96), ((5, 22, 10), 96)]:
        view = tile(*place, side=side)
        cells = every(folded.asked(view)[1])
        shown = cells.rows >= 0
        rows, columns = cells.rows[shown], cells.columns[shown]
        twin = (fold.columns - columns) % fold.period
        assert ((2 * rows < fold.rows) | ((2 * rows == fold.rows) & (columns <= twin))).all()
        assert columns.max(initial=0) < fold.period
        middle += int((rows == fold.rows // 2).sum())
        assert folded.wrong(view) == 0
    assert middle > 0


@pytest.mark.parametrize("rows", [slice(340, 342), slice(340, 341)], ids=["both", "the first of both"])
def test_beside_the_fold_a_cell_without_a_place_shows_nothing(rows):
    # The last row, 341, repeats the one before.
    longitudes, latitudes = tripolar(480)
    place = longitudes[339, 100], latitudes[339, 100]
    longitudes[rows, 100] = np.nan
    missing = Charted(longitudes, latitudes)
    assert missing.layout.fold is not None
    assert [missing.wrong(tile_at(zoom, *place)) for zoom in (4, 5)] == [0, 0]
