"""Series of one cell from a reader that is a table: what is read from where, and what is said of it."""

import asyncio

import numpy as np
import pytest

from core.dataset import Variable
from gateway.sampling import Sampler
from gateway.series import cell_series
from gateway.workers import Workers
from stores.cache import ChunkCache

FIELD = Variable(
    name="t",
    dtype="i2",
    dimensions=("time", "depth", "y", "x"),
    shape=(3, 4, 6),
    chunks=(1, 1, 4, 6),
    attributes={},
    stepped=True,
    grid="g0",
    axes=("depth",),
    series=(2, 2, 2, 3),
)
ROWS = np.array([[10, 2, 102, 0, 0], [20, 0, 100, 0, 0], [30, 1, 101, 0, 0], [40, 3, 999, 0, 0]], dtype=np.int64)
RECORD = np.full((64, 2), -1, dtype=np.int64)
RECORD[:2] = [[100, 101], [102, 103]]
VALUES = np.random.default_rng(1).integers(-999, 999, (4, 3, 4, 6)).astype("i2")
"""By slot, level, row and column."""


class Table:
    """A reader of chunks that are given."""

    version = "V"

    def __init__(self, broken: str = "", absent: str = "") -> None:
        self._broken, self._absent = broken, absent
        self.asked: list[tuple[str, tuple[int, ...]]] = []

    async def read(self, array: str, chunk: tuple[int, ...]) -> np.ndarray | None:
        self.asked.append((array, chunk))
        if array == self._broken:
            raise OSError(f"{array} cannot be read")
        if array == self._absent:
            return None
        if array == "meta/series":
            return RECORD if chunk == (0, 0) else None
        size = FIELD.chunks if array == "data/t" else FIELD.series
        whole = np.zeros([-(-length // side) * side for length, side in zip(VALUES.shape, size, strict=True)], "i2")
        whole[:, :3] = VALUES
        spans = [slice(at * side, (at + 1) * side) for at, side in zip(chunk, size, strict=True)]
        return whole[tuple(spans)]


def read(table: Table, cell: tuple[int, int] = (3, 4), rows: np.ndarray = ROWS):
    cache = ChunkCache(2**20)
    sampler = Sampler(dataset="d", reader=table, cache=cache, workers=Workers(1), geometry={})
    return asyncio.run(cell_series(sampler, FIELD, rows, cell))


@pytest.mark.parametrize("cell", [(0, 0), (3, 4), (3, 5)])
def test_steps_come_from_their_blocks_and_the_others_from_the_maps_in_the_order_asked_for(cell):
    table = Table()
    found = read(table, cell)
    np.testing.assert_array_equal(found.codes, VALUES[ROWS[:, 1]][..., cell[0], cell[1]])
    assert found.written.all()
    row, column = cell[0] // 2, cell[1] // 3
    assert sorted(table.asked) == [
        *[("data/t", (3, level, 0, 0)) for level in range(3)],
        ("meta/series", (0, 0)),
        *[("series/t", (block, level, row, column)) for block in (0, 1) for level in (0, 1)],
    ]


def test_a_dataset_without_the_copy_is_read_from_the_maps():
    table = Table(absent="meta/series")
    np.testing.assert_array_equal(read(table).codes, VALUES[ROWS[:, 1]][..., 3, 4])
    assert {array for array, _ in table.asked} == {"data/t", "meta/series"}


@pytest.mark.parametrize("broken", ["meta/series", "series/t", "data/t"])
def test_what_cannot_be_read_is_an_error_and_never_a_gap(broken):
    with pytest.raises(OSError, match=f"{broken} cannot be read"):
        read(Table(broken=broken))


def test_what_was_never_written_is_told_from_values():
    found = read(Table(absent="data/t"))
    assert found.written.all(axis=1).tolist() == [True, True, True, False]
    assert not found.written[3].any()


def test_no_steps_are_an_empty_series():
    table = Table()
    assert read(table, rows=ROWS[:0]).codes.shape == (0, 3)
    assert table.asked == []
