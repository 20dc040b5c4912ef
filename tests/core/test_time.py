"""Oracle: cftime, and datetime for the Gregorian calendar."""

from datetime import UTC, datetime, timedelta

import cftime
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problem import Problem
from core.time import CALENDARS, calendar_of, instant, iso, milliseconds, precision, units_of


@given(st.datetimes(min_value=datetime(1600, 1, 1), max_value=datetime(2400, 1, 1)))
def test_instants_equal_those_of_datetime(moment):
    expected = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert instant(moment.isoformat(timespec="milliseconds") + "Z", "standard") == expected


@pytest.mark.parametrize("calendar", CALENDARS)
@given(day=st.integers(-200_000, 200_000), millisecond=st.integers(0, 86_399_999))
def test_what_is_written_is_read_back_in_every_calendar(calendar, day, millisecond):
    time = day * 86_400_000 + millisecond
    assert instant(iso(time, calendar), calendar) == time


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2014-12-17T12:00:00.000Z", "2014-12-17T12:00:00Z"),
        ("2014-12-17T12:00:00", "2014-12-17T12:00:00Z"),
        ("2014-12-17T12", "2014-12-17T12:00:00Z"),
        ("2014-12-17 12:00Z", "2014-12-17T12:00:00Z"),
        ("2014-12-17T13:30:00+01:30", "2014-12-17T12:00:00Z"),
        ("2014-12-17T13:30:00 01:30", "2014-12-17T12:00:00Z"),
        ("2014-12", "2014-12-01T00:00:00Z"),
        ("2014", "2014-01-01T00:00:00Z"),
    ],
)
def test_the_spellings_of_clients_are_one_instant(text, same):
    assert instant(text, "standard") == instant(same, "standard")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2014-13-01",
        "2014-02-30",
        "2014-12-17T25:00:00Z",
        "2014-12-17T12:00:00+24:00",
        "2014-12-17T12:00:00+01:60",
        "0000",
        "١٤٤٦-٠١-٠١",
        "2014-1-1",
        "1" * 900,
    ],
)
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(Problem) as refused:
        instant(text, "standard")
    assert refused.value.kind == "invalid_dimension"


def test_the_year_zero_is_a_year_where_the_calendar_has_it():
    assert instant("0001", "noleap") - instant("0000", "noleap") == 365 * 86_400_000


def test_thirtieth_of_february_is_a_day_where_the_calendar_has_it():
    assert iso(instant("2001-02-30T00:00:00Z", "360_day"), "360_day") == "2001-02-30T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("2014", "year"),
        ("2014-12", "month"),
        ("2014-12-17", "day"),
        ("2014-12-17T12Z", "hour"),
        ("2014-12-17T12:00+01:00", "minute"),
        ("2014-12-17 12:00:00", "second"),
        ("2014-12-17T12:00:00.0Z", "fraction"),
    ],
)
def test_the_smallest_unit_that_is_written_is_the_precision(text, unit):
    assert precision(text) == unit


def test_units_of_time_are_those_of_wms_or_name_the_calendar():
    assert [units_of(calendar) for calendar in ("standard", "gregorian", "360_day")] == [
        "ISO8601",
        "ISO8601",
        "360_day",
    ]


@pytest.mark.parametrize("calendar", CALENDARS)
def test_values_of_a_coordinate_are_the_instants_that_cftime_says(calendar):
    values, units = np.array([0.0, 15.5, 59.25, 400.125]), "days since 2001-01-01 06:00"
    dates = cftime.num2date(values, units, calendar)
    written = [f"{date.strftime('%Y-%m-%dT%H:%M:%S')}Z" for date in dates]
    assert [iso(int(time), calendar) for time in milliseconds(values, units, calendar)] == written


def test_float32_hours_are_rounded_to_the_millisecond():
    values = np.array([657456.5], dtype=np.float32)
    assert iso(int(milliseconds(values, "hours since 1950-01-01", "standard")[0]), "standard") == "2025-01-01T00:30:00Z"


def test_an_unknown_calendar_is_an_error_that_names_those_there_are():
    with pytest.raises(ValueError, match="360_day"):
        calendar_of("lunar")
    assert calendar_of(None) == "standard"
