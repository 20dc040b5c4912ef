"""Times as files write them. Oracle: cftime on the file's own numbers, and xarray for what it decodes."""

import cftime
import netCDF4
import numpy as np
import pytest

from core.time import CALENDARS, EPOCH, instant, iso, milliseconds
from stores.ingest.refusal import Unreadable
from stores.ingest.scan import scan

DAYS = "days since 2000-01-01"


def write(path, *, units=DAYS, values=(0.0, 58.5, 59.0), calendar=None, dimensions=("time",), **said):
    """Write a field along `time`, and a variable `time` that says when."""
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("time", len(values)), ("lat", 2), ("lon", 3), ("one", 1)):
            file.createDimension(name, size)
        for name in ("lat", "lon"):
            file.createVariable(name, "f8", (name,))[:] = np.arange(len(file.dimensions[name]))
        time = file.createVariable("time", "f8", dimensions)
        time.setncatts({"units": units, **({"calendar": calendar} if calendar else {}), **said})
        time[...] = values if dimensions == ("time",) else values[0]
        along = ("time",) if dimensions == ("time",) else ()
        file.createVariable("t", "f4", (*along, "lat", "lon"))[:] = 0
    return path


@pytest.mark.parametrize("calendar", CALENDARS)
def test_dates_are_those_of_the_calendar(tmp_path, calendar):
    header = scan(write(tmp_path / "a.nc", calendar=calendar))
    dates = cftime.num2date([0, 58.5, 59], "days since 2000-01-01", calendar)
    assert header.calendar == calendar
    assert [iso(int(time), header.calendar) for time in header.times] == [
        date.strftime("%Y-%m-%dT%H:%M:%SZ") for date in dates
    ]


def test_a_perpetual_year_has_no_dates_and_is_served_as_numbers(tmp_path):
    header = scan(write(tmp_path / "a.nc", calendar="none"))
    assert header.description.time is None
    assert header.description.axes["time"].values == (0.0, 58.5, 59.0)
    (remark,) = header.remarks
    assert "time is served as numbers" in remark


@pytest.mark.parametrize("units", ["", "hours", "hours from base_time", "days", "1"])
def test_a_time_without_a_date_is_served_as_numbers_and_that_is_said(tmp_path, units):
    header = scan(write(tmp_path / "a.nc", units=units))
    assert header.description.time is None
    assert header.description.axes["time"].values == (0.0, 58.5, 59.0)
    said = f"its units are {units!r}" if units else "it has no units"
    assert header.remarks == (f"time is served as numbers, not as time: {said}, where UNIT since DATE is needed",)


def test_a_dimension_for_time_without_any_variable_is_counted_and_that_is_said(real_data):
    header = scan(real_data("altimetry/dt_med_allsat_phy_l4_20160515_20190101.nc"))
    assert header.remarks == ("time is served as numbers, not as time: no variable holds its values",)


@pytest.mark.parametrize(
    ("units", "values", "dates"),
    [
        ("months since 2019-12-01", [0, 1, 2.5], ["2019-12-01T00", "2020-01-01T00", "2020-02-15T12"]),
        ("month since 2019-12-15 06:00", [0, 1, -1], ["2019-12-15T06", "2020-01-15T06", "2019-11-15T06"]),
        ("years since 2019-01-01", [0, 1, 1.5], ["2019-01-01T00", "2020-01-01T00", "2020-07-02T00"]),
        ("year since 2000-03-01", [-1, 20, 0], ["1999-03-01T00", "2020-03-01T00", "2000-03-01T00"]),
    ],
)
def test_months_and_years_are_whole_ones_of_the_calendar(tmp_path, units, values, dates):
    header = scan(write(tmp_path / "a.nc", units=units, values=values))
    assert [iso(int(time), "standard")[:13] for time in header.times] == dates


@pytest.mark.parametrize(
    ("units", "values", "dates"),
    [
        ("months since 0001-01-01", [-1, 0, 1], ["-0001-12-01", "0001-01-01T", "0001-02-01T"]),
        ("months since -0001-12-01", [0, 1, 2], ["-0001-12-01", "0001-01-01T", "0001-02-01T"]),
    ],
)
def test_months_lead_over_the_year_that_is_missing(tmp_path, units, values, dates):
    header = scan(write(tmp_path / "a.nc", units=units, values=values))
    assert [iso(int(time), "standard")[:11] for time in header.times] == dates


@pytest.mark.parametrize("units", ["months since 2019-12-31", "years since 2020-02-29", "months since yesterday"])
def test_months_from_a_day_that_not_all_have_are_refused(tmp_path, units):
    with pytest.raises(Unreadable, match="cannot be decoded"):
        scan(write(tmp_path / "a.nc", units=units))


@pytest.mark.parametrize("calendar", ["standard", "julian", "proleptic_gregorian", "noleap", "360_day"])
def test_years_before_one_are_taken_without_a_warning(calendar):
    units = "days since 0001-01-01"
    found = milliseconds(np.array([-400.0, 0.0]), units, calendar)
    with pytest.warns(cftime.CFWarning) if calendar in ("standard", "julian") else pytest.MonkeyPatch.context():
        date = cftime.num2date(-400.0, units, calendar)
        expected = cftime.date2num(date, EPOCH, calendar)
    assert found[0] == expected
    text = iso(int(found[0]), calendar)
    assert text[:5] == f"-{-date.year:04d}"
    assert instant(text, calendar) == found[0]


@pytest.mark.parametrize(
    ("dimensions", "said"), [((), {"standard_name": "time"}), ((), {"axis": "T"}), ((), {}), (("one",), {})]
)
def test_a_single_value_that_no_field_has_as_a_dimension_is_the_time_of_the_file(tmp_path, dimensions, said):
    path = write(tmp_path / "a.nc", dimensions=dimensions, values=(10.0,), **said)
    header = scan(path)
    assert header.times.tolist() == milliseconds(np.array([10.0]), "days since 2000-01-01", "standard").tolist()
    assert all(field.stepped for field in header.description.fields)


def test_the_bounds_of_a_climatology_belong_to_the_steps(tmp_path):
    path = write(tmp_path / "a.nc", climatology="climatology")
    with netCDF4.Dataset(path, "a") as file:
        file.createDimension("two", 2)
        file.createVariable("climatology", "f8", ("time", "two"))[:] = 0
    description = scan(path).description
    assert description.variables["climatology"].stepped
    assert [field.name for field in description.fields] == ["t"]


@pytest.mark.parametrize("dimensions", [(), ("one",)])
def test_the_bounds_of_a_single_time_belong_to_the_step_of_the_file(tmp_path, dimensions):
    path = write(tmp_path / "a.nc", dimensions=dimensions, standard_name="time", bounds="span")
    with netCDF4.Dataset(path, "a") as file:
        file.createDimension("two", 2)
        file.createVariable("span", "f8", (*dimensions, "two"))[:] = 0
    described = scan(path).description.variables
    assert (described["span"].stepped, described["lat"].stepped) == (True, False)
