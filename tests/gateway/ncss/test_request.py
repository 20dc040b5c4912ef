"""NCSS requests as values, and what is refused before any dataset is looked at."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problem import Problem
from gateway.ncss.request.place import Box, Point
from gateway.ncss.request.subset import Levels, parse_subset
from gateway.ncss.request.times import OneTime, TimeRange

BOX = "north=10&south=-10&west=170&east=-170"


def pairs(query):
    return [tuple(part.partition("=")[::2]) for part in query.split("&") if part]


def parsed(query):
    return parse_subset(pairs(query))


def test_a_request_of_siphon_is_read_as_it_is_sent():
    asked = parsed(f"var=so&var=thetao&time_start=2015-03-01T12:00:00&time_end=2015-03-02&{BOX}&accept=netcdf4")
    assert asked.variables == ("so", "thetao")
    assert asked.place == Box(west=170.0, east=-170.0, south=-10.0, north=10.0, projected=False)
    assert asked.times == TimeRange(start="2015-03-01T12:00:00", end="2015-03-02", duration=None)
    assert (asked.format.kind, asked.dry_run, asked.levels) == ("netcdf4", False, None)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("var=a,b,a", ("a", "b")), ("var=a&VAR=b", ("a", "b")), ("var=all", None), ("var=ALL,a", None)],
)
def test_variables_are_listed_repeated_or_all(query, wanted):
    assert parsed(query).variables == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", OneTime(text="present")),
        ("time=present", OneTime(text="present")),
        ("time=2015-03-01T12:00:00 01:00", OneTime(text="2015-03-01T12:00:00+01:00")),
        ("time=all", "all"),
        ("temporal=all", "all"),
        ("time=", OneTime(text="present")),
        ("time_start=2015-03-01&time_duration=P1D", TimeRange(start="2015-03-01", end=None, duration="P1D")),
        ("time_end=present&time_duration=2 days", TimeRange(start=None, end="present", duration="2 days")),
    ],
)
def test_times_are_one_all_or_a_range(query, wanted):
    assert parsed(f"var=all&{query}").times == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", None),
        ("vertCoord=10", Levels(low=10.0, high=10.0, stride=1)),
        ("vertCoord=100/0.5", Levels(low=0.5, high=100.0, stride=1)),
        ("vertStride=2", Levels(low=None, high=None, stride=2)),
        ("vertCoord=0/100&vertStride=3", Levels(low=0.0, high=100.0, stride=3)),
    ],
)
def test_levels_are_one_a_range_or_all(query, wanted):
    assert parsed(f"var=all&{query}").levels == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", None),
        ("north=&south=&west=&east=", None),
        ("latitude=10&longitude=370", Point(longitude=370.0, latitude=10.0)),
        (f"{BOX}&latitude=10&longitude=20", Point(longitude=20.0, latitude=10.0)),
        ("minx=0&maxx=1&miny=2&maxy=3", Box(west=0.0, east=1.0, south=2.0, north=3.0, projected=True)),
        (
            f"{BOX}&disableProjSubset=on&disableLLSubset=on",
            Box(west=170, east=-170, south=-10, north=10, projected=False),
        ),
    ],
)
def test_a_place_is_a_point_a_box_or_everywhere(query, wanted):
    assert parsed(f"var=all&{query}").place == wanted


@pytest.mark.parametrize(
    ("accept", "point", "wanted"),
    [
        ("", False, ("netcdf3", "application/x-netcdf", ".nc", True)),
        ("netcdf", False, ("netcdf3", "application/x-netcdf", ".nc", True)),
        ("NetCDF4", False, ("netcdf4", "application/x-netcdf", ".nc4", True)),
        ("netcdf4ext", False, ("netcdf4", "application/x-netcdf", ".nc4", True)),
        ("netcdf4-classic", False, ("netcdf4-classic", "application/x-netcdf", ".nc4", True)),
        ("csv", False, ("csv", "text/plain; charset=utf-8", ".csv", False)),
        ("", True, ("csv", "text/plain; charset=utf-8", ".csv", False)),
        ("csv_file", True, ("csv", "text/csv; charset=utf-8", ".csv", True)),
        ("xml", True, ("xml", "application/xml", ".xml", False)),
    ],
)
def test_a_format_has_the_names_that_clients_know(accept, point, wanted):
    where = "&latitude=1&longitude=2" if point else ""
    found = parsed(f"var=all&accept={accept}{where}").format
    assert (found.kind, found.content_type, found.suffix, found.attached) == wanted


@pytest.mark.parametrize("query", ["dry-run", "dry-run=", "dry-run=true", "DRY-RUN=1"])
def test_a_dry_run_is_asked_for_by_its_name_alone(query):
    assert parsed(f"var=all&{query}").dry_run


@pytest.mark.parametrize(
    ("query", "kind", "says"),
    [
        ("", "missing_parameter", "var=NAME"),
        ("var=,", "missing_parameter", "var=NAME"),
        ("var=" + ",".join(f"v{i}" for i in range(300)), "too_large", "var=all"),
        ("var=a&north=10", "missing_parameter", "west is required"),
        ("var=a&latitude=10", "missing_parameter", "longitude is required"),
        ("var=a&minx=10&maxx=20&miny=1", "missing_parameter", "maxy is required"),
        ("var=a&north=-10&south=10&west=0&east=1", "invalid_value", "exchange"),
        ("var=a&north=nan&south=10&west=0&east=1", "invalid_value", "north='nan'"),
        ("var=a&latitude=90.5&longitude=0", "invalid_value", "beyond the pole"),
        ("var=a&latitude=\u0662&longitude=0", "invalid_value", "finite number"),
        ("var=a&horizStride=0", "invalid_value", "at least 1"),
        ("var=a&horizStride=1.5", "invalid_value", "whole number"),
        ("var=a&timeStride=" + "9" * 5000, "invalid_value", "timeStride"),
        ("var=a&timeStride=9999999999", "too_large", "timeStride"),
        ("var=a&time_start=2015-03-01", "missing_parameter", "two of"),
        ("var=a&time_duration=P1D", "missing_parameter", "two of"),
        ("var=a&time_start=2015&time_end=2016&time_duration=P1D", "invalid_value", "three are given"),
        ("var=a&vertCoord=deep", "invalid_value", "vertCoord"),
        ("var=a&vertCoord=1/2/3", "invalid_value", "LOW/HIGH"),
        ("var=a&accept=grib", "unknown_format", "netcdf3, netcdf4, netcdf4-classic, csv"),
        ("var=a&accept=xml", "unknown_format", "part of a grid"),
        ("var=a&accept=waterml2&latitude=1&longitude=2", "unknown_format", "values at a place"),
        ("var=a&dry-run=perhaps", "invalid_value", "neither true nor false"),
    ],
)
def test_refuses_naming_what_would_be_right(query, kind, says):
    with pytest.raises(Problem) as caught:
        parsed(query)
    assert caught.value.kind == kind
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["var", "north", "time", "time_start", "vertCoord", "accept", "dry-run", "DIM_x", "minx"]),
            st.text(max_size=20),
        ),
        max_size=6,
    )
)
def test_whatever_is_sent_is_read_or_refused(query):
    with suppress(Problem):
        parse_subset(query)
