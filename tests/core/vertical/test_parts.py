"""One picture out of several levels is what numpy's indexing of all of them would be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cells import Scattered, Separable
from core.vertical.column import NOWHERE
from core.vertical.parts import joined, parted


@st.composite
def cases(draw):
    """Return a field, a size of chunks, cells, the level that each of them shows, and the chunks never written."""
    count, size = draw(st.integers(1, 5)), (draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    ny, nx, height, width = rng.integers(1, 10, 4)
    rows, columns = rng.integers(0, ny, (height, width)), rng.integers(0, nx, (height, width))
    cells = Scattered(rows=rows, columns=columns)
    if draw(st.booleans()):
        cells = Separable(rows=rows[:, 0], columns=columns[0])
    levels = rng.integers(NOWHERE, count, (height, width))
    absent = {(int(level), (int(row), int(column))) for level, row, column in rng.integers(0, 4, (3, 3))}
    return rng.random((count, ny, nx)), size, cells, levels, absent


@settings(max_examples=200, deadline=None)
@given(cases(), st.booleans())
def test_each_pixel_shows_its_level(case, narrow):
    field, size, cells, levels, absent = case
    rows, columns = cells.rows, cells.columns
    if isinstance(cells, Separable):
        rows, columns = np.broadcast_arrays(rows[:, None], columns[None, :])
    (count, ny, nx), (down, across) = field.shape, size
    # Of a store that is not ours the last chunks may be smaller than the others.
    whole = field if narrow else np.pad(field, ((0, 0), (0, -ny % down), (0, -nx % across)), constant_values=-9.0)
    parts = parted(levels, cells, size, count)
    assert len({(part.level, part.chunk) for part in parts.parts}) == len(parts.parts)
    chunks = {}
    for part in parts.parts:
        row, column = part.chunk
        chunk = whole[part.level, row * down : (row + 1) * down, column * across : (column + 1) * across]
        chunks[part.level, part.chunk] = None if (part.level, part.chunk) in absent else chunk.copy()
    there = levels != NOWHERE
    for level, (row, column) in absent:
        there &= ~((levels == level) & (rows // down == row) & (columns // across == column))
    picked = joined(parts, across, chunks)
    if picked is None:
        assert not there.any()
        return
    np.testing.assert_array_equal(np.zeros_like(there) if picked.absent is None else picked.absent, ~there)
    np.testing.assert_array_equal(picked.values[there], field[levels, rows, columns][there])


@pytest.mark.parametrize("chunk", [(1, 2), (300, 20000)])
def test_nothing_is_read_of_levels_that_no_pixel_shows(chunk):
    cells = Separable(rows=np.array([chunk[0] * 2]), columns=np.array([chunk[1] * 2, chunk[1] * 2 + 1]))
    parts = parted(np.array([[NOWHERE, 7]]), cells, (2, 2), 40)
    assert [(part.level, part.chunk) for part in parts.parts] == [(7, chunk)]
    assert parted(np.full((1, 2), NOWHERE), cells, (2, 2), 40).parts == ()
