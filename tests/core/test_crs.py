"""Coordinate reference systems against PROJ."""

import numpy as np
import pyproj
import pytest

from core.crs import OFFERED, Crs
from core.extent import Extent
from core.problem import Problem

WORLD = Extent(west=-180.0, south=-90.0, east=180.0, north=90.0)


def proj(name: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("OGC:CRS84", "OGC:CRS84" if name == "CRS:84" else name, always_xy=True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EPSG:4326", "EPSG:4326"),
        (" epsg:3857 ", "EPSG:3857"),
        ("crs:84", "CRS:84"),
        ("OGC:CRS84", "CRS:84"),
        ("EPSG:900913", "EPSG:3857"),
        ("EPSG:102100", "EPSG:3857"),
        ("urn:ogc:def:crs:EPSG::3413", "EPSG:3413"),
        ("urn:ogc:def:crs:EPSG:6.18.3:3857", "EPSG:3857"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "CRS:84"),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", "EPSG:4326"),
    ],
)
def test_a_system_is_known_by_each_of_its_names(text, name):
    assert Crs.parse(text) == Crs(name)


@pytest.mark.parametrize(
    "text", ["", "EPSG:", "EPSG:27700", "4326", "EPSG:4326,EPSG:4326", "EPSG:4326\u0662", "x" * 9000]
)
def test_a_system_that_is_not_offered_is_refused_with_those_that_are(text):
    with pytest.raises(Problem, match=r"SRS=.*EPSG:4326, CRS:84, EPSG:3857, EPSG:3413") as refused:
        Crs.parse(text, "SRS")
    assert refused.value.kind == "unknown_crs"
    assert refused.value.parameter == "SRS"
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("name", OFFERED)
def test_axis_order_and_kind_are_those_of_the_definition(name):
    definition = pyproj.CRS("OGC:CRS84" if name == "CRS:84" else name)
    crs = Crs.parse(name)
    assert crs.northing_first == definition.axis_info[0].name.startswith(("Geodetic latitude", "Northing"))
    assert crs.geographic == definition.is_geographic
    assert crs.separable == (name != "EPSG:3413")


def test_axis_order_is_right_where_directions_mislead():
    # Both axes of these polar systems point south (or north): only their definitions tell them apart.
    assert Crs("EPSG:32661").northing_first
    assert not Crs("EPSG:5041").northing_first


@pytest.mark.parametrize("name", OFFERED)
def test_places_become_coordinates_as_proj_has_them(name):
    longitude, latitude = np.meshgrid(np.linspace(-179.9, 179.9, 37), np.linspace(-84.0, 89.5, 41))
    x, y = Crs(name).from_geographic(longitude, latitude)
    expected_x, expected_y = proj(name).transform(longitude, latitude)
    np.testing.assert_allclose(x, expected_x, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(y, expected_y, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("name", OFFERED)
def test_coordinates_become_places_as_proj_has_them(name):
    west, south, east, north = Crs(name).bounds(WORLD)
    x, y = np.meshgrid(np.linspace(west, east, 39)[1:-1], np.linspace(south, north, 37)[1:-1])
    longitude, latitude = Crs(name).to_geographic(x, y)
    expected_longitude, expected_latitude = proj(name).transform(x, y, direction="INVERSE")
    assert longitude.shape == latitude.shape == x.shape
    np.testing.assert_allclose(longitude, expected_longitude, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(latitude, expected_latitude, rtol=1e-9, atol=1e-9)


def test_a_mercator_view_past_the_date_line_goes_on_counting():
    longitude, _ = Crs("EPSG:3857").to_geographic(np.array([2 * 20037508.342789244]), np.array([0.0]))
    assert longitude == pytest.approx(360.0)
    longitude, _ = Crs("EPSG:4326").to_geographic(np.array([400.0]), np.array([0.0]))
    assert longitude == 400.0


@pytest.mark.parametrize("name", ["EPSG:4326", "CRS:84"])
def test_beyond_the_pole_is_no_place(name):
    for there in (Crs(name).to_geographic, Crs(name).from_geographic):
        x, y = there(np.array([10.0, 10.0, 10.0]), np.array([90.0, 90.1, -91.0]))
        assert np.isnan(x).tolist() == np.isnan(y).tolist() == [False, True, True]


@pytest.mark.parametrize(("name", "latitude"), [("EPSG:3857", 90.0), ("EPSG:3857", -90.0), ("EPSG:3413", -90.0)])
def test_what_lies_at_infinity_has_no_coordinates(name, latitude):
    assert np.isnan(Crs(name).from_geographic(np.array([10.0]), np.array([latitude]))).all()


def test_the_bounds_of_a_mercator_map_are_square():
    west, south, east, north = Crs("EPSG:3857").bounds(WORLD)
    assert east == pytest.approx(20037508.342789244)
    assert (west, south, north) == pytest.approx((-east, -east, east))


def test_the_bounds_of_a_polar_map_hold_the_pole_and_the_whole_circle():
    west, south, east, north = Crs("EPSG:3413").bounds(Extent(west=-180.0, south=70.0, east=180.0, north=90.0))
    x, y = proj("EPSG:3413").transform(np.linspace(-180, 180, 7201), np.full(7201, 70.0))
    np.testing.assert_allclose([west, south, east, north], [x.min(), y.min(), x.max(), y.max()], rtol=1e-4)
    assert west < 0 < east
    assert south < 0 < north


def test_the_bounds_of_a_region_hold_all_of_it():
    region = Extent(west=-30.0, south=61.0, east=40.0, north=82.5)
    west, south, east, north = Crs("EPSG:3413").bounds(region)
    longitude, latitude = np.meshgrid(np.linspace(-30.0, 40.0, 201), np.linspace(61.0, 82.5, 101))
    x, y = proj("EPSG:3413").transform(longitude, latitude)
    slack = 1e-4 * (east - west)
    assert x.min() >= west - slack
    assert x.max() <= east + slack
    assert y.min() >= south - slack
    assert y.max() <= north + slack


@pytest.mark.parametrize(("name", "south", "north"), [("EPSG:3857", 86.0, 90.0), ("EPSG:3413", -60.0, 50.0)])
def test_nothing_is_left_of_an_extent_that_the_system_does_not_show(name, south, north):
    assert Crs(name).bounds(Extent(west=0.0, south=south, east=10.0, north=north)) is None


def test_geographic_bounds_are_the_extent_itself():
    assert Crs("EPSG:4326").bounds(Extent(west=-10.0, south=-20.0, east=30.0, north=40.0)) == (-10.0, -20.0, 30.0, 40.0)
