"""siphon, the client of the subset service of THREDDS, as it is published."""

import warnings
from datetime import UTC, datetime

import netCDF4
import numpy as np
import pytest
import requests
import xarray as xr

with warnings.catch_warnings():
    # What siphon imports is not ours to mend.
    warnings.simplefilter("ignore")
    from siphon.ncss import NCSS

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def ncss(served):
    return NCSS(f"{served.address}thredds/ncss/grid/sea")


@pytest.fixture(scope="module")
def source(served):
    with netCDF4.Dataset(served.source) as file:
        yield file


def day(number):
    return datetime(2015, 3, number, 12)


def test_siphon_knows_the_variables_axes_and_times(ncss, source):
    assert ncss.variables == {"thetao"}
    assert set(ncss.metadata.axes) == set(source.dimensions)
    assert ncss.metadata.time_span == {"begin": "2015-03-01T12:00:00Z", "end": "2015-03-03T12:00:00Z"}


@pytest.mark.parametrize("accept", ["netcdf4", "netcdf3", "netcdf"])
def test_siphon_gets_a_box_of_some_days(ncss, source, accept):
    query = ncss.query().lonlat_box(west=-30, east=30, south=-20, north=20).time_range(day(1), day(2))
    query.variables("thetao").accept(accept).vertical_level(0.5)
    assert ncss.validate_query(query)
    with ncss.get_data(query) as file:
        longitude, latitude = source["lon"][:], source["lat"][:]
        columns = np.concatenate([np.flatnonzero(longitude >= 330), np.flatnonzero(longitude <= 30)])
        rows = np.abs(latitude) <= 20
        wanted = source["thetao"][:2, :1, rows][..., columns]
        assert np.array_equal(file["thetao"][:], wanted)
        assert np.array_equal(file["lat"][:], latitude[rows])
        assert np.allclose(np.mod(file["lon"][:], 360), longitude[columns])
        assert netCDF4.num2date(file["time"][:], file["time"].units)[-1].isoformat() == day(2).isoformat()


def test_siphon_gets_all_times_with_strides(ncss, source):
    query = ncss.query().variables("all").all_times().strides(time=2, spatial=3).add_lonlat().accept("netcdf4")
    with ncss.get_data(query) as file:
        assert np.array_equal(file["thetao"][:], source["thetao"][::2, :, ::3, ::3])


@pytest.mark.parametrize("accept", ["csv", "xml"])
def test_siphon_gets_the_values_at_a_place(ncss, source, accept):
    query = ncss.query().lonlat_point(22, 12).all_times().variables("thetao").vertical_level(100).accept(accept)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ncss.get_data(query)
    row, column = list(source["lat"][:]).index(12), list(source["lon"][:]).index(22)
    assert np.allclose(found["thetao"], source["thetao"][:, 1, row, column], rtol=0, atol=1e-9)
    assert np.allclose(found["latitude"], 12)
    times = [datetime.fromisoformat(str(time)).astimezone(UTC) for time in found["date" if accept == "xml" else "time"]]
    assert times == [day(number).replace(tzinfo=UTC) for number in (1, 2, 3)]


def test_siphon_tells_what_the_unit_refuses(ncss):
    query = ncss.query().variables("thetao").time(datetime(2020, 1, 1))
    with pytest.raises(requests.HTTPError, match="steps go from 2015-03-01T12:00:00Z to 2015-03-03T12:00:00Z"):
        ncss.get_data(query)


@pytest.mark.parametrize("accept", ["netcdf3", "netcdf4"])
def test_xarray_opens_what_siphon_saves(ncss, served, tmp_path, accept):
    query = ncss.query().variables("thetao").all_times().accept(accept)
    (tmp_path / "saved.nc").write_bytes(ncss.get_data_raw(query))
    with xr.open_dataset(tmp_path / "saved.nc") as found, xr.open_dataset(served.source) as wanted:
        xr.testing.assert_identical(found["thetao"].load(), wanted["thetao"].load())
