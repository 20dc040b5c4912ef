"""Grids whose cells are too unlike in size are refused before anything large is made."""

import tracemalloc

import numpy as np
import pytest

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
