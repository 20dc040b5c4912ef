"""Every combination of time, level and further dimensions of real files over HTTP. Oracle: netCDF4."""

import itertools
import random
from xml.etree import ElementTree as ET

import cftime
import netCDF4
import numpy as np
import pytest

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

WMS = "{http://www.opengis.net/wms}"
CELLS = 3
"""In each combination."""
FILES = {
    "two": "curvilinear/example_file_irregular_2Dlat2Dlon_grid.nc",
    "one": "odd/example_file_irregular_1Dlat1Dlon_grid.nc",
    "heights": "odd/multi_dim.nc",
    "orders": "odd/testDimensionOrder.nc",
    "surface": "grid/oisst_daily_reduced.nc",
}


async def offered(unit):
    """Return the names of the dimensions of each layer, as capabilities list them."""
    answer = await unit.get("/wms", params={"request": "GetCapabilities"})
    return {
        layer.findtext(f"{WMS}Name"): {found.get("name") for found in layer.iterfind(f"{WMS}Dimension")}
        for layer in ET.fromstring(await answer.read()).iter(f"{WMS}Layer")
    }


def horizontal(file, field):
    """Return the dimensions of rows and columns, and a function from their indices to longitude and latitude."""
    longitude, latitude = (np.ma.getdata(file[name][:]) for name in ("lon", "lat"))
    if longitude.ndim == 1:
        return ("lat", "lon"), lambda row, column: (float(longitude[column]), float(latitude[row]))
    return file["lon"].dimensions, lambda row, column: (float(longitude[row, column]), float(latitude[row, column]))


def words(file, names, dimension, place):
    """Return the parameter that names a place along a dimension, and its value."""
    axis = file[dimension]
    value = np.ma.getdata(axis[:])[place]
    if dimension == "time":
        return "TIME", cftime.num2date(value, axis.units, "standard").strftime("%Y-%m-%dT%H:%M:%SZ")
    return (f"dim_{dimension}" if dimension in names else "ELEVATION"), str(value)


@pytest.mark.parametrize("name", FILES)
async def test_every_combination_gives_the_value_of_the_file(name, tmp_path, real_data, aiohttp_client):
    path = real_data(FILES[name])
    summary = ingest(Location.parse(str(tmp_path)), name, [path], crew=Processes(0), report=lambda _: None)
    assert not summary.refused
    raw = {"store": str(tmp_path), "datasets": [{"id": name, "source": "x"}]}
    unit = await aiohttp_client(make_app(parse(raw, name="test", folder=tmp_path)))
    chosen, asked = random.Random(name), 0
    with netCDF4.Dataset(path) as file:
        for layer, names in (await offered(unit)).items():
            if layer is None:
                continue
            field = file[layer.partition("/")[2]]
            values = np.ma.masked_invalid(field[:])
            across, place_of = horizontal(file, field)
            axes = [dimension for dimension in field.dimensions if dimension not in across]
            for places in itertools.product(*(range(file.dimensions[axis].size) for axis in axes)):
                given = dict(words(file, names, axis, place) for axis, place in zip(axes, places, strict=True))
                for _ in range(CELLS):
                    cell = {axis: chosen.randrange(file.dimensions[axis].size) for axis in across}
                    index = cell | dict(zip(axes, places, strict=True))
                    expected = values[tuple(index[dimension] for dimension in field.dimensions)]
                    found = await told(unit, layer, *place_of(*(cell[axis] for axis in across)), given)
                    asked += 1
                    if np.ma.is_masked(expected):
                        assert found["value"] is None
                    else:
                        assert values.dtype.type(found["value"]) == expected, (layer, index, found)
    assert asked >= CELLS * 4


async def told(unit, layer, longitude, latitude, given):
    longitude = (longitude + 180) % 360 - 180
    query = {
        "service": "WMS", "version": "1.3.0", "request": "GetFeatureInfo", "crs": "CRS:84", "layers": layer,
        "query_layers": layer, "styles": "", "width": "3", "height": "3", "i": "1", "j": "1",
        "bbox": f"{longitude - 0.003},{latitude - 0.003},{longitude + 0.003},{latitude + 0.003}",
        "info_format": "application/json",
    }  # fmt: skip
    answer = await unit.get("/wms", params=query | given)
    assert answer.status == 200, await answer.text()
    return (await answer.json())["features"][0]["properties"]
