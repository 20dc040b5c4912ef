"""The arithmetic of blocks, against a plain model of what is stored."""

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.chunking import sides
from core.series import CHUNK, NOTHING, SLOTS, WINDOW, chunk_shape, due, empty, held, renewed, wanted

N = 4


def table(steps: dict[int, tuple[int, int]]) -> np.ndarray:
    """Return a step table: by time, slot and revision."""
    rows = [(time, slot, revision, 0, 0) for time, (slot, revision) in sorted(steps.items())]
    return np.array(rows, dtype=np.int64).reshape(-1, 5)


class Store:
    """A model: what each block holds, slot by slot, and how many slots were ever written."""

    def __init__(self) -> None:
        self.steps: dict[int, tuple[int, int]] = {}
        self.blocks: dict[int, list[int | None]] = {}
        self.record = empty(N)
        self.written = 0

    def renew(self, *, again: bool) -> list[int]:
        rows = table(self.steps)
        blocks = due(rows, self.record, again=again)
        for block in blocks:
            content = dict(self.steps.values())
            self.blocks[block] = [content.get(block * N + place) for place in range(N)]
            self.record = renewed(self.record, block, wanted(rows, N)[block])
            self.written += N
        return blocks


CHANGES = st.lists(
    st.tuples(st.sampled_from(["add", "add", "add", "replace", "withdraw", "move"]), st.integers(0, 30), st.booleans()),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(CHANGES)
def test_what_blocks_are_said_to_hold_is_what_they_hold_and_costs_two_slots_a_change_at_most(changes):
    store = Store()
    for revision, (kind, number, again) in enumerate(changes, 1):
        times = sorted(store.steps)
        used = {slot for slot, _ in store.steps.values()}
        free = next(slot for slot in range(100) if slot not in used)
        if kind == "add":
            store.steps[1000 + revision] = (free, revision)
        elif times:
            time = times[number % len(times)]
            slot, _ = store.steps.pop(time)
            if kind == "replace":
                store.steps[time] = (slot, revision)
            elif kind == "move":
                store.steps[time] = (free, revision)
        store.renew(again=again)
        rows = table(store.steps)
        for (_, slot, content, _, _), there in zip(rows.tolist(), held(rows, store.record).tolist(), strict=True):
            kept = store.blocks.get(slot // N)
            assert there == (kept is not None and kept[slot % N] == content)
        assert store.written <= 2 * revision


def test_a_block_is_written_when_it_is_full_and_again_when_half_of_it_is_other():
    store = Store()
    store.steps = {time: (time, time) for time in range(7)}
    assert store.renew(again=False) == [0]
    store.steps[7] = (7, 7)
    assert store.renew(again=True) == [1]
    store.steps[0] = (0, 100)
    assert store.renew(again=True) == []
    store.steps[1] = (1, 101)
    assert store.renew(again=False) == []
    assert store.renew(again=True) == [0]
    assert held(table(store.steps), store.record).all()


def test_a_free_slot_is_recorded_as_nothing_and_read_from_the_maps_once_it_is_used():
    store = Store()
    store.steps = {time: (time, time) for time in range(4)}
    store.renew(again=True)
    del store.steps[3]
    store.steps |= {0: (0, 50), 1: (1, 51)}
    assert store.renew(again=True) == [0]
    assert store.record.tolist() == [[50, 51, 2, NOTHING]]
    store.steps[9] = (3, 52)
    assert held(table(store.steps), store.record).tolist() == [True, True, True, False]


def test_a_dataset_without_steps_has_nothing_to_write_or_read():
    rows = table({})
    assert due(rows, empty(N), again=True) == []
    assert held(rows, empty(N)).shape == (0,)
    assert due(rows, np.ones((3, N), dtype=np.int64), again=True) == []


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 3000),
    st.integers(1, 5000),
    st.sampled_from([(), (1,), (3,), (50,), (2, 7)]),
    st.sampled_from([1, 2, 4, 8]),
)
def test_chunks_and_windows_keep_to_their_size(ny, nx, axes, itemsize):
    maps = (1, *(1 for _ in axes), *sides((ny, nx)))
    shape = chunk_shape((*axes, ny, nx), maps, itemsize, SLOTS)
    assert len(shape) == len(maps)
    assert shape[0] == SLOTS
    assert all(1 <= part <= whole for part, whole in zip(shape[1:], (*axes, *maps[-2:]), strict=True))
    assert prod(shape) * itemsize <= 2 * CHUNK
    assert prod(shape[:-2]) * prod(maps[-2:]) * itemsize <= WINDOW


@pytest.mark.parametrize(
    ("shape", "itemsize", "expected"),
    [
        ((2041, 4320), 2, (64, 73, 60)),
        ((3, 2041, 4320), 2, (64, 3, 73, 20)),
        ((50, 2041, 4320), 2, (64, 4, 73, 15)),
        ((332, 362), 4, (64, 42, 41)),
        ((4, 5), 2, (64, 4, 5)),
    ],
)
def test_sides_divide_those_of_the_maps_where_they_can(shape, itemsize, expected):
    maps = (1, *(1 for _ in shape[:-2]), *sides(shape[-2:]))
    assert chunk_shape(shape, maps, itemsize, SLOTS) == expected
