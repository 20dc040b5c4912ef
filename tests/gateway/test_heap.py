"""Memory that is free goes back to the system, from the middle of the heap too."""

import asyncio
import ctypes
import gc
import resource
from contextlib import asynccontextmanager, contextmanager

import pytest
from aiohttp import web

from gateway.heap import Heap, used

HOLES, SIZE = 400, 100_000
"""Of 40 MB, each below what the C library maps by itself."""

pytestmark = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library")


@asynccontextmanager
async def looked_after(heap):
    background = heap.background(web.Application())
    await anext(background)
    await asyncio.sleep(0)
    yield
    with pytest.raises(StopAsyncIteration):
        await anext(background)


def holes():
    """Leave holes in the heap, and return what lies between them."""
    return [b"x" * SIZE for _ in range(2 * HOLES)][::2]


@contextmanager
def no_more_files():
    """Let the process open no file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(autouse=True)
def _nothing_free():
    """Give back what tests before have left free: a process that finds room there does not grow."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


async def test_what_is_free_goes_back_once_the_process_has_grown_and_not_before():
    async with looked_after(Heap(grown=3 * HOLES * SIZE, every=0.01)):
        between, before = holes(), used()
        await asyncio.sleep(0.05)
        assert used() > before - HOLES * SIZE / 4
    async with looked_after(Heap(grown=HOLES * SIZE // 2, every=0.01)):
        # A process that has opened all the files it may looks again later.
        with no_more_files():
            await asyncio.sleep(0.03)
        between, before = [between, holes()], used()
        for _ in range(100):
            if used() < before - HOLES * SIZE / 2:
                break
            await asyncio.sleep(0.02)
        assert used() < before - HOLES * SIZE / 2
    assert len(between) == 2
