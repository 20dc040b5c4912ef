"""The cache of decoded chunks: bounded, single flight, and without a memory for faults."""

import asyncio
import contextlib
import timeit

import numpy as np
import pytest

from stores.base import VersionGoneError
from stores.cache import CacheKey, ChunkCache

SIZE = 1000


class Reader:
    """Answers when it is told to."""

    def __init__(self, version="v1", *, held=False):
        self.version = version
        self.reads = 0
        self.answer = lambda array, chunk: np.full(SIZE, chunk[0], dtype=np.int8)
        self.free = asyncio.Event()
        if not held:
            self.free.set()

    async def read(self, array, chunk):
        self.reads += 1
        await self.free.wait()
        return self.answer(array, chunk)


def key(number, revision=0):
    return CacheKey(dataset="phys", array="data/t", chunk=(number,), revision=revision)


def fail(error):
    def answer(array, chunk):
        raise error

    return answer


async def test_a_chunk_is_read_once():
    cache, reader = ChunkCache(10 * SIZE), Reader()
    first = await cache.read(reader, key(1))
    assert await cache.read(reader, key(1)) is first
    assert (reader.reads, cache.hits, cache.misses, cache.bytes, len(cache)) == (1, 1, 1, SIZE, 1)


async def test_a_hit_does_not_wait():
    cache, reader = ChunkCache(10 * SIZE), Reader()
    first = await cache.read(reader, key(1))
    with pytest.raises(StopIteration) as done:
        cache.read(reader, key(1)).send(None)
    assert done.value.value is first


async def test_another_revision_is_another_chunk_and_another_version_is_not():
    cache, reader = ChunkCache(10 * SIZE), Reader()
    first = await cache.read(reader, key(1, revision=7))
    assert await cache.read(Reader("v2"), key(1, revision=7)) is first
    assert await cache.read(reader, key(1, revision=8)) is not first


@pytest.mark.parametrize("room", [0, SIZE, 3 * SIZE, 3 * SIZE + 1])
async def test_it_never_holds_more_bytes_than_it_may(room):
    cache, reader = ChunkCache(room), Reader()
    for number in range(10):
        await cache.read(reader, key(number))
        assert cache.bytes <= room
    assert len(cache) == room // SIZE


async def test_what_was_used_last_leaves_last():
    cache, reader = ChunkCache(2 * SIZE), Reader()
    for number in (1, 2, 1, 3, 1):
        await cache.read(reader, key(number))
    assert reader.reads == 3
    await cache.read(reader, key(2))
    assert reader.reads == 4


async def test_reads_of_one_chunk_at_the_same_time_are_one():
    cache, reader = ChunkCache(10 * SIZE), Reader(held=True)
    reads = [asyncio.create_task(cache.read(reader, key(1))) for _ in range(5)]
    await asyncio.sleep(0)
    reader.free.set()
    found = await asyncio.gather(*reads)
    assert reader.reads == 1
    assert all(chunk is found[0] for chunk in found)
    assert (cache.misses, cache.joined) == (1, 4)


@pytest.mark.parametrize("error", [OSError("disk"), VersionGoneError("v1")])
async def test_a_failure_is_told_to_all_who_wait_and_remembered_by_none(error):
    cache, reader = ChunkCache(10 * SIZE), Reader(held=True)
    answer, reader.answer = reader.answer, fail(error)
    reads = [asyncio.create_task(cache.read(reader, key(1))) for _ in range(3)]
    await asyncio.sleep(0)
    reader.free.set()
    assert await asyncio.gather(*reads, return_exceptions=True) == [error] * 3
    reader.answer = answer
    assert (await cache.read(reader, key(1)))[0] == 1


async def test_a_caller_that_is_cancelled_disturbs_no_other():
    cache, reader = ChunkCache(10 * SIZE), Reader(held=True)
    first, second = [asyncio.create_task(cache.read(reader, key(1))) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    reader.free.set()
    assert (await second)[0] == 1
    assert first.cancelled()
    assert reader.reads == 1


async def test_a_failure_that_nobody_waits_for_is_no_complaint_of_the_loop(caplog):
    cache, reader = ChunkCache(10 * SIZE), Reader(held=True)
    reader.answer = fail(OSError("disk"))
    read = asyncio.create_task(cache.read(reader, key(1)))
    await asyncio.sleep(0)
    read.cancel()
    reader.free.set()
    with pytest.raises(asyncio.CancelledError):
        await read
    await asyncio.sleep(0.01)
    assert not caplog.records


async def test_a_collected_version_does_not_fail_a_read_of_its_successor():
    cache, old, new = ChunkCache(10 * SIZE), Reader("v1", held=True), Reader("v2")
    old.answer = fail(VersionGoneError("v1"))
    waiting = asyncio.create_task(cache.read(old, key(1)))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert (await cache.read(new, key(1)))[0] == 1
    old.free.set()
    with pytest.raises(VersionGoneError):
        await waiting


async def test_an_absent_chunk_is_asked_for_again():
    cache, reader = ChunkCache(10 * SIZE), Reader()
    answer, reader.answer = reader.answer, lambda array, chunk: None
    assert await cache.read(reader, key(1)) is None
    reader.answer = answer
    assert (await cache.read(reader, key(1)))[0] == 1


async def test_a_hit_is_cheap():
    cache, reader, wanted = ChunkCache(10 * SIZE), Reader(), key(1)
    await cache.read(reader, wanted)

    def hit():
        with contextlib.suppress(StopIteration):
            cache.read(reader, wanted).send(None)

    assert min(timeit.repeat(hit, number=1000, repeat=20)) / 1000 < 20e-6


async def test_all_that_is_missing_is_read_at_once_and_comes_in_the_order_asked_for():
    cache, reader = ChunkCache(10 * SIZE), Reader(held=True)
    order = [7, 3, 1, 9, 2, 8, 5, 4, 6]
    asking = asyncio.create_task(cache.read_all(reader, [key(number) for number in order]))
    also = asyncio.create_task(cache.read(reader, key(1)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (reader.reads, cache.misses, cache.joined) == (9, 9, 1)
    reader.free.set()
    assert [chunk[0] for chunk in await asking] == order
    assert (await also)[0] == 1


async def test_one_that_fails_is_told_at_once_and_the_others_are_read_to_their_end():
    cache, reader = ChunkCache(10 * SIZE), Reader(held=True)
    slow = asyncio.create_task(cache.read(reader, key(1)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    hasty = Reader()
    hasty.answer = fail(OSError("cut short"))
    with pytest.raises(OSError, match="cut short"):
        await cache.read_all(hasty, [key(1), key(2)])
    assert not slow.done()
    reader.free.set()
    assert (await slow)[0] == 1
    assert cache.held(key(2)) is None
    hasty.answer = Reader().answer
    assert [chunk[0] for chunk in await cache.read_all(hasty, [key(2)])] == [2]


async def test_who_waits_for_several_and_goes_away_stops_none_of_them():
    cache, reader = ChunkCache(10 * SIZE), Reader(held=True)
    asking = asyncio.create_task(cache.read_all(reader, [key(1), key(2)]))
    await asyncio.sleep(0)
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    reader.free.set()
    assert (await cache.read(reader, key(2)))[0] == 2
    assert (reader.reads, cache.joined) == (2, 1)
