"""A layer that lies in a group of its file: dataset/group/variable. Oracle: netCDF4."""

import io
import xml.etree.ElementTree as ET

import netCDF4
import numpy as np
import pytest
from PIL import Image

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

ASKED = {"service": "WMS", "version": "1.3.0", "crs": "CRS:84", "styles": "", "layers": "l3/PRODUCT/DETAILS/ssha"}
ASKED |= {"bbox": "-5,5,35,35", "width": "400", "height": "300", "format": "image/png"}


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "l3.nc"
    with netCDF4.Dataset(path, "w") as file:
        group = file.createGroup("PRODUCT")
        for name, values in (("time", [0, 1]), ("lat", [10, 20, 30]), ("lon", [0, 10, 20, 30])):
            group.createDimension(name, len(values))
            group.createVariable(name, "f8", (name,))[:] = values
        group["time"].units = "days since 2020-01-01"
        field = group.createGroup("DETAILS").createVariable("ssha", "i2", ("time", "lat", "lon"), fill_value=-1)
        field.scale_factor = 0.25
        field[:] = np.arange(24).reshape(2, 3, 4) / 4
        field[0, 0, 0] = np.ma.masked
    return path


@pytest.fixture
async def client(tmp_path, source, aiohttp_client):
    ingest(Location.parse(str(tmp_path / "store")), "l3", [source], crew=Processes(0), report=lambda _: None)
    raw = {"store": "store", "datasets": [{"id": "l3", "source": "l3.nc"}]}
    return await aiohttp_client(make_app(parse(raw, name="test", folder=tmp_path)))


async def test_capabilities_name_the_layer_by_its_path(client):
    answer = await client.get("/wms", params={"service": "WMS", "request": "GetCapabilities", "version": "1.3.0"})
    names = [name.text for name in ET.fromstring(await answer.text()).iter("{http://www.opengis.net/wms}Name")]
    assert "l3/PRODUCT/DETAILS/ssha" in names


async def test_feature_info_gives_the_value_of_the_file(client, source):
    query = ASKED | {"request": "GetFeatureInfo", "query_layers": ASKED["layers"], "info_format": "application/json"}
    with netCDF4.Dataset(source) as file:
        values = file["PRODUCT/DETAILS/ssha"][:]
    for day, row, column in [(0, 0, 1), (0, 2, 3), (1, 0, 0), (1, 1, 2)]:
        where = {"i": str(50 + 100 * column), "j": str(250 - 100 * row), "time": f"2020-01-0{day + 1}"}
        answer = await client.get("/wms", params=query | where)
        assert answer.status == 200, await answer.text()
        (feature,) = (await answer.json())["features"]
        assert feature["properties"]["value"] == values[day, row, column]


async def test_a_map_shows_its_cells(client):
    query = ASKED | {"request": "GetMap", "transparent": "true", "time": "2020-01-01"}
    answer = await client.get("/wms", params=query)
    assert answer.status == 200, await answer.text()
    with Image.open(io.BytesIO(await answer.read())) as picture:
        opacity = np.asarray(picture.convert("RGBA"))[..., 3]
    assert opacity[250, 150] == 255
    assert opacity[250, 50] == 0


@pytest.mark.parametrize(
    "layer", ["l3/ssha", "l3/PRODUCT", "l3/PRODUCT/DETAILS", "l3//PRODUCT/DETAILS/ssha", "l3/../l3"]
)
async def test_no_other_name_leads_to_it(client, layer):
    answer = await client.get("/wms", params=ASKED | {"request": "GetMap", "layers": layer})
    assert 'code="LayerNotDefined"' in await answer.text()
