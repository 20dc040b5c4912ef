"""What a client is told at a place is what the provider's file holds there. Oracle: netCDF4 and cftime."""

import random

import cftime
import netCDF4
import numpy as np
import pytest

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

PLACES = 25
SERIES = {
    "tos": (["grid/tos_O1_2001-2002.nc"], ["tos"], "lon", "lat", "time"),
    "glo12": (["grid/cmems_glo12_uv_7depths.nc"], ["uo", "vo"], "longitude", "latitude", "time"),
    "chl": (["satellite/S20080012008031.L3m_MO_CHL_chlor_a_9km.nc"], ["chlor_a"], "lon", "lat", None),
    "altimetry": (
        ["altimetry/nrt_global_allsat_phy_l4_20190223_20190226.nc"],
        ["adt", "ugos", "vgos"],
        "longitude",
        "latitude",
        "time",
    ),
    "ostia": (
        [
            f"grid/ostia_anom/2017060{day}120000-UKMO-L4_GHRSST-SSTfnd-OSTIAanom-GLOB-v02.0-fv02.0.nc"
            for day in (5, 6, 7)
        ],
        ["sst_anomaly", "analysed_sst"],
        "lon",
        "lat",
        "time",
    ),
    "orca": (
        [
            f"curvilinear/nemo_orca1/nemo_1m_{months}_grid-T.nc"
            for months in ("20150101-20150201", "20150201-20150301", "20150301-20150401")
        ],
        ["tos"],
        "nav_lon",
        "nav_lat",
        "time_centered",
    ),
}


@pytest.fixture
def unit(tmp_path, real_data, aiohttp_client):
    """Ingest real files as one dataset and return a client of a unit that serves it, and the files."""

    async def make(series):
        files = [real_data(name) for name in SERIES[series][0]]
        summary = ingest(Location.parse(str(tmp_path)), series, files, crew=Processes(1), report=lambda _: None)
        assert not summary.refused
        raw = {"store": str(tmp_path), "datasets": [{"id": series, "source": "unused"}]}
        return await aiohttp_client(make_app(parse(raw, name="test", folder=tmp_path))), files

    return make


def written(file, name, step):
    """Return the instant of a step as ISO 8601."""
    variable = file[name]
    calendar = getattr(variable, "calendar", "standard").lower()
    date = cftime.num2date(float(np.ma.getdata(variable[:]).ravel()[step]), variable.units, calendar)
    return f"{date.year:04d}-{date.month:02d}-{date.day:02d}T{date.hour:02d}:{date.minute:02d}:{date.second:02d}Z"


def places_of(values, chosen):
    """Choose cells: mostly valid ones, and some that are missing."""
    mask = np.ma.getmaskarray(values)
    valid, missing = np.argwhere(~mask), np.argwhere(mask)
    picked = [valid[chosen.randrange(len(valid))] for _ in range(PLACES)]
    return picked + [missing[chosen.randrange(len(missing))] for _ in range(3) if len(missing)]


def coordinates(longitude, latitude, row, column):
    if longitude.ndim == 1:
        return float(longitude[column]), float(latitude[row])
    return float(longitude[row, column]), float(latitude[row, column])


@pytest.mark.parametrize("series", SERIES)
async def test_feature_info_gives_the_values_of_the_files(unit, series):
    client, files = await unit(series)
    _, names, x, y, time = SERIES[series]
    chosen = random.Random(series)
    with netCDF4.Dataset(chosen.choice(files)) as file:
        places = [np.ma.getdata(file[each][:]) for each in (x, y)]
        for name in names:
            variable = file[name]
            values = np.ma.masked_invalid(variable[:])
            for index in places_of(values, chosen):
                *before, row, column = (int(part) for part in index)
                longitude, latitude = coordinates(*places, row, column)
                if not -90 < latitude < 90:
                    continue
                longitude = (longitude + 180) % 360 - 180
                query = {
                    "service": "WMS",
                    "version": "1.3.0",
                    "request": "GetFeatureInfo",
                    "crs": "CRS:84",
                    "layers": f"{series}/{name}",
                    "query_layers": f"{series}/{name}",
                    "styles": "",
                    "bbox": f"{longitude - 0.003},{latitude - 0.003},{longitude + 0.003},{latitude + 0.003}",
                    "width": "3",
                    "height": "3",
                    "i": "1",
                    "j": "1",
                    "info_format": "application/json",
                }
                if time:
                    query["time"] = written(file, time, before[0] if file[time].ndim else 0)
                if len(before) == 2:
                    query["elevation"] = repr(-float(file["depth"][before[1]]))
                answer = await client.get("/wms", params=query)
                assert answer.status == 200, await answer.text()
                (feature,) = (await answer.json())["features"]
                told = feature["properties"]
                expected = values[tuple(index)]
                if np.ma.is_masked(expected):
                    assert told["value"] is None
                else:
                    # netCDF4 unpacks in the type of the packing attributes; so must we.
                    assert values.dtype.type(told["value"]) == expected, (index, told)
                if time:
                    assert told["time"] == query["time"]
                place = feature["geometry"]["coordinates"]
                assert place[1] == pytest.approx(latitude, abs=1e-4)
                assert (place[0] - longitude + 180) % 360 - 180 == pytest.approx(0, abs=1e-4)
