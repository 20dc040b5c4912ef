"""Which cells are in a box, against a loop over all of them."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core.dataset import RectilinearGrid
from core.problem import Problem
from core.selection.asked import Between, Box, Nearest
from core.selection.cut import along
from core.selection.places import Bounding, columns, rows

GLOBAL = tuple(np.arange(0.0, 360.0, 10.0).tolist())
CENTRED = tuple(np.arange(-180.0, 180.0, 10.0).tolist())


def grid(longitudes, latitudes=(-10.0, 0.0, 10.0)):
    return RectilinearGrid(x="lon", y="lat", longitudes=tuple(longitudes), latitudes=tuple(latitudes))


def box(west, east, south=-90.0, north=90.0):
    return Box(west=west, south=south, east=east, north=north)


def given_out(longitudes, found):
    turns = found.turns or (0,) * len(found.cut)
    return [longitudes[at] + 360 * turn for at, turn in zip(found.cut.indices, turns, strict=True)]


@example(longitudes=CENTRED, west=92.4, width=136.3)
@example(longitudes=GLOBAL, west=-25.0, width=50.0)
@example(longitudes=tuple(reversed(GLOBAL)), west=-25.0, width=50.0)
@given(
    longitudes=st.sampled_from([GLOBAL, CENTRED, tuple(reversed(CENTRED)), tuple(np.arange(70.0, 290.0, 10.0))]),
    west=st.floats(-720, 720),
    width=st.floats(11, 359),
)
def test_columns_are_those_whose_centres_are_in_the_box(longitudes, west, width):
    apart = np.abs(np.mod(np.array(longitudes)[:, None] - [west, west + width] + 5.0, 10.0) - 5.0)
    assume((apart > 0.1).all())
    inside = {at for at, lon in enumerate(longitudes) if (lon - west) % 360.0 <= width}
    assume(inside)
    found = columns(grid(longitudes), box(west, west + width))
    assert set(found.cut.indices.tolist()) == inside
    out = np.diff(given_out(longitudes, found))
    assert (out > 0).all() or (out < 0).all()
    assert (np.abs(out) < 180).all() or len(found.cut) == 1


@pytest.mark.parametrize(
    ("longitudes", "west", "east", "expected"),
    [
        (GLOBAL, -15, 15, [-10, 0, 10]),
        (GLOBAL, 345, 375, [350, 360, 370]),
        (GLOBAL, 345, 15, [350, 360, 370]),
        (GLOBAL, -35, -5, [330, 340, 350]),
        (CENTRED, 165, 195, [170, 180, 190]),
        (CENTRED, 170, -170, [170, 180, 190]),
        (CENTRED, -180, 180, list(CENTRED)),
        (CENTRED, 0, 360, list(CENTRED)),
        ((0.0, 180.0, 360.0), 0, 360, [0, 180, 360]),
        ((0.0, 120.0, 240.0, 360.0), 230, 370, [240, 360]),
        (GLOBAL, 12, 13, [10]),
        (GLOBAL, 10, 10, [10]),
        (GLOBAL, 9.9999, 10.0001, [10]),
    ],
)
def test_columns_run_on_across_the_seam(longitudes, west, east, expected):
    found = columns(grid(longitudes), box(west, east))
    assert given_out(longitudes, found) == expected


@pytest.mark.parametrize(
    ("south", "north", "expected"),
    [(-90, 90, [0, 1, 2]), (-1, 20, [1, 2]), (1, 2, [1]), (6, 7, [2]), (0, 0, [1]), (10, 10, [2])],
)
def test_rows_are_those_whose_centres_are_in_the_box(south, north, expected):
    assert rows(grid(GLOBAL), box(0, 360, south, north)).indices.tolist() == expected


@pytest.mark.parametrize(
    ("asked", "says"),
    [(box(0, 10, 40, 50), "north lies off the grid"), (box(120, 130), "east lies off the grid")],
)
def test_a_box_off_the_grid_is_refused(asked, says):
    some = grid((0.0, 10.0, 20.0))
    with pytest.raises(Problem, match=says):
        (rows if "north" in says else columns)(some, asked)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Between(low=0, high=10), [0, 1]),
        (Between(low=0.494025, high=0.494025), [0]),
        (Between(low=0.494025, high=10), [0, 1]),
        (Between(low=1.6), [2, 3]),
        (Between(high=1.6), [0, 1]),
        (Between(low=2, high=3), [1]),
        (Between(stride=2), [0, 2]),
        (Nearest(value=50.0), [3]),
        (None, [0, 1, 2, 3]),
    ],
)
def test_levels_are_those_between(asked, expected):
    levels = (0.49402499198913574, 1.541375, 12.0, 29.4447)
    assert along(levels, asked, "vertCoord").indices.tolist() == expected


@pytest.mark.parametrize("asked", [Between(low=50, high=60), Between(low=-5, high=-1), Between(low=5, high=4)])
def test_a_range_beyond_the_levels_is_refused_and_says_what_there_is(asked):
    with pytest.raises(Problem, match=r"vertCoord=.* holds nothing: values run from 0\.5 to 30") as refused:
        along((0.5, 10.0, 30.0), asked, "vertCoord")
    assert refused.value.kind == "invalid_dimension"


def test_rows_and_columns_bound_the_cells_of_a_curvilinear_grid():
    generator = np.random.default_rng(3)
    longitudes, latitudes = generator.uniform(-180, 180, (20, 30)), generator.uniform(-80, 80, (20, 30))
    longitudes[4] = np.nan
    found = Bounding(box(170, 185, -20, 20), rings=True)
    for first in (0, 7, 14):
        found.add(longitudes[first : first + 7], latitudes[first : first + 7], first)
    cells = [
        (row, column)
        for row in range(20)
        for column in range(30)
        if -20 <= latitudes[row, column] <= 20
        and any(170 <= longitudes[row, column] + turn <= 185 for turn in (-360, 0, 360))
    ]
    down, across = found.found
    assert (down.indices[0], down.indices[-1]) == (min(cells)[0], max(cells)[0])
    assert (across.indices[0], across.indices[-1]) == (min(c for _, c in cells), max(c for _, c in cells))


def test_no_cell_in_the_box_is_nothing():
    found = Bounding(box(0, 1), rings=True)
    found.add(np.full((2, 2), 50.0), np.zeros((2, 2)), 0)
    assert found.found is None
