"""What a unit counts, read as Prometheus reads it."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import make_app
from tests.gateway.forms import MAP

INFO = MAP | {"REQUEST": "GetFeatureInfo", "QUERY_LAYERS": "sea/thetao", "I": "50", "J": "10"}


@pytest.fixture
async def unit(sea_config, aiohttp_client):
    """Return a client of a unit of its own, which has counted nothing."""
    return await aiohttp_client(make_app(sea_config))


async def counted(client):
    """Return all samples by name and the values of their labels, in the order of the labels' names."""
    text = await (await client.get("/metrics")).text()
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_requests_are_counted_by_protocol_operation_and_status(unit):
    tag = (await unit.get("/wms", params=MAP)).headers["ETag"]
    await unit.get("/wms", params=MAP, headers={"If-None-Match": tag})
    await unit.get("/wms", params=INFO)
    await unit.get("/wms", params=MAP | {"LAYERS": "secret/thing"})
    await unit.get("/wms", params={"REQUEST": "GetSecret"})
    await unit.get("/secret")
    await unit.get("/")
    found = await counted(unit)
    requests = {key[1:]: value for key, value in found.items() if key[0] == "halocline_requests_total"}
    assert requests == {
        ("GetMap", "wms", "200"): 1,
        ("GetMap", "wms", "304"): 1,
        ("GetMap", "wms", "404"): 1,
        ("GetFeatureInfo", "wms", "200"): 1,
        ("none", "wms", "400"): 1,
        ("none", "viewer", "404"): 1,
        ("none", "viewer", "200"): 1,
    }
    assert found["halocline_request_seconds_count", "GetMap", "wms"] == 3


async def test_no_label_names_a_dataset_a_path_or_what_was_asked(unit):
    await unit.get("/wms", params=MAP)
    await unit.get("/wms/secret", params=MAP | {"LAYERS": "secret/thing", "REQUEST": "secret"})
    text = await (await unit.get("/metrics")).text()
    assert "thetao" not in text
    assert "sea" not in text
    assert "secret" not in text


async def test_a_picture_counts_its_reads_and_its_drawing_and_one_that_is_known_neither(unit):
    first = await unit.get("/wms", params=MAP)
    after = await counted(unit)
    assert after["halocline_read_seconds_count",] == after["halocline_chunk_misses_total",] > 0
    assert after["halocline_render_seconds_count",] == 1
    assert 0 < after["halocline_render_seconds_sum",] < after["halocline_request_seconds_sum", "GetMap", "wms"]
    await unit.get("/wms", params=MAP, headers={"If-None-Match": first.headers["ETag"]})
    assert (await counted(unit))["halocline_render_seconds_count",] == 1


async def test_work_that_waits_for_a_thread_is_counted(unit):
    before = (await counted(unit))["halocline_queue_seconds_count",]
    await unit.get("/wms", params={"request": "GetLegendGraphic", "layer": "sea/thetao"})
    assert (await counted(unit))["halocline_queue_seconds_count",] > before


async def test_the_process_and_the_loop_are_watched(unit):
    await unit.get("/health")
    found = await counted(unit)
    assert found["halocline_in_flight",] == 1
    assert found["process_resident_memory_bytes",] > 2**20
    assert found["process_cpu_seconds_total",] > 0
    assert ("halocline_loop_lag_seconds_count",) in found
    assert found["halocline_cancelled_total",] == found["halocline_chunk_evicted_total",] == 0
