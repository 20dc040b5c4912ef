import json
from dataclasses import replace

import pytest

from core.extent import Extent
from gateway.wms.described import DimensionInfo
from gateway.wms.metadata import LayerDetails, VerticalAxis, dates_with_data, layer_details

DETAILS = LayerDetails(
    name="phys/thetao",
    title="Temperature",
    units="degC",
    extent=Extent(west=-20.0, south=30.0, east=15.0, north=60.0),
    low=-2.0,
    high=32.0,
    log=False,
    bands=250,
    below="extend",
    above=(255, 0, 16, 128),
    styles=("default-scalar",),
    palettes=("viridis", "thermal"),
    default_palette="thermal",
    vertical=VerticalAxis(units="m", positive=False, pressure=False, elevations=(-5.5, -0.49402499198913574, -100.0)),
    times=("2014-12-31T00:00:00Z", "2014-12-31T12:00:00Z", "2015-01-01T00:00:00Z"),
    nearest_time="2014-12-31T12:00:00Z",
)


def read(details):
    return json.loads(layer_details(details), parse_constant=pytest.fail)


def test_details_are_those_that_clients_of_ncwms_read():
    found = read(DETAILS)
    assert found["units"] == "degC"
    assert found["bbox"] == [-20.0, 30.0, 15.0, 60.0]
    assert found["scaleRange"] == [-2.0, 32.0]
    assert (found["numColorBands"], found["logScaling"]) == (250, False)
    assert (found["belowMinColor"], found["aboveMaxColor"]) == ("extend", "0x80FF0010")
    assert found["supportedStyles"] == ["default-scalar"]
    assert (found["palettes"], found["defaultPalette"]) == (["viridis", "thermal"], "thermal")
    assert (found["nearestTimeIso"], found["timeAxisUnits"]) == ("2014-12-31T12:00:00Z", "ISO8601")


def test_months_are_counted_from_zero():
    assert read(DETAILS)["datesWithData"] == {"2014": {"11": [31]}, "2015": {"0": [1]}}


def test_a_year_before_the_first_is_a_year():
    assert dates_with_data(["-0001-03-30T00:00:00Z"]) == {"-1": {"2": [30]}}


def test_what_is_not_offered_is_not_said_to_be():
    found = read(DETAILS)
    assert not any(found[name] for name in ("supportsTimeseries", "supportsProfiles", "supportsTransects"))
    assert not found["downloadable"]


@pytest.mark.parametrize(
    ("elevations", "pressure", "values"),
    [
        ((-5.5, -0.49402499198913574, -100.0), False, [-0.494025, -5.5, -100.0]),
        ((0.0, 10.0, 2.0), False, [0.0, 2.0, 10.0]),
        ((-10.0, 0.0, 10.0), False, [-10.0, 0.0, 10.0]),
        ((10.0, 1000.0, 500.0), True, [1000.0, 500.0, 10.0]),
        ((-10.0, -1000.0), True, [-1000.0, -10.0]),
    ],
)
def test_levels_begin_at_the_surface(elevations, pressure, values):
    axis = VerticalAxis(units="m", positive=False, pressure=pressure, elevations=elevations)
    expected = {"units": "m", "positive": False, "pressure": pressure, "values": values}
    assert read(replace(DETAILS, vertical=axis))["zaxis"] == expected


def test_a_layer_without_time_and_levels_says_nothing_of_them():
    found = read(replace(DETAILS, times=(), nearest_time=None, vertical=None))
    assert not {"zaxis", "datesWithData", "nearestTimeIso", "timeAxisUnits"} & set(found)


def test_further_dimensions_are_told_with_their_values():
    band = DimensionInfo(name="band", title="Wavelength", units="nm", values=(443.0, 490.5), default=443.0)
    bare = DimensionInfo(name="member", units="", values=(0.0,), default=0.0)
    assert read(replace(DETAILS, dimensions=(band, bare)))["dimensions"] == [
        {"name": "band", "title": "Wavelength", "units": "nm", "values": [443.0, 490.5], "default": 443.0},
        {"name": "member", "title": "member", "units": "", "values": [0.0], "default": 0.0},
    ]
    assert read(DETAILS)["dimensions"] == []


def test_a_range_that_is_no_range_is_null():
    assert read(replace(DETAILS, low=float("nan"), high=float("inf")))["scaleRange"] == [None, None]
