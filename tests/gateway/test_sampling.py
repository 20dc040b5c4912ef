"""A search that asks for one thing after another: nobody else waits until it has ended."""

import asyncio
import time

import numpy as np

from core.cells import Scattered
from core.crs import Crs
from core.grids.base import Wanted
from core.view import View
from gateway.sampling import Sampler
from gateway.workers import Workers
from stores.cache import ChunkCache

QUESTIONS = 6


class Chunk:
    """One chunk of zeros."""

    version = "1"

    async def read(self, array, chunk):
        return np.zeros((8, 8, 1), dtype=np.int32)


class Slow:
    """A grid that thinks for three milliseconds about each of its answers, all from one chunk."""

    shape = (8, 8)

    def __init__(self, turns):
        self.turns, self.seen = turns, []

    def locate(self, view):
        whole = np.zeros((view.height, view.width), dtype=np.intp)
        for _ in range(QUESTIONS):
            yield Wanted(array="there", shape=(8, 8), cells=Scattered(rows=whole, columns=whole))
            self.seen.append(len(self.turns))
            until = time.perf_counter() + 0.003
            while time.perf_counter() < until:
                pass
        return Scattered(rows=whole, columns=whole)


def test_a_long_search_of_chunks_in_memory_gives_way_to_others():
    async def searched():
        turns, workers = [], Workers(1)
        grid = Slow(turns)
        sampler = Sampler(dataset="d", reader=Chunk(), cache=ChunkCache(2**20), workers=workers, geometry={"g": 1})
        view = View(crs=Crs("EPSG:4326"), bbox=(0.0, 0.0, 8.0, 8.0), width=8, height=8)

        async def other():
            while True:
                turns.append(None)
                await asyncio.sleep(0)

        try:
            await sampler.locate("g", grid, view)
            beside = asyncio.ensure_future(other())
            await asyncio.sleep(0)
            grid.seen.clear()
            await sampler.locate("g", grid, view)
            beside.cancel()
        finally:
            workers.close()
        return grid.seen

    seen = asyncio.run(searched())
    assert len(seen) == QUESTIONS
    # Each time but the first, when nothing has taken long yet.
    assert np.diff(seen).min() >= 1
