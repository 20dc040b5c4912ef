"""A real unit over a real socket: generated files, ingested and served by the command line."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedUnit:
    """A unit that runs."""

    address: str
    """Root of the unit, with a slash at the end."""
    source: Path
    """The NetCDF file behind `sea/thetao`."""


def write_sea(path: Path) -> None:
    """Write three days and two levels of a global field: warm at the equator, warmer each day, with some land."""
    latitude, longitude = np.arange(-88.0, 90.0, 4.0), np.arange(2.0, 360.0, 4.0)
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "A small sea"})
        axes = {
            "time": (np.arange(3) * 24.0 + 12, {"units": "hours since 2015-03-01", "standard_name": "time"}),
            "depth": (np.array([0.5, 100.0]), {"units": "m", "positive": "down", "standard_name": "depth"}),
            "lat": (latitude, {"units": "degrees_north", "standard_name": "latitude"}),
            "lon": (longitude, {"units": "degrees_east", "standard_name": "longitude"}),
        }
        for name, (values, attributes) in axes.items():
            file.createDimension(name, values.size)
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts(attributes)
            axis[:] = values
        field = file.createVariable("thetao", "i2", tuple(axes), fill_value=-32767)
        field.setncatts(
            {
                "standard_name": "sea_water_potential_temperature",
                "long_name": "Temperature",
                "units": "degrees_C",
                "scale_factor": 0.001,
                "add_offset": 20.0,
            }
        )
        day, level = np.arange(3)[:, None, None, None], np.arange(2)[None, :, None, None]
        warm = 28 * np.cos(np.radians(latitude))[:, None] ** 2 + 2 * np.sin(np.radians(longitude))[None, :]
        values = np.ma.masked_array(warm + day - 8.0 * level)
        values[..., 30:36, 60:70] = np.ma.masked
        field[:] = values


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedUnit]:
    """Serve a small sea for all journeys."""
    folder = tmp_path_factory.mktemp("unit")
    source = folder / "sea.nc"
    write_sea(source)
    config = {"unit": {"title": "A small unit"}, "store": "store", "datasets": [{"id": "sea", "source": "*.nc"}]}
    # JSON is YAML.
    (folder / "unit.yaml").write_text(json.dumps(config))
    command = [sys.executable, "-m", "cli.main"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "ingest", str(folder / "unit.yaml")], check=True, env=environment)
    process = subprocess.Popen(
        [*command, "serve", str(folder / "unit.yaml"), "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stderr is not None
    address = None
    while address is None:
        line = process.stderr.readline()
        assert line, "the unit ended before it served"
        found = re.search(r"map\s+(http://\S+/)$", line)
        address = found and found[1]
    yield ServedUnit(address=str(address), source=source)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
