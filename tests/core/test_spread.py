import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cells import chunks_of
from core.chunking import sides
from core.spread import spread, usual_ends


@given(st.integers(1, 9000), st.integers(1, 9000), st.integers(1, 20), st.sampled_from([1, 100, 2**20]))
def test_the_cells_chosen_lie_in_the_array_and_in_few_chunks(rows, columns, chunks, cells):
    chosen = spread((rows, columns), chunks=chunks, cells=cells)
    for indices, length in ((chosen.rows, rows), (chosen.columns, columns)):
        assert indices.size
        assert indices.min() >= 0
        assert indices.max() < length
    assert len(chunks_of(chosen, sides((rows, columns)))) <= chunks
    assert chosen.rows.size * chosen.columns.size <= 4 * max(cells, rows, columns)


def test_all_cells_of_a_small_array_are_chosen():
    chosen = spread((300, 700), chunks=16, cells=2**20)
    assert np.array_equal(chosen.rows, np.arange(300))
    assert np.array_equal(chosen.columns, np.arange(700))


def test_of_a_large_array_both_halves_are_chosen_from():
    chosen = spread((8000, 16000), chunks=16, cells=2**20)
    assert chosen.rows.min() < 2000
    assert chosen.rows.max() > 6000
    assert chosen.columns.min() < 4000
    assert chosen.columns.max() > 12000


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([], None),
        ([np.nan, np.inf, -np.inf], None),
        ([4.0, np.nan], (4.0, 4.0)),
        (range(101), (2.0, 98.0)),
    ],
)
def test_the_usual_range_leaves_out_what_is_missing_and_a_fiftieth_at_either_end(values, ends):
    assert usual_ends(np.array(list(values), dtype=np.float32)) == ends
