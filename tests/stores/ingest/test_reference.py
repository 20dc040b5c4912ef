"""When the run began that a file belongs to."""

import netCDF4
import numpy as np
import pytest

from core.time import iso
from stores.ingest.scan import scan


def write(path, *, reference=None, units="hours since 2020-01-01", **attributes):
    """Write a file of two steps; `reference` are the values of its forecast reference time."""
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts(attributes)
        for name, size in (("time", 2), ("lat", 2), ("lon", 3)):
            file.createDimension(name, size)
            file.createVariable(name, "f8", (name,))[:] = np.arange(size)
        file["time"].units = "hours since 2020-01-01"
        file.createVariable("t", "f4", ("time", "lat", "lon"))[:] = 0
        if reference is not None:
            file.createDimension("run", len(reference))
            run = file.createVariable("run", "f8", ("run",) if len(reference) > 1 else ())
            run.setncatts({"units": units, "standard_name": "forecast_reference_time"})
            run[...] = reference if len(reference) > 1 else reference[0]
    return path


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"reference": [6.0]}, "2020-01-01T06:00:00Z"),
        ({"reference": [1.0], "units": "days since 2019-12-31"}, "2020-01-01T00:00:00Z"),
        ({"reference": [6.0], "bulletin_date": "20190101"}, "2020-01-01T06:00:00Z"),
        ({"reference": [6.0, 12.0], "bulletin_date": "20190101"}, None),
        ({"reference": [np.nan]}, None),
        ({"bulletin_date": "20200102"}, "2020-01-02T00:00:00Z"),
        ({"bulletin_date": "2020-01-02"}, "2020-01-02T00:00:00Z"),
        ({"bulletin_date": "2020-01-02 12:00:00"}, "2020-01-02T12:00:00Z"),
        ({"bulletin_date": "2020-01-02T12:30Z"}, "2020-01-02T12:30:00Z"),
        ({"bulletin_date": "2020-02-30"}, None),
        ({"bulletin_date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_the_run_is_known_by_its_reference_time_or_its_bulletin(tmp_path, how, found):
    header = scan(write(tmp_path / "a.nc", **how))
    assert (None if header.reference is None else iso(header.reference, header.calendar)) == found
    assert header.description.time.variable == "time"
