import asyncio

import pytest

from gateway.ranges import RangeKey, Ranges

KEY = RangeKey(dataset="sea", array="overviews/8/thetao", indices=(3, 0), revision=7)


class Reading:
    """Counts how often it is read; waits until it may go on."""

    def __init__(self, found=(1.0, 2.0)):
        self.count = 0
        self.found = found
        self.may = asyncio.Event()

    async def __call__(self):
        self.count += 1
        await self.may.wait()
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


async def test_who_asks_at_the_same_time_shares_one_reading_and_later_ones_none():
    ranges, read = Ranges(), Reading()
    asking = [asyncio.create_task(ranges.of("v1", KEY, read)) for _ in range(5)]
    await asyncio.sleep(0)
    read.may.set()
    assert await asyncio.gather(*asking) == [(1.0, 2.0)] * 5
    assert await ranges.of("v2", KEY, read) == (1.0, 2.0)
    assert read.count == 1


async def test_a_range_of_nothing_is_remembered_too():
    ranges, read = Ranges(), Reading(None)
    read.may.set()
    assert [await ranges.of("v1", KEY, read) for _ in range(2)] == [None, None]
    assert read.count == 1


async def test_a_fault_is_told_to_all_and_remembered_by_none():
    ranges, read = Ranges(), Reading(OSError("gone"))
    read.may.set()
    outcomes = await asyncio.gather(*(ranges.of("v1", KEY, read) for _ in range(3)), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["gone"] * 3
    read.found = (0.0, 1.0)
    assert await ranges.of("v1", KEY, read) == (0.0, 1.0)


async def test_one_who_leaves_disturbs_nobody():
    ranges, read = Ranges(), Reading()
    leaving, staying = (asyncio.create_task(ranges.of("v1", KEY, read)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    read.may.set()
    assert await staying == (1.0, 2.0)
    assert read.count == 1


async def test_a_reading_of_a_collected_version_does_not_fail_one_of_its_successor():
    ranges, old, new = Ranges(), Reading(OSError("collected")), Reading()
    old.may.set(), new.may.set()
    outcomes = await asyncio.gather(ranges.of("v1", KEY, old), ranges.of("v2", KEY, new), return_exceptions=True)
    assert isinstance(outcomes[0], OSError)
    assert outcomes[1] == (1.0, 2.0)


async def test_there_are_never_more_than_so_many():
    ranges, read = Ranges(most=2), Reading()
    read.may.set()
    for revision in (1, 2, 3, 3, 1):
        await ranges.of("v1", KEY._replace(revision=revision), read)
    assert read.count == 4
