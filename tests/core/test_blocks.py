"""What is picked for a block and spread over the pixels is what is picked pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.blocks import block_of
from core.cells import Picked, Scattered, Separable
from core.crs import Crs
from core.grids.memory import answered
from core.grids.rectilinear import Rectilinear
from core.view import View

SETTINGS = settings(max_examples=100, deadline=None)


@st.composite
def separable(draw):
    lines = (st.lists(st.integers(-1, 9), min_size=1, max_size=12) for _ in range(2))
    rows, columns = (np.array(draw(line), dtype=np.intp) for line in lines)
    return Separable(rows=rows, columns=columns)


@st.composite
def scattered(draw):
    shape = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    rows, columns = (np.array(draw(st.lists(st.integers(-1, 9), min_size=36, max_size=36))) for _ in range(2))
    rows, columns = (each[: shape[0] * shape[1]].reshape(shape) for each in (rows, columns))
    outside = (rows < 0) | (columns < 0)
    return Scattered(rows=np.where(outside, -1, rows), columns=np.where(outside, -1, columns))


def places(cells):
    """Return the row and the column of each pixel's cell."""
    if isinstance(cells, Separable):
        return np.broadcast_arrays(cells.rows[:, None], cells.columns[None, :])
    return cells.rows, cells.columns


def check(cells):
    """Compare what is spread with what numpy's indexing gives; return the block."""
    block = block_of(cells)
    if block is None:
        return None
    rows, columns = places(block.cells)
    outside = (rows < 0) | (columns < 0)
    picked = Picked(values=1000 * rows + columns, absent=outside if outside.any() else None)
    spread, (rows, columns) = block.spread(picked), places(cells)
    there = (rows >= 0) & (columns >= 0)
    assert spread.values.shape == cells.shape
    np.testing.assert_array_equal(spread.values[there], (1000 * rows + columns)[there])
    np.testing.assert_array_equal(np.zeros_like(there) if spread.absent is None else spread.absent, ~there)
    return block


@SETTINGS
@given(separable() | scattered())
def test_each_pixel_gets_what_its_cell_holds(cells):
    check(cells)


@SETTINGS
@given(scattered())
def test_cells_that_no_pixel_shows_are_told_apart(cells):
    block = block_of(cells)
    if block is not None:
        rows, columns = (each[block.seen] for each in places(block.cells))
        shown = cells.rows >= 0
        assert set(zip(rows, columns, strict=True)) == set(zip(cells.rows[shown], cells.columns[shown], strict=True))


@pytest.mark.parametrize(("half", "few"), [(2.0e4, True), (6.0e6, False)])
def test_round_a_pole_as_well(half, few):
    grid = Rectilinear(np.arange(-179.5, 180), np.arange(50.5, 90))
    view = View(crs=Crs("EPSG:3413"), bbox=(-half, -half, half, half), width=120, height=120)
    block = check(answered(grid.locate(view), {}))
    assert block is not None
    assert block.few == few


def test_of_cells_far_apart_there_is_no_block():
    rows = np.array([[0, 900]])
    assert block_of(Scattered(rows=rows, columns=rows)) is None
    assert block_of(Scattered(rows=np.full((2, 2), -1), columns=np.full((2, 2), -1))) is None
