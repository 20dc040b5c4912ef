import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stores.plain.blocks import Piece, block_slices


@st.composite
def cuts(draw):
    """Return shapes of an array and of its blocks, and a piece that begins inside the array."""
    dimensions = draw(st.integers(0, 3))
    shape = tuple(draw(st.integers(1, 9)) for _ in range(dimensions))
    unit = tuple(draw(st.integers(1, 10)) for _ in range(dimensions))
    start = tuple(draw(st.integers(0, length - 1)) for length in shape)
    size = tuple(draw(st.integers(1, 10)) for _ in range(dimensions))
    return shape, unit, start, size


@given(cuts())
def test_a_piece_put_together_of_blocks_is_the_slice_of_the_array_and_the_fill_beyond_it(cut):
    shape, unit, start, size = cut
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    piece = Piece(start=start, size=size, shape=shape)
    blocks = {index: array[block_slices(index, unit, shape)] for index in piece.blocks(unit)}
    padded = np.full([length + 10 for length in shape], -1)
    padded[tuple(slice(0, length) for length in shape)] = array
    expected = padded[tuple(slice(first, first + length) for first, length in zip(start, size, strict=True))]
    np.testing.assert_array_equal(piece.assembled(blocks, unit, -1), expected)


@given(cuts())
def test_only_blocks_that_the_piece_touches_are_asked_for(cut):
    shape, unit, start, size = cut
    piece = Piece(start=start, size=size, shape=shape)
    inside = np.zeros(shape, dtype=bool)
    inside[tuple(slice(first, first + length) for first, length in zip(start, size, strict=True))] = True
    assert all(inside[block_slices(index, unit, shape)].any() for index in piece.blocks(unit))
