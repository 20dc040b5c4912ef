"""OWSLib, a real WMS client library, in both versions."""

import asyncio
import io
import json

import netCDF4
import numpy as np
import pytest
from owslib.wms import WebMapService
from PIL import Image

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module", params=["1.1.1", "1.3.0"])
def wms(served, request):
    return WebMapService(f"{served.address}wms", version=request.param)


def test_owslib_lists_the_layer_with_its_times_and_levels(wms):
    layer = wms["sea/thetao"]
    assert layer.title == "Temperature"
    assert layer.boundingBoxWGS84 == (-180.0, -90.0, 180.0, 90.0)
    assert [float(value) for value in layer.elevations] == [-0.5, -100.0]
    assert layer.timepositions == ["2015-03-01T12:00:00Z/2015-03-03T12:00:00Z/P1D"]
    assert layer.queryable


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:3413"])
@pytest.mark.parametrize("written", ["image/png", "image/jpeg"])
def test_owslib_gets_a_map_in_every_system(wms, crs, written):
    box = {"EPSG:4326": (-180, -90, 180, 90), "EPSG:3857": (-2e7, -1e7, 2e7, 1e7), "EPSG:3413": (-4e6, -4e6, 4e6, 4e6)}
    answer = wms.getmap(
        layers=["sea/thetao"],
        styles=["default-scalar/thermal"],
        srs=crs,
        bbox=box[crs],
        size=(300, 150),
        format=written,
        time="2015-03-02T12:00:00Z",
        elevation="-100",
    )
    picture = Image.open(io.BytesIO(answer.read()))
    assert (picture.size, picture.format.lower()) == ((300, 150), written.removeprefix("image/"))
    assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 20


def test_owslib_asks_for_the_value_under_a_pixel(wms, served):
    answer = wms.getfeatureinfo(
        layers=["sea/thetao"],
        query_layers=["sea/thetao"],
        srs="EPSG:4326",
        bbox=(-180, -90, 180, 90),
        size=(360, 180),
        xy=(190, 60),
        info_format="application/json",
        time="2015-03-02T12:00:00Z",
        elevation="-100",
    )
    told = json.loads(answer.read())["features"][0]
    with netCDF4.Dataset(served.source) as file:
        # The centre of pixel (190, 60) lies at 10.5 E, 29.5 N.
        row, column = int(np.abs(file["lat"][:] - 29.5).argmin()), int(np.abs(file["lon"][:] - 10.5).argmin())
        assert told["properties"]["value"] == pytest.approx(float(file["thetao"][1, 1, row, column]), abs=1e-9)
        assert told["geometry"]["coordinates"] == [float(file["lon"][column]), float(file["lat"][row])]


def test_two_clients_at_once_are_answered_alike(served):
    async def both():
        def one():
            service = WebMapService(f"{served.address}wms", version="1.3.0")
            return service.getmap(
                layers=["sea/thetao"], srs="CRS:84", bbox=(0, 0, 90, 45), size=(256, 128), format="image/png"
            ).read()

        return await asyncio.gather(asyncio.to_thread(one), asyncio.to_thread(one))

    first, second = asyncio.run(both())
    assert first == second
