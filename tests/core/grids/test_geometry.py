"""Grids whose cells are too unlike in size are refused before anything large is made."""

import tracemalloc

import numpy as np
import pytest

from bench.tripolar import tripolar
from core.grids.geometry import build


def square(step):
    return np.meshgrid(np.arange(100) * step, 40 + np.arange(100) * step)


def test_a_grid_of_small_cells_with_a_row_far_away_is_refused_before_memory_is_taken():
    longitudes, latitudes = square(0.0001)
    longitudes[-1] = 60.0
    tracemalloc.start()
    with pytest.raises(ValueError, match="too unlike in size"):
        build(longitudes, latitudes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300e6


def test_one_cell_that_is_out_of_place_is_borne():
    longitudes, latitudes = square(0.1)
    longitudes[50, 50], latitudes[50, 50] = 60.0, -30.0
    assert build(longitudes, latitudes).buckets > 100


def test_what_is_worked_on_never_takes_much_more_room_than_what_is_kept(monkeypatch):
    # Small blocks, so that what is worked on at a time does not count beside a grid of this size.
    for module in ("geometry._BLOCK", "geometry._PAIRS", "vertices._BLOCK", "cubed_sphere._AT_ONCE"):
        monkeypatch.setattr(f"core.grids.{module}", 1 << 11)
    longitudes, latitudes = tripolar(240)
    tracemalloc.start()
    try:
        kept = sum(array.nbytes for array in build(longitudes, latitudes).arrays.values())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2.1 * kept
