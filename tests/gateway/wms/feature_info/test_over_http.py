"""GetFeatureInfo over HTTP: each format says the same of one cell, in each system of the map."""

import re
from typing import get_args

import netCDF4
import numpy as np
import pyproj
import pytest

from gateway.wms.request.formats import InfoFormat

INFO = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetFeatureInfo",
    "LAYERS": "sea/thetao",
    "QUERY_LAYERS": "sea/thetao",
    "STYLES": "",
    "TIME": "2015-03-02T12:00:00Z",
    "WIDTH": "3",
    "HEIGHT": "3",
    "I": "1",
    "J": "1",
}
PLACE = (22.0, 64.0)
"""The centre of a cell, east and north."""


def told_by_the_file(sea_store):
    """Return the value of the cell with all the digits that netCDF4 gives it."""
    with netCDF4.Dataset(sea_store / "sea.nc") as file:
        row, column = (
            int(np.flatnonzero(file[name][:] == at)[0]) for name, at in (("lat", PLACE[1]), ("lon", PLACE[0]))
        )
        return repr(float(file["thetao"][1, 0, row, column]))


def around(crs):
    """Return CRS and BBOX of a small map in whose middle the place is, in the order of axes of the system itself."""
    if crs == "CRS:84":
        x, y = PLACE
    else:
        system = pyproj.CRS(crs)
        # Without always_xy: what the definition of the system says, as WMS 1.3.0 has it.
        x, y = pyproj.Transformer.from_crs("EPSG:4326", system).transform(PLACE[1], PLACE[0])
    half = 0.3 if crs in ("CRS:84", "EPSG:4326") else 3000.0
    return {"CRS": crs, "BBOX": f"{x - half},{y - half},{x + half},{y + half}"}


@pytest.mark.parametrize("crs", ["CRS:84", "EPSG:4326", "EPSG:3857", "EPSG:3413"])
async def test_the_value_of_the_file_is_told_in_each_format_and_system(sea, sea_store, crs):
    for written in get_args(InfoFormat):
        answer = await sea.get("/wms", params=INFO | around(crs) | {"INFO_FORMAT": written, "FEATURE_COUNT": "10"})
        assert (answer.status, answer.content_type) == (200, written)
        found = re.search(r'(?:"value": |<value>|Value: |Value</th><td>)(-?[0-9.]+)', await answer.text())
        assert found is not None
        assert found[1] == told_by_the_file(sea_store)


@pytest.mark.parametrize("count", ["0", "-1", "x", "1.5"])
async def test_a_count_of_features_that_is_none_is_refused(sea, count):
    answer = await sea.get("/wms", params=INFO | around("CRS:84") | {"FEATURE_COUNT": count})
    assert answer.status == 400
    assert 'locator="FEATURE_COUNT"' in await answer.text()
