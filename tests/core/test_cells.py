"""Picking cells out of chunks is what numpy's indexing of the whole array would be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cells import Scattered, Separable, chunks_of, pick, steps_between

SETTINGS = settings(max_examples=150, deadline=None)


@st.composite
def cases(draw):
    """Return an array, a chunk size, cells of it, and the chunks that were written."""
    ny, nx = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    size = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    trailing = draw(st.sampled_from([(), (3,), (2, 2)]))
    array = np.arange(ny * nx * int(np.prod(trailing)), dtype=draw(st.sampled_from(["i2", "f4"])))
    array = array.reshape(ny, nx, *trailing)
    height, width = draw(st.integers(1, 7)), draw(st.integers(1, 7))

    def indices(n, count):
        return np.array(draw(st.lists(st.integers(-1, n - 1), min_size=count, max_size=count)), dtype=np.intp)

    if draw(st.booleans()):
        cells = Separable(rows=indices(ny, height), columns=indices(nx, width))
    else:
        rows, columns = indices(ny, height * width), indices(nx, height * width)
        outside = (rows < 0) | (columns < 0)
        rows[outside] = columns[outside] = -1
        cells = Scattered(rows=rows.reshape(height, width), columns=columns.reshape(height, width))
    absent = draw(st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=4))
    return array, size, cells, absent


def chunk(array, size, place):
    """Cut a chunk out, whole at the far edge too, as a store returns it."""
    ny, nx = array.shape[:2]
    margin = ((0, size[0] * 13 - ny), (0, size[1] * 13 - nx), *((0, 0),) * (array.ndim - 2))
    whole = np.pad(array, margin, constant_values=77)
    rows, columns = (slice(at * side, (at + 1) * side) for at, side in zip(place, size, strict=True))
    return whole[rows, columns]


def expand(cells):
    if isinstance(cells, Separable):
        return np.broadcast_arrays(cells.rows[:, None], cells.columns[None, :])
    return cells.rows, cells.columns


@SETTINGS
@given(cases())
def test_what_is_picked_is_what_indexing_gives(case):
    array, size, cells, absent = case
    rows, columns = expand(cells)
    needed = chunks_of(cells, size)
    picked = pick(cells, size, {place: None if place in absent else chunk(array, size, place) for place in needed})
    present = (rows >= 0) & (columns >= 0)
    for row, column in absent:
        present &= ~((rows // size[0] == row) & (columns // size[1] == column))
    if picked is None:
        assert not present.any()
        return
    assert picked.values.dtype == array.dtype
    assert picked.values.shape == (*cells.shape, *array.shape[2:])
    assert (picked.absent is None) == bool(present.all())
    if picked.absent is not None:
        np.testing.assert_array_equal(picked.absent, ~present)
    np.testing.assert_array_equal(picked.values[present], array[rows[present], columns[present]])


@SETTINGS
@given(cases())
def test_each_chunk_that_holds_a_cell_is_listed_once_in_row_order(case):
    _, size, cells, _ = case
    rows, columns = expand(cells)
    inside = (rows >= 0) & (columns >= 0)
    expected = sorted(set(zip((rows[inside] // size[0]).tolist(), (columns[inside] // size[1]).tolist(), strict=True)))
    assert chunks_of(cells, size) == expected


@SETTINGS
@given(cases(), st.integers(1, 5))
def test_coarser_cells_are_the_blocks_that_hold_them(case, factor):
    _, _, cells, _ = case
    rows, columns = expand(cells)
    coarse_rows, coarse_columns = expand(cells.coarser(factor))
    np.testing.assert_array_equal(coarse_rows, np.where(rows < 0, -1, np.maximum(rows, 0) // factor))
    np.testing.assert_array_equal(coarse_columns, np.where(columns < 0, -1, np.maximum(columns, 0) // factor))


def test_nothing_written_or_no_cell_is_none():
    nowhere = Scattered(rows=np.full((2, 2), -1), columns=np.full((2, 2), -1))
    assert chunks_of(nowhere, (4, 4)) == []
    assert pick(nowhere, (4, 4), {}) is None
    here = Separable(rows=np.array([0]), columns=np.array([0]))
    assert pick(here, (4, 4), {(0, 0): None}) is None


@pytest.mark.parametrize(
    ("rows", "columns", "steps"),
    [
        ([0, 3, 6, 9], [0, 2, 4, 6], 2.0),
        ([9, 6, 3, 0], [10, 10, 10, 10], 0.0),
        ([-1, -1, 4, 8], [0, 5, 10, 15], 4.0),
        ([358, 359, 0, 1], [0, 1, 2, 3], 1.0),
        ([-1, -1], [-1, -1], 0.0),
        ([5], [7], 0.0),
    ],
)
def test_steps_between_pixels_are_those_of_the_denser_direction(rows, columns, steps):
    rows, columns = np.array(rows), np.array(columns)
    assert steps_between(Separable(rows=rows, columns=columns)) == steps
    grid = np.broadcast_arrays(rows[:, None], columns[None, :])
    outside = (grid[0] < 0) | (grid[1] < 0)
    scattered = Scattered(rows=np.where(outside, -1, grid[0]), columns=np.where(outside, -1, grid[1]))
    if not outside.any():
        assert steps_between(scattered) == steps


def test_steps_along_slanting_grid_lines_are_as_long_as_those_along_straight_ones():
    down, across = np.meshgrid(np.arange(8), np.arange(8), indexing="ij")
    slanting = Scattered(rows=down + across, columns=8 + across - down)
    assert steps_between(slanting) == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("centre", [0.0, 0.37])
@pytest.mark.parametrize(("pixel", "steps"), [(0.01, 0), (1.0, 1), (3.0, 3)])
def test_round_a_pole_columns_that_run_together_are_not_spanned_by_rows(centre, pixel, steps):
    x, y = np.meshgrid((np.arange(-64, 64) + 0.5 + centre) * pixel, (np.arange(-64, 64) + 0.5) * pixel)
    polar = Scattered(
        rows=np.hypot(x, y).astype(np.intp),
        columns=((np.degrees(np.arctan2(x, y)) + 180) / 0.25).astype(np.intp),
    )
    assert steps * 0.95 <= steps_between(polar) <= steps * 1.1
