"""Stores behind a real S3 interface, over a network that fails: what is answered is whole, or named as a fault."""

import asyncio
import datetime as dt
import importlib.util

import numpy as np
import pytest

from bench.faults import FaultyProxy
from bench.objects import BUCKET, SECRET, environment, object_store
from core.dataset import Description, Statistics
from stores.base import VersionGoneError
from stores.codec import encode
from stores.documents import write_description, write_packings, write_sources, write_statistics
from stores.failures import StoreError
from stores.location import Location
from stores.repository import NotPublishedError, StoredDataset
from stores.writer import open_writer

pytestmark = pytest.mark.skipif(importlib.util.find_spec("moto") is None, reason="no moto, which stands in for S3")

SEED = 2014
CHUNKS = 4
SHAPE = (1, 32, 32)
DOCUMENTS = {
    "description": write_description(Description(attributes={}, dimensions={}, variables={})),
    "packings": write_packings(()),
    "sources": write_sources(()),
}
TRANSIENT = ("delay", "internal error", "slow down", "reset", "lost answer", "cut")


@pytest.fixture(scope="module")
def objects():
    with object_store() as address:
        yield address


@pytest.fixture
def proxy(objects, monkeypatch):
    with FaultyProxy(objects, seed=SEED) as proxy:
        for name, value in environment(proxy.address).items():
            monkeypatch.setenv(name, value)
        yield proxy


@pytest.fixture
def location(request):
    return Location.parse(f"s3://{BUCKET}/{request.node.name.translate(str.maketrans('[] ', '---'))}")


def values(number):
    return np.random.default_rng(number).normal(size=SHAPE) + number


def write(writer, number):
    """Let the working state hold `number` in all that it has."""
    count = (CHUNKS, *SHAPE[1:])
    writer.create_array("data/t", shape=count, chunks=SHAPE, dtype="f8", dimensions=("slot", "y", "x"), fill=0)
    writer.put_chunks("data/t", {(slot, 0, 0): encode(values(number)) for slot in range(CHUNKS)})
    writer.put_steps(np.array([[0, 0, number, 0, 0]]))
    one = float(number)
    found = {"t": Statistics(minimum=one, maximum=one, low=one, high=one)}
    for name, text in {**DOCUMENTS, "statistics": write_statistics(found)}.items():
        writer.put_document(name, text)


def publish(location, number, *, collect=False):
    with open_writer(location, "phys") as writer:
        write(writer, number)
        writer.commit("whole")
        writer.publish()
        if collect:
            writer.collect(dt.datetime.now(dt.UTC))


async def look(source):
    """Return the number that a version holds, having read all of it."""
    dataset, reader = await source.open()
    chunks = [await reader.read("data/t", (slot, 0, 0)) for slot in range(CHUNKS)]
    number = dataset.steps[0].revision
    assert dataset.statistics["t"].minimum == number
    for chunk in chunks:
        np.testing.assert_array_equal(chunk, values(number))
    return number


async def settled():
    """Wait for what was given up waiting for."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


async def test_versions_are_whole_over_a_network_that_fails(proxy, location):
    publish(location, 1)
    proxy.kinds, proxy.share = TRANSIENT, 0.1
    said, seen = [], []

    def republish():
        for number in (2, 3):
            while True:
                try:
                    publish(location, number, collect=True)
                    break
                except StoreError as error:
                    said.append(str(error))

    writing = asyncio.create_task(asyncio.to_thread(republish))
    source = StoredDataset(location, "phys")
    while not writing.done():
        try:
            seen.append(await look(source))
        except VersionGoneError:
            continue
        except OSError as error:
            said.append(str(error))
    await writing
    proxy.share = 0.0
    assert await look(StoredDataset(location, "phys")) == 3
    assert seen == sorted(seen)
    assert set(seen) <= {1, 2, 3}
    assert sum(proxy.done.values()) > 5
    assert all("dataset phys" in text and SECRET not in text and "not been published" not in text for text in said)


@pytest.mark.parametrize("kind", ["slow down", "reset", "cut", "stall"])
async def test_a_store_that_cannot_be_read_is_never_absent(proxy, location, kind):
    publish(location, 1)
    proxy.kinds, proxy.share = (kind,), 1.0
    source = StoredDataset(location, "phys", patience=0.3)
    with pytest.raises(OSError, match=f"dataset phys in {location}") as caught:
        await source.open()
    assert not isinstance(caught.value, NotPublishedError)
    assert SECRET not in str(caught.value)
    proxy.share = 0.0
    proxy.release()
    assert await look(StoredDataset(location, "phys")) == 1
    await settled()


@pytest.mark.parametrize("kind", ["reset", "stall"])
async def test_a_chunk_that_cannot_be_read_is_never_a_hole(proxy, location, kind):
    publish(location, 1)
    _, reader = await StoredDataset(location, "phys").open()
    await reader.array("data/t")
    reader._patience = 0.3
    proxy.kinds, proxy.share = (kind,), 1.0
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0\) of data/t cannot be read"):
        await reader.read("data/t", (0, 0, 0))
    proxy.share = 0.0
    proxy.release()
    await settled()


async def test_an_answer_that_breaks_off_is_asked_for_again(proxy, location):
    publish(location, 1)
    _, reader = await StoredDataset(location, "phys").open()
    await reader.array("data/t")
    assert await reader.read("data/t", (1, 0, 0)) is not None
    proxy.kinds, proxy.share, proxy.most = ("cut",), 1.0, 2
    np.testing.assert_array_equal(await reader.read("data/t", (0, 0, 0)), values(1))
    assert proxy.done["cut"] == 2


async def test_the_second_of_two_writers_is_refused(proxy, location):
    publish(location, 1)

    def interrupted():
        with open_writer(location, "phys") as second:
            write(second, 3)
            publish(location, 2)
            second.commit("whole")

    with pytest.raises(StoreError, match=f"dataset phys in {location}: .*run it again"):
        interrupted()
    assert await look(StoredDataset(location, "phys")) == 2
    publish(location, 3)
    assert await look(StoredDataset(location, "phys")) == 3


async def test_what_was_never_published_is_told_from_what_is_not_there(proxy, location):
    with pytest.raises(NotPublishedError):
        await StoredDataset(location, "phys").open()
    with pytest.raises(OSError, match="s3://none/at/all") as caught:
        await StoredDataset(Location.parse("s3://none/at/all"), "phys").open()
    assert not isinstance(caught.value, NotPublishedError)
