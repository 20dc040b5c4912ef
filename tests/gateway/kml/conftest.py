"""A unit in this process with a sea whose cells are small: of long ago, of today, and in a calendar of a model."""

from datetime import UTC, datetime

import netCDF4
import numpy as np
import pytest

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

HOURS = [0, 6, 12, 24, 48]
"""Of the steps after the first: not evenly spaced."""


def write_gulf(path, begin, calendar="standard"):
    """Write a long gulf of small cells that lies across the meridian of Greenwich, with two members."""
    latitude, longitude = np.arange(40.05, 44, 0.1), np.arange(-39.95, 60, 0.1)
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"title": "A gulf", "institution": "Sea & <Sons>", "license": "CC-BY-4.0"})
        axes = {
            "time": (np.array(HOURS, "f8"), {"units": f"hours since {begin}", "calendar": calendar}),
            "member": (np.array([0.0, 1.0]), {"units": "1"}),
            "depth": (np.array([0.5, 10.0]), {"units": "m", "positive": "down", "standard_name": "depth"}),
            "lat": (latitude, {"units": "degrees_north", "standard_name": "latitude"}),
            "lon": (longitude, {"units": "degrees_east", "standard_name": "longitude"}),
        }
        for name, (values, attributes) in axes.items():
            file.createDimension(name, values.size)
            file.createVariable(name, "f8", (name,)).setncatts(attributes)
            file[name][:] = values
        file["time"].standard_name = "time"
        field = file.createVariable("so", "f4", tuple(axes), fill_value=-1)
        field.setncatts({"standard_name": "sea_water_salinity", "units": "1e-3", "long_name": "Salinity"})
        field[:] = np.random.default_rng(1).uniform(30, 38, field.shape)


@pytest.fixture(scope="session")
def gulf_store(tmp_path_factory):
    """Return the folder of a store with `gulf` of 2015, `now` of today, and `model` with months of 30 days."""
    folder = tmp_path_factory.mktemp("gulf")
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    write_gulf(folder / "gulf.nc", "2015-03-01")
    write_gulf(folder / "now.nc", today)
    write_gulf(folder / "model.nc", "2015-02-29", "360_day")
    for name in ("gulf", "now", "model"):
        source = [folder / f"{name}.nc"]
        ingest(Location.parse(str(folder / "store")), name, source, crew=Processes(0), report=lambda _: None)
    return folder


@pytest.fixture
def gulf_config(gulf_store):
    """Return the configuration of a unit that serves them."""
    datasets = [{"id": name, "source": f"{name}.nc"} for name in ("gulf", "now", "model")]
    raw = {"store": "store", "datasets": datasets, "limits": {"kml_steps": 4}}
    return parse(raw, name="test", folder=gulf_store)


@pytest.fixture
async def gulf(gulf_config, aiohttp_client):
    """Return a client of the unit."""
    return await aiohttp_client(make_app(gulf_config))
