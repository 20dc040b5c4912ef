"""A drawing is shared by all who wait for it, and stops when nobody does."""

import asyncio
from dataclasses import replace

import pytest

from core.crs import Crs
from core.view import View
from gateway.admission import admission
from gateway.app import make_app
from gateway.config.unit import LimitsConfig
from gateway.keys import UNIT
from gateway.metrics import Metrics
from gateway.pictures import Painter, Picture
from gateway.slices import Slice
from gateway.workers import Workers
from stores.cache import ChunkCache


class GatedReader:
    """Reads chunks only once it is let go; counts what is asked of it."""

    def __init__(self, reader):
        self.within = reader
        self.gate = asyncio.Event()
        self.begun = asyncio.Event()
        self.asked = 0
        self.fault = None

    @property
    def version(self):
        return self.within.version

    async def read(self, array, chunk):
        self.asked += 1
        self.begun.set()
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return await self.within.read(array, chunk)


class CountingWorkers(Workers):
    """Counts the pieces of work that are begun."""

    def __init__(self):
        super().__init__(2)
        self.begun, self.handed = [], []

    async def do(self, work, *args, long):
        self.begun.append(work.__name__)
        self.handed += [work.__name__] * long
        return await super().do(work, *args, long=long)


@pytest.fixture
def workers():
    made = CountingWorkers()
    yield made
    made.close()


@pytest.fixture
async def gated(sea_config, workers):
    """Return a painter, a reader that waits, and a picture of what it reads."""
    app = make_app(sea_config)
    opened = await app[UNIT].served["sea"].open()
    reader = GatedReader(opened.sampler.reader)
    source = replace(opened, sampler=replace(opened.sampler, reader=reader, cache=ChunkCache(2**20), workers=workers))
    layer = source.layer("thetao")
    view = View(crs=Crs.parse("CRS:84", "CRS"), bbox=(0.0, -40.0, 80.0, 40.0), width=64, height=64)
    one = Slice(source=source, layer=layer, selection=layer.select(None, None), scale=source.scale(layer))
    picture = Picture(slices=[one], view=view, format="image/png", transparent=True, background=(255, 255, 255))
    yield Painter(workers, admission(LimitsConfig(), Metrics())), reader, picture
    reader.gate.set()


async def test_a_store_that_does_not_answer_keeps_no_tile_of_another_dataset_waiting(gated, workers):
    painter, _, picture = gated
    dead, view = picture.slices[0], picture.view
    sampler = dead.source.sampler
    sound = replace(sampler, reader=sampler.reader.within, cache=ChunkCache(2**20))
    sizes = [replace(view, width=20 + more) for more in range(40)]
    waiting = [asyncio.create_task(painter.paint(replace(picture, view=size))) for size in sizes]
    for _ in range(100):
        await asyncio.sleep(0)
    other = replace(picture, slices=[replace(dead, source=replace(dead.source, sampler=sound))])
    async with asyncio.timeout(LimitsConfig().queue_seconds):
        assert (await painter.paint(other, who="another")).startswith(b"\x89PNG")
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def run_out():
    """Wait until everything that was begun has ended."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


def larger(picture):
    return replace(picture, view=replace(picture.view, width=900, height=900))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
async def test_those_who_ask_for_one_picture_share_a_drawing(gated, interpolation):
    painter, reader, picture = gated
    picture = replace(picture, slices=[replace(picture.slices[0], interpolation=interpolation)])
    asking = [asyncio.create_task(painter.paint(picture)) for _ in range(20)]
    await settle()
    reader.gate.set()
    found = await asyncio.gather(*asking)
    assert len(set(found)) == 1
    assert (reader.asked, painter.joined, painter.dropped) == (1, 19, 0)


async def test_a_drawing_stops_when_nobody_waits_for_it_any_more(gated, workers):
    painter, reader, picture = gated
    asking = [asyncio.create_task(painter.paint(picture)) for _ in range(3)]
    await settle()
    begun = list(workers.begun)
    for one in asking:
        one.cancel()
    done = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in done)
    reader.gate.set()
    await run_out()
    assert painter.dropped == 1
    # Neither colouring nor encoding was begun.
    assert workers.begun == begun
    assert "encode" not in begun


async def test_one_of_two_that_goes_away_disturbs_nobody(gated):
    painter, reader, picture = gated
    impatient, patient = (asyncio.create_task(painter.paint(picture)) for _ in range(2))
    await settle()
    impatient.cancel()
    await settle()
    reader.gate.set()
    assert (await patient).startswith(b"\x89PNG")
    assert impatient.cancelled()
    assert painter.dropped == 0


async def test_who_asks_while_a_drawing_is_being_stopped_gets_one_of_their_own(gated):
    painter, reader, picture = gated
    first = asyncio.create_task(painter.paint(picture))
    await settle()
    first.cancel()
    second = asyncio.create_task(painter.paint(picture))
    await settle()
    reader.gate.set()
    assert (await second).startswith(b"\x89PNG")
    assert first.cancelled()
    # The chunk was under way already, and was not read again.
    assert reader.asked == 1


async def test_a_chunk_that_others_wait_for_is_read_though_one_went_away(gated):
    painter, reader, picture = gated
    other = replace(picture, view=replace(picture.view, width=65))
    gone, staying = asyncio.create_task(painter.paint(picture)), asyncio.create_task(painter.paint(other))
    await settle()
    gone.cancel()
    await settle()
    reader.gate.set()
    assert (await staying).startswith(b"\x89PNG")
    assert (reader.asked, painter.dropped) == (1, 1)


async def test_work_for_the_pool_is_not_begun_for_a_client_that_is_gone(gated, workers):
    painter, reader, picture = gated
    task = asyncio.create_task(painter.paint(larger(picture)))
    await reader.begun.wait()
    task.cancel()
    reader.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await run_out()
    assert not {"pick", "_coloured", "encode"} & set(workers.begun)


@pytest.mark.parametrize(("side", "handed"), [(256, set()), (1100, {"chunks_of", "_coloured", "encode"})])
async def test_of_a_large_map_round_a_pole_all_that_takes_long_is_handed_to_the_pool(gated, workers, side, handed):
    painter, reader, picture = gated
    reader.gate.set()
    view = View(crs=Crs("EPSG:3413"), bbox=(-9e6, -9e6, 9e6, 9e6), width=side, height=side)
    await painter.paint(replace(picture, view=view))
    assert reader.asked
    assert set(workers.handed) == handed


async def test_a_fault_is_told_to_all_who_wait_and_remembered_by_none(gated):
    painter, reader, picture = gated
    reader.fault = OSError("cannot be read")
    asking = [asyncio.create_task(painter.paint(picture)) for _ in range(3)]
    await settle()
    reader.gate.set()
    done = await asyncio.gather(*asking, return_exceptions=True)
    assert [str(one) for one in done] == ["cannot be read"] * 3
    reader.fault = None
    assert (await painter.paint(picture)).startswith(b"\x89PNG")
