"""Coordinate reference systems against PROJ."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyproj
import pytest

from core import projections
from core.crs import OFFERED, Crs, offered_with
from core.extent import Extent
from core.problem import Problem

WORLD = Extent(west=-180.0, south=-90.0, east=180.0, north=90.0)


FURTHER = ["EPSG:27700", "EPSG:2193", "EPSG:2326", "EPSG:4258", "EPSG:4267", "EPSG:3832", "EPSG:6931", "ESRI:54030"]


NORTH, SOUTH = (0.0, 90.0), (-90.0, 0.0)
HALVES = dict.fromkeys(["EPSG:3413", "EPSG:3995", "EPSG:5041", "EPSG:32661", "EPSG:3575", "EPSG:5936"], NORTH)
HALVES |= dict.fromkeys(["EPSG:3031", "EPSG:5042", "EPSG:32761", "EPSG:3412"], SOUTH)
"""Latitudes that maps round a pole are drawn of, whatever their definitions state."""


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
        ("EPSG:102113", "EPSG:3857"),
        ("EPSG:3785", "EPSG:3857"),
        ("urn:ogc:def:crs:EPSG::3413", "EPSG:3413"),
        ("urn:ogc:def:crs:EPSG:6.18.3:3857", "EPSG:3857"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "CRS:84"),
        ("urn:x-ogc:def:crs:EPSG::5041", "EPSG:5041"),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", "EPSG:4326"),
        ("https://www.opengis.net/def/crs/OGC/1.3/CRS84", "CRS:84"),
        ("http://www.opengis.net/gml/srs/epsg.xml#32661", "EPSG:32661"),
    ],
)
def test_a_system_is_known_by_each_of_its_names(text, name):
    assert Crs.parse(text) == Crs(name)


@pytest.mark.parametrize(
    "text", ["", "EPSG:", "EPSG:27700", "4326", "EPSG:4326,EPSG:4326", "EPSG:4326\u0662", "x" * 9000]
)
def test_a_system_that_is_not_offered_is_refused_with_those_that_are(text):
    with pytest.raises(Problem, match=r"SRS=.*EPSG:4326, CRS:84, EPSG:3857, .*EPSG:3575$") as refused:
        Crs.parse(text, "SRS")
    assert refused.value.kind == "unknown_crs"
    assert refused.value.parameter == "SRS"
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("name", OFFERED)
def test_axis_order_and_kind_are_those_of_the_definition(name):
    definition = pyproj.CRS("OGC:CRS84" if name == "CRS:84" else name)
    crs = Crs.parse(name)
    assert crs.northing_first == definition.axis_info[0].name.startswith(("Geodetic latitude", "Northing"))
    assert crs.geographic == definition.is_geographic
    assert crs.separable == (name in ("EPSG:4326", "CRS:84", "EPSG:3857", "EPSG:3395"))


@pytest.mark.parametrize("name", [*OFFERED, *FURTHER])
def test_axis_order_is_that_in_which_proj_writes_coordinates_by_itself(name):
    definition = pyproj.CRS("OGC:CRS84" if name == "CRS:84" else name)
    west, south, east, north = definition.area_of_use.bounds
    longitude, latitude = west + (east - west) % 360 * np.array([0.3, 0.4]), south + (north - south) * 0.6
    own = pyproj.Transformer.from_crs("OGC:CRS84", definition).transform(longitude, [latitude] * 2)
    x, y = Crs(name).from_geographic(longitude, np.full(2, latitude))
    np.testing.assert_allclose((y, x) if Crs(name).northing_first else (x, y), own, rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("EPSG:32661", True), ("EPSG:5041", False), ("EPSG:32761", True), ("EPSG:5042", False), ("EPSG:3035", True)],
)
def test_axis_order_is_right_where_directions_mislead(name, expected):
    # Both axes of a polar system point south, or both north: only the definition tells them apart.
    assert Crs(name).northing_first is expected


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


@pytest.mark.parametrize("name", HALVES)
def test_a_map_round_a_pole_goes_down_to_the_equator(name):
    south, north = HALVES[name]
    pole = proj(name).transform(0.0, north if south == 0.0 else south)
    rim = np.hypot(*np.subtract(proj(name).transform(10.0, 0.0), pole))
    west, low, east, high = Crs(name).bounds(WORLD)
    found = [pole[0] - west, pole[1] - low, east - pole[0], high - pole[1]]
    np.testing.assert_allclose(found, rim, rtol=1e-3)


@pytest.mark.parametrize("name", ["EPSG:10598", "ESRI:102036", "EPSG:6931", "EPSG:3035", "EPSG:3395"])
def test_other_maps_end_at_the_area_of_use_of_their_definition(name):
    # Among them one that is round no pole, though its area is, and one that has the equator at infinity.
    assert projections.shown(name) == projections.areas(name)


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


@pytest.mark.parametrize(
    ("name", "south", "north"), [("EPSG:3857", 86.0, 90.0), ("EPSG:3413", -60.0, -5.0), ("EPSG:3031", 5.0, 60.0)]
)
def test_nothing_is_left_of_an_extent_that_the_system_does_not_show(name, south, north):
    assert Crs(name).bounds(Extent(west=0.0, south=south, east=10.0, north=north)) is None


def test_geographic_bounds_are_the_extent_itself():
    assert Crs("EPSG:4326").bounds(Extent(west=-10.0, south=-20.0, east=30.0, north=40.0)) == (-10.0, -20.0, 30.0, 40.0)


def test_longitudes_of_world_mercator_go_on_past_the_date_line_too():
    longitude, _ = Crs("EPSG:3395").to_geographic(np.array([1.5 * 20037508.342789244]), np.array([0.0]))
    assert longitude == pytest.approx(270.0)


def test_world_mercator_is_exact_to_a_billionth_of_a_degree_from_pole_to_pole():
    y = np.concatenate([np.linspace(-4e7, 4e7, 40001), [-1e10, 1e10, 1e300]])
    _, latitude = Crs("EPSG:3395").to_geographic(np.zeros_like(y), y)
    _, expected = proj("EPSG:3395").transform(np.zeros(40001), y[:40001], direction="INVERSE")
    assert np.abs(latitude[:40001] - expected).max() < 1e-9
    assert latitude[-3:].tolist() == [-90.0, 90.0, 90.0]


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("EPSG:3575", 1.28e7, 0.0),
        ("EPSG:3575", 9.1e6, 9.1e6),
        ("EPSG:3035", -9e6, 3.2e6),
        ("EPSG:32633", 1e10, 1e10),
        # PROJ has a place for these, from which it does not come back.
        ("EPSG:27700", 0.0, -3e7),
        ("EPSG:32633", 0.0, -1e8),
    ],
)
def test_beyond_the_reach_of_a_projection_is_no_place(name, x, y):
    found = Crs(name).to_geographic(np.array([x]), np.array([y]))
    assert np.isnan(found).all()


@pytest.mark.parametrize("name", [name for name in OFFERED if Crs(name).separable is False])
def test_the_whole_earth_but_the_far_pole_can_be_shown(name):
    rng = np.random.default_rng(0)
    south = 1.0 if Crs(name).bounds(WORLD)[3] > 0 else -1.0
    south = -1.0 if name in ("EPSG:3031", "EPSG:5042", "EPSG:32761") else south
    longitude, latitude = rng.uniform(-180, 180, 5000), south * rng.uniform(-85, 90, 5000)
    x, y = Crs(name).from_geographic(longitude, latitude)
    again, back = Crs(name).to_geographic(x, y)
    turn = (again - longitude + 180.0) % 360.0 - 180.0
    assert np.nanmax(np.abs(turn) * np.cos(np.radians(latitude))) < 1e-6
    assert np.nanmax(np.abs(back - latitude)) < 1e-6
    # The projection of Europe has its far pole in the Pacific.
    assert np.isnan(back).mean() < (0.001 if name == "EPSG:3035" else 1e-9)


@pytest.mark.parametrize("name", [*OFFERED, *FURTHER, "EPSG:8859", "ESRI:53037", "EPSG:3412", "EPSG:5936"])
@pytest.mark.parametrize(
    "extent",
    [
        WORLD,
        Extent(west=-30.3, south=30.7, east=39.9, north=82.4),
        Extent(west=-180.0, south=-77.7, east=180.0, north=-20.1),
        Extent(west=100.1, south=-44.4, east=179.7, north=66.6),
    ],
    ids=["world", "europe", "south", "pacific"],
)
def test_the_bounds_hold_all_that_is_shown_and_hardly_more(name, extent):
    definition = pyproj.CRS("OGC:CRS84" if name == "CRS:84" else name)
    west, south, east, north = definition.area_of_use.bounds
    south, north = HALVES.get(name, (south, north))
    if name == "EPSG:3857":
        # The definition says 85.06; a map of the world is a square that ends a little before.
        south, north = -85.0511287798, 85.0511287798
    around = np.concatenate(
        [np.linspace(west, east + 360.0 * (east < west), 199), np.linspace(extent.west, extent.east, 199)]
    )
    along = np.linspace(max(south, extent.south), min(north, extent.north), 199)
    longitude, latitude = np.meshgrid(np.unique(around - 360.0 * (around > 180.0)), along)
    within = (longitude >= extent.west) & (longitude <= extent.east)
    within &= (latitude >= extent.south) & (latitude <= extent.north)
    within &= (latitude >= south) & (latitude <= north)
    within &= (
        ((longitude >= west) & (longitude <= east)) if west < east else ((longitude >= west) | (longitude <= east))
    )
    box = Crs(name).bounds(extent)
    if box is None:
        assert not within.any()
        return
    x, y = proj(name).transform(longitude[within], latitude[within])
    seen = np.array([x.min(), y.min(), x.max(), y.max()])
    slack = 1e-9 * np.abs(seen).max()
    assert (box[:2] <= seen[:2] + slack).all()
    assert (box[2:] >= seen[2:] - slack).all()
    np.testing.assert_allclose(box, seen, atol=0.02 * max(seen[2] - seen[0], seen[3] - seen[1]))


def test_further_systems_follow_those_that_are_always_there():
    found = offered_with(["epsg:27700", "EPSG:900913", "urn:ogc:def:crs:EPSG::27700", "ESRI:54030", "CRS:84"])
    assert found == (*OFFERED, "EPSG:27700", "ESRI:54030")
    assert Crs.parse("http://www.opengis.net/def/crs/EPSG/0/27700", "CRS", found) == Crs("EPSG:27700")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "AUTHORITY:CODE"),
        ("27700", "AUTHORITY:CODE"),
        ("+proj=longlat", "AUTHORITY:CODE"),
        ("EPSG:4326+5773", "AUTHORITY:CODE"),
        ("EPSG:" + "9" * 40, "AUTHORITY:CODE"),
        ("EPSG:999999", "not a coordinate reference system that PROJ knows"),
        ("NOBODY:1", "not a coordinate reference system that PROJ knows"),
        ("EPSG:4979", "Geographic 3D CRS"),
        ("EPSG:4978", "Geocentric CRS"),
        ("EPSG:5773", "Vertical CRS"),
        ("EPSG:7405", "Compound CRS"),
        ("IAU_2015:49900", "no known relation to WGS 84"),
    ],
)
def test_what_no_map_can_be_asked_for_in_is_refused_with_the_reason(name, says):
    with pytest.raises(ValueError, match=says):
        offered_with([name])


def test_a_datum_that_is_shifted_makes_a_system_inseparable():
    assert not Crs("EPSG:4267").separable
    assert Crs("EPSG:4258").separable
    assert Crs("EPSG:3832").separable


def test_threads_that_meet_a_system_at_once_agree():
    x, y = np.meshgrid(np.linspace(-3e6, 3e6, 60), np.linspace(-3e6, 3e6, 60))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Crs("EPSG:3573").to_geographic(x, y), range(32)))
    expected = proj("EPSG:3573").transform(x, y, direction="INVERSE")
    assert all(np.allclose(places, expected, rtol=0.0, atol=1e-9) for places in found)


def test_the_bounds_of_the_earth_from_space_are_those_of_half_of_it():
    assert "ESRI:102038" in offered_with(["ESRI:102038"])
    west, south, east, north = Crs("ESRI:102038").bounds(WORLD)
    assert [-west, -south, east, north] == pytest.approx([6370997.0] * 4, rel=0.002)
    assert Crs("ESRI:102038").bounds(Extent(west=90.0, south=-60.0, east=120.0, north=-50.0)) is None
