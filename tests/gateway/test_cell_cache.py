"""Cells of the last views: searched once, bounded in bytes."""

import asyncio

import numpy as np
import pytest

from core.cells import Scattered, Separable
from core.crs import Crs
from core.grids.base import Wanted
from core.view import View
from gateway.cell_cache import CellCache, ViewKey
from gateway.sampling import Sampler
from gateway.workers import Workers
from stores.cache import ChunkCache


def view(side=8, west=0.0):
    return View(crs=Crs("EPSG:4326"), bbox=(west, 0.0, west + 8.0, 8.0), width=side, height=side)


def key(number, geometry=1):
    return ViewKey(geometry=geometry, shape=(8, 8), view=view(west=float(number)))


def cells(side=8):
    return Scattered(rows=np.zeros((side, side), dtype=np.intp), columns=np.zeros((side, side), dtype=np.intp))


class Chunks:
    """Counts what is read."""

    version = "1"

    def __init__(self):
        self.reads = 0

    async def read(self, array, chunk):
        self.reads += 1
        return np.arange(64, dtype=np.int32).reshape(8, 8, 1)


class Asking:
    """A grid whose cells lie in one array."""

    shape = (8, 8)

    def __init__(self):
        self.searches = 0

    def locate(self, seen):
        self.searches += 1
        whole = np.indices((seen.height, seen.width))
        picked = yield Wanted(array="there", shape=(8, 8), cells=Scattered(rows=whole[0], columns=whole[1]))
        found = picked.values[..., 0].astype(np.intp)
        return Scattered(rows=found // 8, columns=found % 8)


async def located(geometry, kept, times=3):
    workers, grid = Workers(1), Asking()
    sampler = Sampler(
        dataset="d", reader=Chunks(), cache=ChunkCache(2**20), workers=workers, geometry=geometry, cells=kept
    )
    try:
        found = [await sampler.locate("g", grid, view()) for _ in range(times)]
    finally:
        workers.close()
    return found, grid.searches


def test_a_view_that_was_searched_is_not_searched_again():
    kept = CellCache(2**20)
    found, searches = asyncio.run(located({"g": 5}, kept))
    assert searches == 1
    assert (kept.hits, kept.misses) == (2, 1)
    for each in found:
        np.testing.assert_array_equal(each.rows * 8 + each.columns, np.arange(64).reshape(8, 8))


@pytest.mark.parametrize(("geometry", "room"), [({"g": 0}, 2**20), ({"g": 5}, 0)])
def test_nothing_is_kept_of_a_grid_without_a_name_or_without_room(geometry, room):
    kept = CellCache(room)
    _, searches = asyncio.run(located(geometry, kept))
    assert searches == 3
    assert kept.bytes == 0


def test_other_geometry_is_another_view():
    kept = CellCache(2**20)
    kept.keep(key(1, geometry=1), cells())
    assert kept.held(key(1, geometry=2)) is None
    assert kept.held(key(1, geometry=1)) is not None


def test_what_was_asked_for_longest_ago_leaves_first_and_the_bound_is_kept():
    one = cells().rows.nbytes * 2
    kept = CellCache(3 * one)
    for number in range(3):
        kept.keep(key(number), cells())
    assert kept.held(key(0)) is not None
    kept.keep(key(3), cells())
    assert kept.bytes == 3 * one
    assert [kept.held(key(number)) is not None for number in range(4)] == [True, False, True, True]


def test_what_is_kept_cannot_be_changed():
    kept, some = CellCache(2**20), cells()
    kept.keep(key(0), some)
    with pytest.raises(ValueError, match="read-only"):
        some.rows[0, 0] = 1


def test_rows_and_columns_of_their_own_are_not_worth_keeping():
    kept = CellCache(2**20)
    kept.keep(key(0), Separable(rows=np.arange(8), columns=np.arange(8)))
    assert kept.bytes == 0
