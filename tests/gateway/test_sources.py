"""A unit that serves plain Zarr as it stands, beside what was ingested."""

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
import zarr
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from gateway.app import make_app
from gateway.config.file import ConfigError, parse
from gateway.keys import UNIT
from tests.gateway.wms.test_routes import INFO, MAP

VALUES = np.random.default_rng(5).uniform(0, 30, (3, 90, 180)).astype("f4")
VALUES[:, 40:50, 60:80] = np.nan
LATITUDES, LONGITUDES = np.arange(89.0, -90, -2), np.arange(-179.0, 180, 2)


@pytest.fixture
def cube(tmp_path):
    """Return a folder of plain Zarr, version 2, with three days of one field."""
    path = tmp_path / "cube.zarr"
    root = zarr.open_group(path, mode="w", zarr_format=2)
    arrays = {
        "time": (np.arange(3.0), {"units": "days since 2015-03-01", "standard_name": "time"}),
        "lat": (LATITUDES, {"units": "degrees_north"}),
        "lon": (LONGITUDES, {"units": "degrees_east"}),
        "t": (VALUES, {"units": "degrees_C", "long_name": "Temperature"}),
    }
    for name, (values, attributes) in arrays.items():
        names = ["time", "lat", "lon"] if name == "t" else [name]
        made = root.create_array(
            name,
            shape=values.shape,
            dtype=values.dtype,
            chunks=tuple(min(70, length) for length in values.shape),
            fill_value=np.nan,
            attributes=attributes | {"_ARRAY_DIMENSIONS": names},
        )
        made[...] = values
    zarr.consolidate_metadata(path)
    return path


async def unit(aiohttp_client, source: str, *, folder: Path, **limits: float):
    datasets = [{"id": "cube", "source": source}]
    return await aiohttp_client(make_app(parse({"datasets": datasets, "limits": limits}, name="x", folder=folder)))


async def test_a_folder_of_zarr_is_on_the_map_and_its_values_are_those_of_its_cells(cube, aiohttp_client):
    client = await unit(aiohttp_client, "cube.zarr", folder=cube.parent)
    capabilities = await (await client.get("/wms", params={"SERVICE": "WMS", "REQUEST": "GetCapabilities"})).text()
    assert "<Name>cube/t</Name>" in capabilities
    assert "2015-03-01T00:00:00Z/2015-03-03T00:00:00Z/P1D" in capabilities
    asked = {"LAYERS": "cube/t", "TIME": "2015-03-02T00:00:00Z", "WIDTH": "180", "HEIGHT": "90"}
    answer = await client.get("/wms", params=MAP | asked)
    picture = np.asarray(Image.open(io.BytesIO(await answer.read())).convert("RGBA"))
    assert np.array_equal(picture[..., 3] == 0, np.isnan(VALUES[1]))
    assert len(np.unique(picture[..., :3].reshape(-1, 3), axis=0)) > 100
    for row, column in ((0, 0), (17, 133), (89, 179), (45, 70)):
        place = {"QUERY_LAYERS": "cube/t", "INFO_FORMAT": "application/json", "I": str(column), "J": str(row)}
        found = await (await client.get("/wms", params=INFO | asked | place)).json()
        value = found["features"][0]["properties"]["value"]
        assert value == (None if np.isnan(VALUES[1, row, column]) else pytest.approx(VALUES[1, row, column]))


async def test_the_automatic_range_of_plain_zarr_is_that_of_the_step_shown(cube, aiohttp_client):
    client = await unit(aiohttp_client, "cube.zarr", folder=cube.parent)
    root = zarr.open_group(cube, mode="r+")
    root["t"][1] = VALUES[1] / 10
    details = {"REQUEST": "GetMetadata", "ITEM": "layerDetails", "LAYERNAME": "cube/t", "COLORSCALERANGE": "auto"}
    for day, high in ((1, 30), (2, 3), (3, 30)):
        told = await (await client.get("/wms", params=details | {"TIME": f"2015-03-0{day}T00:00:00Z"})).json()
        assert told["scaleRange"] == [0, high]


async def test_a_zarr_behind_http_is_the_same_map(cube, aiohttp_client):
    site = web.Application()
    site.router.add_static("/cube.zarr", cube)
    async with TestServer(site) as server:
        pictures = []
        for source in (str(cube), str(server.make_url("/cube.zarr"))):
            client = await unit(aiohttp_client, source, folder=cube.parent)
            answer = await client.get("/wms", params=MAP | {"LAYERS": "cube/t"})
            assert answer.status == 200
            pictures.append(await answer.read())
            await client.close()
    assert pictures[0] == pictures[1]


async def test_a_server_that_cannot_be_reached_is_unavailable_not_unknown(aiohttp_client, unused_tcp_port, tmp_path):
    client = await unit(aiohttp_client, f"http://127.0.0.1:{unused_tcp_port}/c.zarr", folder=tmp_path)
    answer = await client.get("/wms", params=MAP | {"LAYERS": "cube/t"})
    assert answer.status == 503
    assert str(unused_tcp_port) not in await answer.text()


async def test_what_cannot_be_served_says_why_and_keeps_nothing_else_from_being_served(aiohttp_client, tmp_path):
    zarr.open_group(tmp_path / "cube.zarr", mode="w")["a"] = np.zeros((3, 4))
    client = await unit(aiohttp_client, "cube.zarr", folder=tmp_path)
    answer = await client.get("/wms", params=MAP | {"LAYERS": "cube/t"})
    body = await answer.text()
    assert answer.status == 404
    assert "cannot be served" in body
    assert str(tmp_path) not in body
    capabilities = await client.get("/wms", params={"SERVICE": "WMS", "REQUEST": "GetCapabilities"})
    assert capabilities.status == 200


async def test_a_map_that_would_read_too_many_cells_is_refused_and_a_smaller_area_is_drawn(cube, aiohttp_client):
    client = await unit(aiohttp_client, "cube.zarr", folder=cube.parent, plain_cells=90 * 180 - 1)
    answer = await client.get("/wms", params=MAP | {"LAYERS": "cube/t"})
    assert answer.status == 413
    assert "a smaller area" in await answer.text()


async def test_a_store_that_is_written_again_is_taken_up_in_the_same_request(cube, aiohttp_client):
    client = await unit(aiohttp_client, "cube.zarr", folder=cube.parent)
    asked = INFO | {"LAYERS": "cube/t", "QUERY_LAYERS": "cube/t", "INFO_FORMAT": "application/json", "I": "3", "J": "3"}
    first = await (await client.get("/wms", params=asked)).json()
    root = zarr.open_group(cube, mode="r+")
    root["t"][...] = VALUES + 100
    zarr.consolidate_metadata(cube)
    later = asked | {"TIME": "2015-03-01T00:00:00Z"}
    second = await (await client.get("/wms", params=later)).json()
    assert first["features"][0]["properties"]["value"] < 31
    assert second["features"][0]["properties"]["value"] > 99


async def test_a_source_that_hangs_keeps_neither_the_others_nor_the_end_waiting(cube, aiohttp_client, monkeypatch):
    monkeypatch.setattr("gateway.app._REFRESH", 0.02)
    hanging = asyncio.Event()

    async def answer(request):
        if hanging.is_set():
            await asyncio.sleep(60)
        path = cube / request.match_info["key"]
        return web.FileResponse(path) if path.is_file() else web.Response(status=404)

    site = web.Application()
    site.router.add_get("/{key:.*}", answer)
    async with TestServer(site) as server:
        datasets = [{"id": "far", "source": str(server.make_url("/"))}, {"id": "near", "source": str(cube)}]
        client = await aiohttp_client(make_app(parse({"datasets": datasets}, name="x", folder=cube.parent)))
        for name in ("far", "near"):
            assert (await client.get("/wms", params=MAP | {"LAYERS": f"{name}/t"})).status == 200
        hanging.set()
        near = client.app[UNIT].served["near"]
        before = (await near.open()).dataset.version
        (cube / ".zmetadata").touch()
        async with asyncio.timeout(5):
            while (await near.open()).dataset.version == before:  # noqa: ASYNC110 -- it changes by itself
                await asyncio.sleep(0.02)
        async with asyncio.timeout(5):
            await client.close()


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("/data/*.nc", False),
        ("cube.zarr", True),
        ("/data/cube.zarr/", True),
        ("/data/cube.zarr/surface", True),
        ("http://example.org/cube", True),
        ("https://example.org/a/cube.zarr?sig=x", True),
    ],
)
def test_the_name_of_a_source_tells_whether_it_is_served_as_it_stands(source, plain, tmp_path):
    dataset = parse({"datasets": [{"id": "a", "source": source}]}, name="x", folder=tmp_path).datasets[0]
    assert dataset.plain is plain
    assert dataset.source == (source if "://" in source else str(tmp_path / source))


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("ftp://example.org/cube.zarr", "no address of plain Zarr"),
        ("http:///cube.zarr", "no address of plain Zarr"),
        ("http://[::1/cube.zarr", "is no address"),
        ("/data/*.zarr", "one Zarr store"),
    ],
)
def test_a_source_that_cannot_be_is_refused_naming_the_key(source, says, tmp_path):
    with pytest.raises(ConfigError, match=r"datasets\.0\.source") as refused:
        parse({"datasets": [{"id": "a", "source": source}]}, name="x", folder=tmp_path)
    assert says in str(refused.value)
