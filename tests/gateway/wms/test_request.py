import contextlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.problem import Problem
from gateway.wms.request.capabilities import parse_get_capabilities
from gateway.wms.request.colouring import Colouring
from gateway.wms.request.feature_info import parse_get_feature_info
from gateway.wms.request.legend import parse_get_legend_graphic
from gateway.wms.request.limits import MapLimits
from gateway.wms.request.map import parse_get_map
from gateway.wms.request.metadata import parse_get_metadata
from gateway.wms.request.operation import operation, version_of
from gateway.wms.update_sequence import check_update_sequence

LIMITS = MapLimits(max_width=4096, max_height=2048, max_pixels=4096 * 1024, max_layers=3)
GOOD = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "phys/thetao",
    "STYLES": "",
    "CRS": "CRS:84",
    "BBOX": "-10,40,20,60",
    "WIDTH": "300",
    "HEIGHT": "200",
    "FORMAT": "image/png",
}
INFO = GOOD | {"REQUEST": "GetFeatureInfo", "QUERY_LAYERS": "phys/thetao", "I": "0", "J": "199"}


def get_map(change=(), dataset=None):
    return parse_get_map({**GOOD, **dict(change)}, dataset=dataset, limits=LIMITS)


def get_info(change=(), dataset=None):
    return parse_get_feature_info({**INFO, **dict(change)}, dataset=dataset, limits=LIMITS)


def get_legend(query, dataset=None):
    return parse_get_legend_graphic(query, dataset=dataset, limits=LIMITS)


def test_a_good_map_is_read_whole():
    asked = get_map({"TIME": "2014-12-17T12:00:00Z", "ELEVATION": "-5"})
    assert asked.version == "1.3.0"
    assert asked.layers == ("phys/thetao",)
    assert asked.colourings == (Colouring(),)
    assert (asked.view.crs.name, asked.view.width, asked.view.height) == ("CRS:84", 300, 200)
    assert asked.view.bbox == (-10.0, 40.0, 20.0, 60.0)
    assert (asked.time, asked.elevation) == ("2014-12-17T12:00:00Z", "-5")
    assert (asked.format, asked.transparent, asked.background) == ("image/png", False, (255, 255, 255))


def test_further_dimensions_are_read_by_name_in_any_case():
    pairs = [*GOOD.items(), ("dim_Member", " 3 "), ("DIM_\u03bb", "443"), ("Dim_member", "4"), ("dim_", "5")]
    found = parse_get_map(pairs, dataset=None, limits=LIMITS)
    assert found.others == {"MEMBER": "3", "\u039b": "443", "": "5"}
    assert get_info({"DIM_BAND": "7"}).map.others == {"BAND": "7"}
    assert get_map().others == {}


def test_names_are_read_in_any_case_and_unknown_ones_are_ignored():
    query = {name.lower(): value for name, value in GOOD.items()} | {"": "", "DPI": "96", "map_resolution": "96"}
    assert parse_get_map(query, dataset=None, limits=LIMITS) == get_map()


def test_the_first_of_a_repeated_name_is_taken():
    pairs = [*GOOD.items(), ("width", "7"), ("LAYERS", "other/name")]
    assert parse_get_map(pairs, dataset=None, limits=LIMITS) == get_map()


@pytest.mark.parametrize(
    ("change", "kind", "parameter", "says"),
    [
        ({"LAYERS": ""}, "missing_parameter", "LAYERS", "LAYERS is required"),
        ({"LAYERS": "a/b,a/c,a/d,a/e"}, "too_large", "LAYERS", "3 allowed"),
        ({"STYLES": "raster,raster"}, "invalid_value", "STYLES", "2 styles for 1 layers"),
        ({"STYLES": "contours/viridis"}, "unknown_style", "STYLES", "contours/viridis"),
        ({"STYLES": "<&>"}, "unknown_style", "STYLES", "<&>"),
        ({"CRS": ""}, "missing_parameter", "CRS", "CRS is required"),
        ({"CRS": "", "SRS": "EPSG:4326"}, "missing_parameter", "CRS", "another version"),
        ({"CRS": "EPSG:99999"}, "unknown_crs", "CRS", "EPSG:4326"),
        ({"VERSION": "1.1.1", "SRS": "NOPE"}, "unknown_crs", "SRS", "NOPE"),
        ({"VERSION": "1.1.1"}, "missing_parameter", "SRS", "another version"),
        ({"BBOX": ""}, "missing_parameter", "BBOX", "BBOX is required"),
        ({"BBOX": "0,100,10"}, "invalid_value", "BBOX", "four numbers"),
        ({"BBOX": "0,0,10,10,10"}, "invalid_value", "BBOX", "four numbers"),
        ({"BBOX": "10,0,0,10"}, "invalid_value", "BBOX", "no area"),
        ({"BBOX": "0,0,0,10"}, "invalid_value", "BBOX", "no area"),
        ({"BBOX": "0,5,10,5"}, "invalid_value", "BBOX", "no area"),
        ({"BBOX": "0,nan,10,20"}, "invalid_value", "BBOX", "finite"),
        ({"BBOX": "0,0,inf,20"}, "invalid_value", "BBOX", "finite"),
        ({"BBOX": "0,0,1e999,20"}, "invalid_value", "BBOX", "finite"),
        ({"BBOX": "0,0,1_0,20"}, "invalid_value", "BBOX", "finite"),
        ({"BBOX": "-1.7e308,0,1.7e308,20"}, "invalid_value", "BBOX", "too large"),
        ({"BBOX": "0,0,5e-324,20"}, "invalid_value", "BBOX", "too small"),
        ({"BBOX": "1e6,1e6,1e308,5e6"}, "invalid_value", "BBOX", "too large"),
        ({"BBOX": "\u0661,0,10,20"}, "invalid_value", "BBOX", "finite"),
        ({"BBOX": "," * 100_000}, "invalid_value", "BBOX", "finite"),
        ({"BBOX": "<&>"}, "invalid_value", "BBOX", "<&>"),
        ({"WIDTH": "0"}, "invalid_value", "WIDTH", "at least 1"),
        ({"WIDTH": "-5"}, "invalid_value", "WIDTH", "at least 1"),
        ({"WIDTH": "9" * 5000}, "invalid_value", "WIDTH", "whole number"),
        ({"WIDTH": "\u0662"}, "invalid_value", "WIDTH", "whole number"),
        ({"WIDTH": "4097"}, "too_large", "WIDTH", "4096"),
        ({"HEIGHT": "2049"}, "too_large", "HEIGHT", "2048"),
        ({"HEIGHT": ""}, "missing_parameter", "HEIGHT", "HEIGHT is required"),
        ({"HEIGHT": "1.5"}, "invalid_value", "HEIGHT", "whole number"),
        ({"FORMAT": "image/tiff"}, "unknown_format", "FORMAT", "image/jpeg"),
        ({"TRANSPARENT": "yes"}, "invalid_value", "TRANSPARENT", "neither TRUE nor FALSE"),
        ({"BGCOLOR": "red-ish"}, "invalid_value", "BGCOLOR", "0x80FF00"),
        ({"BGCOLOR": "0x12345"}, "invalid_value", "BGCOLOR", "0x80FF00"),
        ({"COLORSCALERANGE": "1"}, "invalid_value", "COLORSCALERANGE", "MIN,MAX"),
        ({"COLORSCALERANGE": "1,2,3"}, "invalid_value", "COLORSCALERANGE", "MIN,MAX"),
        ({"COLORSCALERANGE": "5,5"}, "invalid_value", "COLORSCALERANGE", "below the maximum"),
        ({"COLORSCALERANGE": "nan,1"}, "invalid_value", "COLORSCALERANGE", "finite"),
        ({"NUMCOLORBANDS": "1"}, "invalid_value", "NUMCOLORBANDS", "at least 2"),
        ({"NUMCOLORBANDS": "many"}, "invalid_value", "NUMCOLORBANDS", "whole number"),
        ({"LOGSCALE": "auto"}, "invalid_value", "LOGSCALE", "neither"),
        ({"ABOVEMAXCOLOR": "0xGG0000"}, "invalid_value", "ABOVEMAXCOLOR", "0xGG0000"),
        ({"BELOWMINCOLOR": "#12"}, "invalid_value", "BELOWMINCOLOR", "#12"),
        ({"NODATACOLOR": "extend"}, "invalid_value", "NODATACOLOR", "0x80FF00"),
        ({"PALETTE": "../etc"}, "unknown_style", "PALETTE", "default-scalar"),
    ],
)
def test_refuses_a_map(change, kind, parameter, says):
    with pytest.raises(Problem) as refused:
        get_map(change)
    assert (refused.value.kind, refused.value.parameter) == (kind, parameter)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("version", "crs", "bbox"),
    [
        ("1.3.0", "EPSG:4326", (40.0, -10.0, 60.0, 20.0)),
        ("1.3.0", "CRS:84", (-10.0, 40.0, 20.0, 60.0)),
        ("1.3.0", "EPSG:3857", (-10.0, 40.0, 20.0, 60.0)),
        ("1.1.1", "EPSG:4326", (-10.0, 40.0, 20.0, 60.0)),
        ("1.1.1", "CRS:84", (-10.0, 40.0, 20.0, 60.0)),
    ],
)
def test_the_order_of_the_axes_is_settled(version, crs, bbox):
    change = {"VERSION": version, "CRS": crs, "SRS": crs, "BBOX": ",".join(map(str, bbox))}
    assert get_map(change).view.bbox == (-10.0, 40.0, 20.0, 60.0)


def test_a_box_beyond_the_world_is_accepted():
    assert get_map({"BBOX": "-1000,-500,1000,500"}).view.bbox == (-1000.0, -500.0, 1000.0, 500.0)


def test_coordinates_with_many_digits_are_accepted():
    asked = get_map({"BBOX": "-10.000000000000002,40.123456789012345,20.,+60.0e0"})
    assert asked.view.bbox == (-10.000000000000002, 40.123456789012345, 20.0, 60.0)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", "image/png"),
        ("image/png", "image/png"),
        ("image/png8", "image/png"),
        ("image/png; mode=8bit", "image/png"),
        ("image/png;mode=32bit", "image/png; mode=32bit"),
        ("IMAGE/PNG; MODE=32BIT", "image/png; mode=32bit"),
        ("image/jpg", "image/jpeg"),
        ("image/jpeg", "image/jpeg"),
    ],
)
def test_a_format_has_several_spellings(text, written):
    assert get_map({"FORMAT": text}).format == written


def test_a_jpeg_is_never_transparent():
    assert get_map({"TRANSPARENT": "true"}).transparent is True
    assert get_map({"TRANSPARENT": "true", "FORMAT": "image/jpeg"}).transparent is False


@pytest.mark.parametrize("text", ["0x8000ff", "0X8000FF", "#8000FF"])
def test_a_background_is_read(text):
    assert get_map({"BGCOLOR": text}).background == (128, 0, 255)


@pytest.mark.parametrize(
    ("style", "palette"),
    [
        ("", None),
        ("default", None),
        ("default-scalar", None),
        ("raster", None),
        ("default-scalar/default", None),
        ("default-scalar/", None),
        ("default-scalar/viridis", "viridis"),
        ("raster/x-Rainbow-inv", "x-Rainbow-inv"),
        ("boxfill/rainbow", "rainbow"),
        ("/thermal", "thermal"),
        ("thermal", "thermal"),
    ],
)
def test_a_style_names_a_palette(style, palette):
    assert get_map({"STYLES": style}).colourings[0].palette == palette


def test_styles_may_have_gaps():
    asked = get_map({"LAYERS": "a/b,a/c,a/d", "STYLES": ",raster/viridis,"})
    assert [one.palette for one in asked.colourings] == [None, "viridis", None]
    assert len(get_map({"LAYERS": "a/b,a/c", "STYLES": ""}).colourings) == 2


def test_colours_are_read():
    asked = get_map(
        {
            "COLORSCALERANGE": "0.5, 32",
            "NUMCOLORBANDS": "10",
            "LOGSCALE": "TRUE",
            "ABOVEMAXCOLOR": "extend",
            "BELOWMINCOLOR": "transparent",
        }
    )
    assert asked.colourings == (Colouring(low=0.5, high=32.0, bands=10, log=True, above="extend", below=(0, 0, 0, 0)),)


@pytest.mark.parametrize(
    ("text", "colour"), [("0x80FF0000", (255, 0, 0, 128)), ("#00ff00", (0, 255, 0, 255)), ("black", (0, 0, 0, 255))]
)
def test_colours_out_of_range_may_be_see_through(text, colour):
    assert get_map({"ABOVEMAXCOLOR": text}).colourings[0].above == colour


@pytest.mark.parametrize("text", ["", "default", "DEFAULT"])
def test_a_range_may_be_left_to_the_layer(text):
    assert get_map({"COLORSCALERANGE": text}).colourings == (Colouring(),)


@pytest.mark.parametrize("text", ["auto", "AUTO"])
def test_a_range_may_be_left_to_the_values_shown(text):
    assert get_map({"COLORSCALERANGE": text}).colourings == (Colouring(auto=True),)


@pytest.mark.parametrize(
    ("style", "palette", "found"),
    [
        ("", "viridis", "viridis"),
        ("default-scalar", "viridis", "viridis"),
        ("raster/thermal", "viridis", "thermal"),
        ("BOXFILL/rainbow", "", "rainbow"),
        ("", "default", None),
    ],
)
def test_palette_counts_where_the_style_names_none(style, palette, found):
    assert get_map({"STYLES": style, "PALETTE": palette}).colourings[0].palette == found
    legend = get_legend({"LAYER": "a/b", "STYLE": style, "PALETTE": palette})
    assert legend.colouring.palette == found


@pytest.mark.parametrize(
    ("text", "colour"),
    [("0x102030", (16, 32, 48, 255)), ("#8000FF00", (0, 255, 0, 128)), ("transparent", (0, 0, 0, 0))],
)
def test_what_is_missing_may_have_a_colour(text, colour):
    assert get_map({"NODATACOLOR": text}).colourings[0].missing == colour


def test_more_bands_than_there_can_be_are_as_many_as_there_can_be():
    assert get_map({"NUMCOLORBANDS": "254"}).colourings[0].bands == 250


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2014-12-17T12:00:00 01:00", "2014-12-17T12:00:00+01:00"),
        ("2014-12-17 12:00", "2014-12-17 12:00"),
        ("", None),
        ("current", "current"),
    ],
)
def test_the_plus_of_a_time_zone_is_restored(text, time):
    assert get_map({"TIME": text}).time == time


@pytest.mark.parametrize(
    ("layers", "dataset", "change", "names"),
    [
        ("thetao,so", "phys", {}, ("phys/thetao", "phys/so")),
        ("phys/thetao", "phys", {}, ("phys/thetao",)),
        ("other/thetao", "phys", {}, ("phys/other/thetao",)),
        ("thetao", None, {"DATASET": "phys"}, ("phys/thetao",)),
        ("thetao", "phys", {"DATASET": "other"}, ("phys/thetao",)),
        ("phys/thetao", None, {}, ("phys/thetao",)),
    ],
)
def test_layers_get_the_name_of_their_dataset(layers, dataset, change, names):
    assert get_map({"LAYERS": layers, **change}, dataset).layers == names


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("", "1.3.0"),
        ("1.3.0", "1.3.0"),
        ("1.1.1", "1.1.1"),
        ("1.1.0", "1.1.1"),
        ("1.0.0", "1.1.1"),
        ("0.0.0", "1.1.1"),
        ("1.2.0", "1.1.1"),
        ("1.3.1", "1.3.0"),
        ("100.0.0", "1.3.0"),
        ("1.3", "1.3.0"),
        ("nonsense", "1.3.0"),
        ("\u0661.1.1", "1.3.0"),
        ("1." * 10_000, "1.3.0"),
    ],
)
def test_versions_are_negotiated(text, version):
    assert version_of({"VERSION": text}) == version
    assert parse_get_capabilities({"wmtver": text}).version == version


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GetMap", "GetMap"),
        ("getcapabilities", "GetCapabilities"),
        ("GETFEATUREINFO", "GetFeatureInfo"),
        ("GetLegendGraphic", "GetLegendGraphic"),
        ("GetMetadata", "GetMetadata"),
    ],
)
def test_operations_are_known_in_any_case(text, name):
    assert operation({"request": text, "service": "wms"}) == name
    assert operation([("", ""), ("Request", text)]) == name


@pytest.mark.parametrize(
    ("query", "kind", "parameter"),
    [
        ({}, "missing_parameter", "REQUEST"),
        ({"REQUEST": "GetFeature"}, "unknown_operation", "REQUEST"),
        ({"REQUEST": "GetMap", "SERVICE": "WFS"}, "invalid_value", "SERVICE"),
    ],
)
def test_refuses_an_operation(query, kind, parameter):
    with pytest.raises(Problem) as refused:
        operation(query)
    assert (refused.value.kind, refused.value.parameter) == (kind, parameter)


def test_capabilities_may_be_of_one_dataset():
    asked = parse_get_capabilities({"DATASET": "phys", "UPDATESEQUENCE": "7"})
    assert (asked.dataset, asked.update_sequence) == ("phys", "7")
    assert parse_get_capabilities({"DATASET": "phys"}, dataset="bio").dataset == "bio"
    assert parse_get_capabilities({}).dataset is None


@pytest.mark.parametrize(
    ("asked", "current", "kind"),
    [
        (None, "10", None),
        ("10", None, None),
        ("9", "10", None),
        ("10", "10", "current_update_sequence"),
        ("11", "10", "invalid_update_sequence"),
        ("2014-01-01T00:00:00Z", "2015-01-01T00:00:00Z", None),
        ("2016-01-01T00:00:00Z", "2015-01-01T00:00:00Z", "invalid_update_sequence"),
        ("9" * 5000, "10", "invalid_update_sequence"),
    ],
)
def test_an_update_sequence_is_compared(asked, current, kind):
    if kind is None:
        check_update_sequence(asked, current)
        return
    with pytest.raises(Problem) as refused:
        check_update_sequence(asked, current)
    assert refused.value.kind == kind


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", "text/xml"),
        ("text/plain", "text/plain"),
        ("application/geo+json", "application/geo+json"),
        ("Application/JSON", "application/json"),
        ("text/html", "text/html"),
        ("application/json", "application/json"),
        ("text/xml", "text/xml"),
    ],
)
def test_information_has_several_formats(text, written):
    assert get_info({"INFO_FORMAT": text}).format == written


def test_a_place_is_read_under_either_name():
    assert (get_info().column, get_info().row) == (0, 199)
    old = {"I": "", "J": "", "X": "12", "Y": "13", "VERSION": "1.1.1", "SRS": "EPSG:4326"}
    assert (get_info(old).column, get_info(old).row) == (12, 13)
    assert get_info({"I": "7.9"}).column == 7


@pytest.mark.parametrize(
    ("change", "kind", "parameter"),
    [
        ({"QUERY_LAYERS": ""}, "missing_parameter", "QUERY_LAYERS"),
        ({"QUERY_LAYERS": "phys/so"}, "unknown_layer", "QUERY_LAYERS"),
        ({"I": ""}, "missing_parameter", "I"),
        ({"I": "-1"}, "point_outside_image", "I"),
        ({"I": "-0.5"}, "point_outside_image", "I"),
        ({"I": "300"}, "point_outside_image", "I"),
        ({"J": "200"}, "point_outside_image", "J"),
        ({"J": "nan"}, "point_outside_image", "J"),
        ({"J": "9" * 5000}, "point_outside_image", "J"),
        ({"INFO_FORMAT": "image/png"}, "unknown_format", "INFO_FORMAT"),
        ({"FEATURE_COUNT": "0"}, "invalid_value", "FEATURE_COUNT"),
        ({"FEATURE_COUNT": "many"}, "invalid_value", "FEATURE_COUNT"),
        ({"INFO_FORMAT": "application/vnd.ogc.gml"}, "unknown_format", "INFO_FORMAT"),
        ({"WIDTH": ""}, "missing_parameter", "WIDTH"),
    ],
)
def test_refuses_to_inform(change, kind, parameter):
    with pytest.raises(Problem) as refused:
        get_info(change)
    assert (refused.value.kind, refused.value.parameter) == (kind, parameter)


def test_queried_layers_get_the_name_of_their_dataset():
    asked = get_info({"LAYERS": "thetao,so", "QUERY_LAYERS": "so"}, "phys")
    assert asked.query_layers == ("phys/so",)


def test_information_needs_neither_format_nor_styles():
    query = {name: value for name, value in INFO.items() if name not in ("FORMAT", "STYLES")}
    assert parse_get_feature_info(query, dataset=None, limits=LIMITS).map == get_map()


def test_a_legend_is_read():
    asked = get_legend({"layer": "thetao", "STYLE": "default-scalar/viridis", "colorscalerange": "0,1"}, "phys")
    colouring = Colouring(palette="viridis", low=0.0, high=1.0, arrows=False)
    assert (asked.layer, asked.colouring) == ("phys/thetao", colouring)
    assert (asked.width, asked.height, asked.vertical, asked.bar_only) == (None, None, True, False)


def test_a_bare_bar_needs_no_layer():
    query = {"COLORBARONLY": "true", "PALETTE": "viridis", "WIDTH": "20", "HEIGHT": "300", "VERTICAL": "false"}
    asked = get_legend(query)
    assert (asked.layer, asked.colouring.palette, asked.bar_only) == (None, "viridis", True)
    assert (asked.width, asked.height, asked.vertical) == (20, 300, False)


def test_a_legend_may_lie():
    assert get_legend({"LAYER": "a/b", "HORIZONTAL": "true"}).vertical is False


@pytest.mark.parametrize(
    ("query", "kind", "parameter"),
    [
        ({}, "missing_parameter", "LAYER"),
        ({"LAYER": "a/b", "FORMAT": "image/bmp"}, "unknown_format", "FORMAT"),
        ({"LAYER": "a/b", "FORMAT": "text/html"}, "unknown_format", "FORMAT"),
        ({"LAYER": "a/b", "WIDTH": "5000"}, "too_large", "WIDTH"),
        ({"LAYER": "a/b", "WIDTH": "4096", "HEIGHT": "2048"}, "too_large", "WIDTH"),
        ({"LAYER": "a/b", "HEIGHT": "0"}, "invalid_value", "HEIGHT"),
        ({"LAYER": "a/b", "STYLE": "x/y/z"}, "unknown_style", "STYLE"),
        ({"LAYER": "a/b", "PALETTE": "../../etc"}, "unknown_style", "PALETTE"),
    ],
)
def test_refuses_a_legend(query, kind, parameter):
    with pytest.raises(Problem) as refused:
        get_legend(query)
    assert (refused.value.kind, refused.value.parameter) == (kind, parameter)


def test_details_of_a_layer_are_asked_for_in_lower_case_too():
    asked = parse_get_metadata({"item": "layerdetails", "layername": "thetao", "time": "2014"}, dataset="phys")
    assert (asked.item, asked.layer, asked.time) == ("layerDetails", "phys/thetao", "2014")


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"LAYERNAME": "a/b"}, "missing_parameter"),
        ({"ITEM": "layerDetails"}, "missing_parameter"),
        ({"ITEM": "menu"}, "unknown_operation"),
    ],
)
def test_refuses_metadata(query, kind):
    with pytest.raises(Problem) as refused:
        parse_get_metadata(query, dataset=None)
    assert refused.value.kind == kind


NAMES = st.sampled_from(
    (
        *INFO,
        *("SRS", "X", "Y", "WMTVER", "TIME", "DATASET", "BGCOLOR", "TRANSPARENT", "INFO_FORMAT"),
        *("COLORSCALERANGE", "NUMCOLORBANDS", "LOGSCALE", "ABOVEMAXCOLOR", "COLORBARONLY", "PALETTE"),
        *("LAYER", "LAYERNAME", "ITEM"),
    )
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=st.characters(exclude_categories=()), max_size=10),  # with lone surrogates
    st.sampled_from([*INFO.values(), "1.1.1", "EPSG:4326", "1e308,-1e308,1e308,1e308", "true", "0x000000", ",", "/"]),
    st.lists(st.floats().map(str), max_size=5).map(",".join),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the tables of Unicode are built once
@given(st.dictionaries(NAMES, VALUES))
@example({"BBOX": "-1e308,-1e308,1e308,1e308"})
@example({"WMTVER": "\ud800"})
def test_whatever_is_sent_is_read_or_refused(change):
    query = INFO | change
    assert version_of(query) in ("1.1.1", "1.3.0")
    for parse in (
        operation,
        parse_get_capabilities,
        lambda sent: parse_get_map(sent, dataset=None, limits=LIMITS),
        lambda sent: parse_get_feature_info(sent, dataset="phys", limits=LIMITS),
        get_legend,
        lambda sent: parse_get_metadata(sent, dataset=None),
    ):
        with contextlib.suppress(Problem):
            parse(query)
