"""The small sea, opened for use."""

import asyncio
from dataclasses import replace

import pytest

from core.selection.asked import Box
from gateway.config.downloads import DownloadsConfig
from gateway.writers.downloads import Downloads
from stores.cache import ChunkCache
from tests.gateway.writers.cutting import taken_up
from tests.sea import write_sea

SMALL = Box(west=-20, south=-10, east=20, north=10)


@pytest.fixture(scope="session")
def sea_file(tmp_path_factory):
    """Return the file of the sea: 3 days, 2 levels, 45 x 90 cells, packed."""
    path = tmp_path_factory.mktemp("downloads") / "sea.nc"
    write_sea(path)
    return path


@pytest.fixture
async def sea(sea_file, tmp_path):
    """Return the sea, opened."""
    async with taken_up([sea_file], tmp_path) as dataset:
        yield dataset


@pytest.fixture
async def downloads(tmp_path):
    """Return a maker of netCDF-4 files whose spool is `spool`."""
    made = Downloads(DownloadsConfig(folder=str(tmp_path / "spool"), writers=1, queue=1))
    yield made
    await made.close()


class Never:
    """A reader whose store does not answer."""

    def __init__(self, version):
        self.version = version
        self.asked = asyncio.Event()
        self.waiting = 0

    async def read(self, array, chunk):
        self.asked.set()
        self.waiting += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting -= 1


def unanswered(extraction):
    """Return a request as if it were a large one of a store that does not answer, and its reader."""
    sampler = extraction.reader.sampler
    never = Never(sampler.reader.version)
    silent = replace(sampler, reader=never, cache=ChunkCache(0))
    return replace(extraction, reader=replace(extraction.reader, sampler=silent, kept=2**40)), never
