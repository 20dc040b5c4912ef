"""Chunks are put together as an array that is indexed cell by cell. Oracle: numpy, over the whole array."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.selection import reading as under_test
from core.selection.cut import cut_of
from core.selection.reading import Reading, blocks, pieces, quickest


@st.composite
def readings(draw):
    rank = draw(st.integers(1, 4))
    shape = [draw(st.integers(1, 9)) for _ in range(rank)]
    chunks = tuple(draw(st.integers(1, length + 2)) for length in shape)
    indices = tuple(
        np.array(draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=length, unique=True)), dtype=np.intp)
        for length in shape
    )
    slots = indices[0].size
    there = draw(st.none() | st.lists(st.booleans(), min_size=slots, max_size=slots).map(np.array))
    held = None if there is None else draw(st.none() | st.lists(st.booleans(), min_size=slots, max_size=slots))
    return tuple(shape), Reading(
        variable="t",
        itemsize=8,
        indices=indices,
        data=chunks,
        series=tuple(draw(st.integers(1, length)) for length in shape),
        there=there,
        held=None if held is None else np.array(held),
    )


@settings(deadline=None)
@given(readings(), st.sampled_from([(8, 64), (40, 100), (10**6, 10**6)]))
def test_blocks_hold_what_the_whole_array_holds(both, sizes):
    shape, reading = both
    array = np.arange(np.prod(shape)).reshape(shape)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(under_test, "BLOCK", sizes[0])
        patch.setattr(under_test, "MOST", sizes[1])
        found = [(block, filled(reading, block, array)) for block in blocks(reading)]
    wanted = array[np.ix_(*reading.indices)]
    if reading.there is not None:
        wanted = np.where(reading.there.reshape(-1, *[1] * (wanted.ndim - 1)), wanted, -1)
    # In row-major order, each in one piece.
    assert np.concatenate([values.ravel() for _, values in found]).tolist() == wanted.ravel().tolist()
    for block, values in found:
        where = tuple(slice(start, start + length) for start, length in zip(block.start, block.shape, strict=True))
        assert (wanted[where] == values).all()


@settings(deadline=None)
@given(readings())
def test_the_chunks_that_are_told_are_those_that_are_read(both):
    _, reading = both
    read = {(piece.copy, piece.chunk) for block in blocks(reading) for piece in pieces(reading, block)}
    assert reading.chunks == len(read)
    sizes = {"data": np.prod(reading.data), "series": np.prod(reading.series)}
    assert reading.bytes == sum(8 * sizes[copy] for copy, _ in read)


def filled(reading, block, array):
    """Fill a block from chunks that are cut out of the array."""
    found = np.full(block.shape, -1)
    for piece in pieces(reading, block):
        size = reading.data if piece.copy == "data" else reading.series
        chunk = np.full(size, -7)
        place = tuple(slice(part * side, (part + 1) * side) for part, side in zip(piece.chunk, size, strict=True))
        part = array[place]
        chunk[tuple(map(slice, part.shape))] = part
        found[piece.into] = chunk[piece.inside]
    return found


def a_field(steps, rows, columns, **more):
    return Reading(
        variable="t",
        itemsize=4,
        indices=(np.arange(steps), np.arange(rows), np.arange(columns)),
        data=(1, 512, 512),
        series=(64, 16, 16),
        there=np.ones(steps, dtype=bool),
        **more,
    )


def test_one_cell_at_many_steps_is_read_from_the_copy_for_series():
    reading = quickest(a_field(640, 1, 1), np.ones(640, dtype=bool))
    assert (reading.chunks, reading.bytes) == (10, 10 * 64 * 16 * 16 * 4)


@pytest.mark.parametrize(("steps", "rows", "columns"), [(1, 400, 400), (10, 512, 512)])
def test_maps_are_read_from_the_maps(steps, rows, columns):
    reading = quickest(a_field(steps, rows, columns), np.ones(steps, dtype=bool))
    assert reading.held is None


def test_steps_that_no_block_holds_are_read_from_the_maps():
    held = np.arange(640) < 576
    reading = quickest(a_field(640, 1, 1), held)
    assert reading.chunks == 9 + 64


def test_no_block_is_larger_than_it_may_be():
    reading = a_field(3, 2000, 4000)
    assert max(np.prod(block.shape) * 4 for block in blocks(reading)) <= under_test.MOST
    ends = {block.start[1] + block.shape[1] for block in blocks(reading)}
    assert ends == {512, 1024, 1536, 2000}


@given(st.lists(st.integers(0, 30), unique=True))
def test_ranges_are_the_indices_they_are_made_of(indices):
    cut = cut_of(np.array(indices, dtype=np.intp))
    assert cut.indices.tolist() == indices
    assert len(cut) == len(indices)


@pytest.mark.parametrize(
    ("indices", "pieces_"),
    [
        ([3, 4, 5], [range(3, 6)]),
        ([5, 4, 3, 2, 1, 0], [range(5, -1, -1)]),
        ([8, 9, 0, 1, 2], [range(8, 10), range(3)]),
        ([0, 2, 4], [range(0, 5, 2)]),
        ([7], [range(7, 8)]),
        ([], []),
    ],
)
def test_two_runs_are_two_ranges(indices, pieces_):
    assert list(map(list, cut_of(np.array(indices, dtype=np.intp)).pieces)) == list(map(list, pieces_))
