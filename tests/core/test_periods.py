"""Periods. Oracle: calendar arithmetic in strings for the calendar of 360 days, datetime for the Gregorian one."""

import calendar as gregorian
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.periods import Period, later, period
from core.problem import Problem
from core.time import instant, iso

DAY = 86_400_000


@pytest.mark.parametrize(
    ("text", "months", "milliseconds"),
    [
        ("P1D", 0, DAY),
        ("PT6H", 0, DAY // 4),
        ("P1M", 1, 0),
        ("PT1M", 0, 60_000),
        ("P1Y2M", 14, 0),
        ("P2W", 0, 14 * DAY),
        ("P1DT12H30M0.25S", 0, DAY + 45_000_250),
        (" P1D ", 0, DAY),
        ("0", 0, 0),
        ("PT0S", 0, 0),
    ],
)
def test_a_period_is_read(text, months, milliseconds):
    assert period(text) == Period(months=months, milliseconds=milliseconds)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "1D", "P-1D", "P1.5D", "PD", "P1H", "PT1D", "P1D1Y", "P\u0661D", "P" + "9" * 5000 + "D"],
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(Problem, match="P1D or PT6H") as refused:
        period(text)
    assert refused.value.kind == "invalid_dimension"


@given(st.datetimes(datetime(1600, 1, 1), datetime(2300, 1, 1)), st.integers(0, 3000), st.integers(0, 10**9))
def test_months_are_added_as_people_count_them(moment, months, milliseconds):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, gregorian.monthrange(year, month + 1)[1])
    expected = moment.replace(year=year, month=month + 1, day=day) + timedelta(milliseconds=milliseconds)
    begin = round(moment.replace(tzinfo=UTC).timestamp() * 1000)
    found = later(begin, Period(months=months, milliseconds=milliseconds), "standard")
    assert found == round(expected.replace(tzinfo=UTC).timestamp() * 1000)


@given(st.integers(0, 11), st.integers(1, 30), st.integers(0, 500))
def test_in_a_calendar_of_360_days_every_month_has_thirty(month, day, months):
    begin = instant(f"1999-{month + 1:02d}-{day:02d}", "360_day")
    assert later(begin, Period(months=months), "360_day") == begin + months * 30 * DAY


@pytest.mark.parametrize(
    ("text", "calendar", "months", "expected"),
    [
        ("-0001-12-05", "standard", 1, "0001-01-05T00:00:00Z"),
        ("-0002-12-05", "julian", 1, "-0001-01-05T00:00:00Z"),
        ("-0001-12-05", "proleptic_gregorian", 1, "0000-01-05T00:00:00Z"),
        ("1582-09-04", "standard", 1, "1582-10-04T00:00:00Z"),
        ("2001-01-31", "noleap", 1, "2001-02-28T00:00:00Z"),
        ("2001-01-31", "all_leap", 1, "2001-02-29T00:00:00Z"),
        ("9999-12-31", "standard", 1, "10000-01-31T00:00:00Z"),
    ],
)
def test_months_go_on_over_the_edges_of_calendars(text, calendar, months, expected):
    assert iso(later(instant(text, calendar), Period(months=months), calendar), calendar) == expected
