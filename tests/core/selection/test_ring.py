"""Boxes over the seam of grids whose columns go round: against all rotations of a tripolar grid, by numpy alone."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench.tripolar import tripolar
from core.selection.asked import Box
from core.selection.places import Bounding

COLUMNS = 48
SOUTH, TOP = np.s_[:40], -2
"""Rows below the fold, and the row before the one that the fold repeats."""


def layouts():
    """Return the same grid as models keep it, with the column of the ring that each of its columns is."""
    longitudes, latitudes = (each[:TOP, :COLUMNS] for each in tripolar(COLUMNS))
    orders = {
        "no halo": np.arange(COLUMNS),
        "one column at the end": np.arange(COLUMNS + 1) % COLUMNS,
        "two at the end": np.arange(COLUMNS + 2) % COLUMNS,
        "one at either end": np.arange(-1, COLUMNS + 1) % COLUMNS,
        "two at either end, from the middle": np.arange(-2 + 20, COLUMNS + 2 + 20) % COLUMNS,
        "from east to west": np.arange(COLUMNS - 1, -1, -1),
    }
    return {name: (longitudes[:, order], latitudes[:, order], order) for name, order in orders.items()}


LAYOUTS = layouts()


def taken(longitudes, latitudes, box, *, band=17):
    found = Bounding(box, rings=True)
    for first in range(0, len(longitudes), band):
        found.add(longitudes[first : first + band], latitudes[first : first + band], first)
    return found.found


def inside(longitudes, latitudes, box):
    return (latitudes >= box.south) & (latitudes <= box.north) & ((longitudes - box.west) % 360 <= box.width)


@given(
    layout=st.sampled_from(list(LAYOUTS)),
    west=st.floats(-360, 360),
    width=st.floats(8, 359),
    south=st.floats(-80, 80),
    height=st.floats(5, 60),
)
def test_a_box_over_the_seam_is_the_shortest_run_round_it_with_each_column_once(layout, west, width, south, height):
    longitudes, latitudes, order = LAYOUTS[layout]
    box = Box(west=west, east=west + width, south=south, north=south + height)
    hit = inside(longitudes, latitudes, box).any(axis=0)
    assume(hit.any())
    _, columns = taken(longitudes, latitudes, box)
    of_ring = order[columns.indices]
    assert np.unique(of_ring).size == of_ring.size
    assert set(order[hit]) <= set(of_ring)
    # One after the other round the ring.
    assert set(np.diff(of_ring) % COLUMNS) <= {1 if layout != "from east to west" else COLUMNS - 1}
    wanted = np.isin(np.arange(COLUMNS), order[hit])
    least = min(1 + int(np.flatnonzero(np.roll(wanted, -start))[-1]) for start in np.flatnonzero(wanted))
    assert of_ring.size == least


@pytest.mark.parametrize("layout", LAYOUTS)
def test_places_that_land_has_taken_away_do_not_open_the_ring(layout):
    longitudes, latitudes, order = (each.copy() for each in LAYOUTS[layout])
    gone = np.random.default_rng(2).random((len(longitudes), COLUMNS)) < 0.5
    longitudes[gone[:, order]] = latitudes[gone[:, order]] = np.nan
    seam = float(np.nanmedian(longitudes[SOUTH, 0]))
    box = Box(west=seam - 25.0, east=seam + 25.0, south=-60.0, north=20.0)
    _, columns = taken(longitudes, latitudes, box)
    assert len(columns) in {6, 7}
    assert np.unique(order[columns.indices]).size == len(columns)


def test_a_halo_that_is_not_as_the_columns_it_repeats_is_kept():
    longitudes, latitudes, order = (each.copy() for each in LAYOUTS["one at either end"])
    seam = longitudes[0, 0]
    # Cells that only the halo has a place for.
    latitudes[5:9, -2] = np.nan
    box = Box(west=seam - 25.0, east=seam + 25.0, south=-70.0, north=20.0)
    _, columns = taken(longitudes, latitudes, box)
    assert 0 in columns.indices
    assert set(order[columns.indices]) == set(order[inside(longitudes, latitudes, box).any(axis=0)])


@pytest.mark.parametrize("columns", [np.s_[:40], np.s_[:-2], np.s_[3:9]])
def test_a_part_of_the_earth_is_no_ring(columns):
    longitudes, latitudes = (each[:, columns] for each in LAYOUTS["no halo"][:2])
    ends = float(longitudes[0, -1]), float(longitudes[0, 0])
    box = Box(west=ends[0] - 1.0, east=ends[1] + 1.0, south=-70.0, north=20.0)
    _, found = taken(longitudes, latitudes, box)
    assert found.pieces == (range(longitudes.shape[1]),)


def test_all_longitudes_are_all_columns_with_their_halo():
    longitudes, latitudes, _ = LAYOUTS["one at either end"]
    _, columns = taken(longitudes, latitudes, Box(west=-180.0, east=180.0, south=-70.0, north=20.0))
    assert columns.pieces == (range(COLUMNS + 2),)
