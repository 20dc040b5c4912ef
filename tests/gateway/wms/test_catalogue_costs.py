"""What capabilities cost a request: counts of calls, which do not grow with the steps of a dataset."""

import asyncio
import gc
import gzip
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from core.layer import layers_of
from core.steps import StepTable
from gateway.app import make_app
from gateway.http import compression
from gateway.keys import UNIT
from gateway.unit import Listing
from gateway.wms import catalogue
from gateway.wms.catalogue import CapabilitiesWriter
from gateway.wms.fragments import dataset_layers
from gateway.wms.layers import dataset_info
from gateway.workers import Workers

ADDRESS = "http://example.org/wms"
HOUR = 3_600_000


@pytest.fixture
async def source(sea_config, aiohttp_client):
    """Return the dataset `sea`, open."""
    client = await aiohttp_client(make_app(sea_config))
    return await client.app[UNIT].served["sea"].open()


@pytest.fixture
def writer(sea_config):
    workers = Workers(1)
    yield CapabilitiesWriter(sea_config, workers)
    workers.close()


def of_steps(source, count):
    """Return the dataset as one of `count` irregular steps, of another version."""
    rows = np.zeros((count, 5), dtype=np.int64)
    rows[:, 0] = np.arange(count) * HOUR + (np.arange(count) % 3) * 60_000
    steps = StepTable(calendar=source.dataset.steps.calendar, rows=rows)
    dataset = replace(source.dataset, steps=steps, version=f"steps-{count}")
    return replace(source, dataset=dataset, offered=layers_of(dataset))


class Calls:
    """Counts the calls of functions, of Python and of C, in this thread."""

    def __init__(self):
        self.count = 0

    def __enter__(self):
        # Whoever listens to the garbage collector is called now and then.
        gc.disable()
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_):
        sys.setprofile(None)
        gc.enable()

    def _called(self, frame, event, argument):
        self.count += event in ("call", "c_call")


async def calls_of_a_request(writer, sources, address=ADDRESS, version="1.3.0"):
    with Calls() as calls:
        await writer.document(Listing(datasets=sources), version, address)
    return calls.count


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
async def test_a_request_costs_the_same_for_ten_steps_and_for_ten_thousand(source, writer, version):
    counts = {}
    for steps in (10, 10_000):
        long = of_steps(source, steps)
        _, document = await writer.document(Listing(datasets=[long]), version, ADDRESS)
        assert document.count(b"T") >= steps
        # Known at an address that was asked before, and put together from fragments for a new one.
        known, new = [ADDRESS] * 3, [f"http://{name}.example.org/wms" for name in "abc"]
        # The least of three, for the loop of a unit has other work now and then.
        counts[steps] = [
            min([await calls_of_a_request(writer, [long], address, version) for address in addresses])
            for addresses in (known, new)
        ]
    assert counts[10] == counts[10_000]
    assert counts[10][0] < counts[10][1]


async def test_the_count_would_see_work_that_grows(source):
    counts = []
    for steps in (10, 1000):
        with Calls() as calls:
            catalogue._written(of_steps(source, steps), "1.3.0", ("CRS:84",))
        counts.append(calls.count)
    assert counts[1] > counts[0] + 900


async def test_two_callers_share_what_is_written_of_a_dataset(source, writer):
    one, other = of_steps(source, 10), of_steps(source, 20)
    other = replace(other, dataset=replace(other.dataset, id="later"))
    await writer.document(Listing(datasets=[one, other]), "1.3.0", ADDRESS)
    written = dict(writer._fragments)
    # A second caller sees one of the two, at an address of its own.
    await writer.document(Listing(datasets=[one]), "1.3.0", f"{ADDRESS}?token=x")
    assert {key: id(text) for key, (_, text) in writer._fragments.items()} == {
        key: id(text) for key, (_, text) in written.items()
    }


async def test_a_layer_more_adds_one_style_to_the_document(source):
    info = dataset_info(source)
    for names in (["thetao"], ["thetao", "t2", "t3"]):
        layers = tuple(replace(info.layers[0], name=f"sea/{name}") for name in names)
        text = dataset_layers(replace(info, layers=layers), "1.3.0")
        assert text.count(b"<Style>") == text.count(b"<LegendURL ") == len(names)
        assert len(text) < 4000 * len(names)


async def test_sets_of_datasets_are_told_apart_by_the_names_and_by_the_versions_of_each(source, writer):
    one, more = of_steps(source, 10), of_steps(source, 20)
    other = replace(one, dataset=replace(one.dataset, id="later"))
    writer._configured["later"] = writer._configured["sea"]
    sets = [[one], [other], [more], [one, other], [other, one], [one, other], [more, other]]
    tags = [(await writer.document(Listing(datasets=found), "1.3.0", ADDRESS))[0] for found in sets]
    assert tags[3] == tags[5]
    assert len(set(tags)) == 6


async def test_a_set_of_datasets_is_named_once(source, writer):
    counts = []
    for _ in range(3):
        with Calls() as calls:
            writer._name([source])
        counts.append(calls.count)
    assert counts[0] > counts[1] == counts[2]


async def test_all_who_ask_first_share_one_joining(source, writer, monkeypatch):
    calls, join = [], catalogue.capabilities
    monkeypatch.setattr(catalogue, "capabilities", lambda *given: calls.append(1) or join(*given))
    listing = Listing(datasets=[of_steps(source, 20_000)])
    answers = await asyncio.gather(*(writer.document(listing, "1.3.0", ADDRESS) for _ in range(5)))
    assert len(answers[0][1]) > catalogue._ON_THE_LOOP
    assert len(set(answers)) == 1
    assert calls == [1]


async def test_one_who_goes_away_does_not_end_the_joining_for_others(source, writer):
    listing = Listing(datasets=[of_steps(source, 20_000)])
    first = asyncio.create_task(writer.document(listing, "1.3.0", ADDRESS))
    await asyncio.sleep(0)
    second = asyncio.create_task(writer.document(listing, "1.3.0", ADDRESS))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second)[1].endswith(b"</WMS_Capabilities>")


async def test_what_nobody_waits_for_any_more_is_not_joined(source, writer, monkeypatch):
    calls, join, told = [], catalogue.capabilities, threading.Event()
    listing = Listing(datasets=[of_steps(source, 20_000)])
    await writer.document(listing, "1.3.0", ADDRESS)

    def joined(service, fragments, about):
        calls.append(about.address)
        assert told.wait(30)
        return join(service, fragments, about)

    monkeypatch.setattr(catalogue, "capabilities", joined)
    gone = [asyncio.create_task(writer.document(listing, "1.3.0", f"http://{name}/wms")) for name in range(50)]
    await asyncio.sleep(0)
    for one in gone:
        one.cancel()
    await asyncio.wait(gone)
    told.set()
    _, found = await writer.document(listing, "1.3.0", "http://49/wms")
    assert b"http://49/wms" in found
    # One was under way already.
    assert len(calls) <= 2
    assert not any(writer._joining.values())


async def test_ten_thousand_irregular_steps_are_packed_into_less_than_sixty_kilobytes(source, writer):
    # To the second, as satellites pass: nothing about them can be guessed.
    rows = np.zeros((10_000, 5), dtype=np.int64)
    rows[:, 0] = (np.arange(10_000) * 6 * 3600 + np.random.default_rng(2015).integers(0, 3600, 10_000)) * 1000
    long = of_steps(source, 1)
    description = long.dataset.description
    dataset = replace(
        long.dataset,
        steps=StepTable(calendar="standard", rows=rows),
        description=replace(description, variables={"thetao": description.variables["thetao"]}),
    )
    _, document = await writer.document(
        Listing(datasets=[replace(long, dataset=dataset, offered=layers_of(dataset))]), "1.3.0", ADDRESS
    )
    packed = compression._gzip(document)
    assert gzip.decompress(packed) == document
    assert document.count(b"T") > 10_000
    assert len(packed) < 60_000


async def test_a_new_version_is_written_anew_and_the_old_one_forgotten(source, writer):
    for steps in (10, 20):
        _, document = await writer.document(Listing(datasets=[of_steps(source, steps)]), "1.3.0", ADDRESS)
    assert list(writer._fragments) == [("sea", "1.3.0")]
    assert document == (await writer.document(Listing(datasets=[of_steps(source, 20)]), "1.3.0", ADDRESS))[1]
