"""WMS 1.3.0 (OGC 06-042), clause 7.3: GetMap. Over a socket.

`waters` lies between 30 W and 30 E, 30 N and 70 N: `thetao` has land in its north-west, `sla` only its eastern half.
"""

import numpy as np
import pytest

from tests.conformance.clauses import clause
from tests.conformance.client import WMS, inherited, named_layers
from tests.conformance.waters import FLOOR

WHITE = [255, 255, 255, 255]
HALF = 30
"""Column at which `sla` begins in a map of 60 pixels."""
RED = {"transparent": "FALSE", "bgcolor": "0xFF0000"}
THETAO, SLA = "waters/thetao", "waters/sla"
EDGES = {"colorscalerange": "-20,60"}


def same(one, other):
    return np.array_equal(one.pixels, other.pixels)


def names(document):
    return [layer.findtext(f"{WMS}Name") for layer in named_layers(document)]


def offered(document):
    return [found.text for found in document.iterfind(f"{WMS}Capability/{WMS}Request/{WMS}GetMap/{WMS}Format")]


@clause("7.3.3.3", "getmap:each-layer")
def test_each_layer_can_be_drawn(wms, document):
    for name in names(document):
        answer = wms.map(name, width=100, height=100)
        assert (answer.status, answer.type, answer.pixels.shape) == (200, "image/png", (100, 100, 4))


@clause("7.3.3.3", "interactive:layer-order", "basic:layer-order", "getmap:two-layers")
def test_the_leftmost_layer_is_the_bottommost(wms):
    below, above = wms.map(THETAO, **EDGES), wms.map(SLA, **EDGES)
    east = np.s_[:, HALF:]
    over, under = wms.map(f"{THETAO},{SLA}", **EDGES).pixels, wms.map(f"{SLA},{THETAO}", **EDGES).pixels
    assert np.array_equal(over[east], above.pixels[east])
    assert np.array_equal(under[east], below.pixels[east])
    assert not np.array_equal(over[east], under[east])
    # Where the upper one has nothing, the lower one is seen.
    assert np.array_equal(over[:, :HALF], below.pixels[:, :HALF])


@clause("7.3.3.3", "getmap:three-layers")
def test_three_layers_lie_upon_each_other(wms):
    found = wms.map(f"world/ice,{THETAO},{SLA}", **EDGES).pixels
    land = np.s_[:18, :18]
    assert np.array_equal(found[land], wms.map("world/ice", **EDGES).pixels[land])
    assert np.array_equal(found[30:, :HALF], wms.map(THETAO, **EDGES).pixels[30:, :HALF])
    assert np.array_equal(found[:, HALF:], wms.map(SLA, **EDGES).pixels[:, HALF:])


@pytest.mark.parametrize("layers", ["No", f"No,{THETAO}", f"{THETAO},No", "waters", "waters/"])
@clause("7.3.3.3", "getmap:invalid-layer", "getmap:first-layer-invalid", "getmap:second-layer-invalid")
def test_a_layer_that_is_not_there_is_refused_wherever_it_stands(wms, layers):
    assert wms.map(layers).code == "LayerNotDefined"


@clause("7.3.3.3", "getmap:layerlimit")
def test_as_many_layers_as_the_limit_says_and_no_more(wms, document):
    limit = int(document.findtext(f"{WMS}Service/{WMS}LayerLimit"))
    assert limit == 4
    assert wms.map(",".join([THETAO] * limit)).type == "image/png"
    assert wms.map(",".join([THETAO] * (limit + 1))).code == ""


@clause("7.3.3.4", "getmap:each-style", "getmap:styles-direct")
def test_each_style_of_a_layer_is_drawn(wms, document):
    styles = [style.findtext(f"{WMS}Name") for style in inherited(named_layers(document)[0], "Style")]
    assert len(styles) > 10
    for style in styles:
        assert wms.map(styles=style).type == "image/png"


@clause("7.3.3.4", "getmap:two-styles", "getmap:three-styles")
def test_each_layer_has_the_style_of_its_place_in_the_list(wms):
    gray, viridis = "default-scalar/gray", "default-scalar/viridis"
    for count in (2, 3):
        styles = ",".join([viridis] * (count - 1) + [gray])
        found = wms.map(",".join([THETAO] * count), styles=styles, **EDGES)
        assert same(found, wms.map(styles=gray, **EDGES))
    found = wms.map(f"{THETAO},{SLA}", styles=f"{gray},{viridis}", **EDGES).pixels
    assert np.array_equal(found[:, :HALF], wms.map(styles=gray, **EDGES).pixels[:, :HALF])
    assert np.array_equal(found[:, HALF:], wms.map(SLA, styles=viridis, **EDGES).pixels[:, HALF:])


@pytest.mark.parametrize("styles", ["UnknownStyle", "UnknownStyle,", ",UnknownStyle"])
@clause("7.3.3.4", "getmap:invalid-style", "getmap:first-style-invalid", "getmap:second-style-invalid")
def test_a_style_that_is_not_there_is_refused_wherever_it_stands(wms, styles):
    layers = f"{THETAO},{SLA}" if "," in styles else THETAO
    assert wms.map(layers, styles=styles).code == "StyleNotDefined"


@clause("7.3.3.4", "getmap:styles-default-single-layer", "getmap:styles-default-multiple-layers")
def test_empty_styles_are_the_default_of_every_layer(wms):
    assert same(wms.map(styles=""), wms.map(styles="default-scalar"))
    both = f"{THETAO},{SLA}"
    assert same(wms.map(both, styles=""), wms.map(both, styles="default-scalar,default-scalar"))


@clause("7.3.3.4", "getmap:styles-default-commas", "getmap:styles-some-default")
def test_an_empty_item_is_the_default_of_its_layer(wms):
    both, gray = f"{THETAO},{SLA}", "default-scalar/gray"
    assert same(wms.map(both, styles=","), wms.map(both, styles=""))
    assert same(wms.map(both, styles=f",{gray}"), wms.map(both, styles=f"default-scalar,{gray}"))
    assert same(wms.map(both, styles=f"{gray},"), wms.map(both, styles=f"{gray},default-scalar"))


@clause("7.3.3.5", "getmap:each-crs", "getmap:each-layer-crs-combination", "getmap:bbox-direct")
def test_each_layer_can_be_drawn_in_each_system_that_has_a_box_of_it(wms, document):
    drawn = 0
    for layer in named_layers(document):
        for box in layer.iterfind(f"{WMS}BoundingBox"):
            bbox = ",".join(box.get(side) for side in ("minx", "miny", "maxx", "maxy"))
            answer = wms.map(layer.findtext(f"{WMS}Name"), crs=box.get("CRS"), bbox=bbox, width=24, height=24)
            assert (answer.type, answer.pixels.shape) == ("image/png", (24, 24, 4))
            # What lies in the box of the layer is seen in the map of that box.
            assert not (answer.pixels == WHITE).all()
            drawn += 1
    assert drawn >= 4 * 5


@clause("7.3.3.5", "getmap:crs-direct", "getmap:crs-inherited")
def test_a_layer_can_be_drawn_in_each_system_that_those_around_it_offer(wms, document):
    layer = named_layers(document)[0]
    systems = [found.text for found in inherited(layer, "CRS")]
    assert len(systems) >= 4
    for system in systems:
        # A metre of everything is somewhere in all of them.
        assert wms.map(crs=system, bbox="0,0,1,1", width=8, height=8).type == "image/png"


@pytest.mark.parametrize("system", ["UndefinedCRS", "EPSG:999999", "EPSG:", "CRS:99", "AUTO2:42001,1,0,0", "4326"])
@clause("7.3.3.5", "getmap:invalid-crs")
def test_a_system_that_is_not_offered_is_refused(wms, system):
    assert wms.map(crs=system, bbox="-1,-1,1,1").code == "InvalidCRS"


@clause("6.7.4")
def test_the_axes_of_bbox_are_those_of_the_system(wms):
    assert same(wms.map(crs="EPSG:4326", bbox="30,-30,70,30"), wms.map(crs="CRS:84", bbox="-30,30,30,70"))


@clause("6.5", "getmap:bbox-exponential", "basic:bbox-exponential")
def test_numbers_may_have_signs_and_exponents(wms):
    plain = wms.map(bbox="-5,32.5,5,42.5")
    assert same(plain, wms.map(bbox="-.5E1,325E-1,+05.0E0,.0425e+3"))


@clause("7.3.3.6", "getmap:bbox-pixel-interpretation", "basic:bbox-pixel-interpretation")
def test_the_box_goes_around_the_outermost_pixels(wms):
    # `sla` begins at 0 E: a map from there has it in the very first column, and none west of it.
    inside = wms.map(SLA, bbox="0,30,10,40", width=10, height=10, **RED).pixels
    assert not (inside == [255, 0, 0, 255]).all(axis=2).any()
    across = wms.map(SLA, bbox="-1,30,9,40", width=10, height=10, **RED).pixels
    assert (across == [255, 0, 0, 255]).all(axis=2).any(axis=0).tolist() == [True] + [False] * 9


@pytest.mark.parametrize("bbox", ["1,0,0,1", "0,0,0,1", "0,1,1,0", "0,0,1,0", "1,1,0,0"])
@clause(
    "7.3.3.6",
    "getmap:bbox-minx-gt-maxx",
    "getmap:bbox-minx-eq-maxx",
    "getmap:bbox-miny-gt-maxy",
    "getmap:bbox-miny-eq-maxy",
)
def test_a_box_without_an_area_is_refused(wms, bbox):
    answer = wms.map(bbox=bbox)
    assert (answer.status, answer.code) == (400, "")


@pytest.mark.parametrize("bbox", ["", "0,0,1", "0,0,1,1,1", "a,b,c,d", "0,0,nan,1", "0,0,inf,1", "0 0 1 1"])
@clause("7.3.3.6")
def test_a_box_that_is_not_four_numbers_is_refused(wms, bbox):
    answer = wms.map(bbox=bbox)
    assert (answer.status, answer.code) == (400, "")


@clause("7.3.3.6", "getmap:bbox-no-overlap")
def test_a_box_beside_the_layer_is_empty(wms):
    answer = wms.map(bbox="-180,-90,-31,29")
    assert (answer.pixels == WHITE).all()


@clause("7.3.3.6", "getmap:bbox-outside-crs")
def test_a_box_beyond_the_range_of_the_system_is_empty_there(wms):
    assert (wms.map("world/ice", bbox="-10,90,10,110").pixels == WHITE).all()
    half = wms.map("world/ice", bbox="-10,80,10,100", height=20).pixels
    assert (half[:10] == WHITE).all()
    assert not (half[10:] == WHITE).all(axis=2).any()


@clause("7.3.3.7", "getmap:each-format")
def test_each_format_is_answered_in_itself(wms, document):
    for written in offered(document):
        answer = wms.map(format=written)
        assert (answer.type, answer.pixels.shape) == (written.partition(";")[0], (40, 60, 4))


@pytest.mark.parametrize("written", ["UnknownFormat", "image/tiff", "text/html", "image/png,image/jpeg"])
@clause("7.3.3.7", "getmap:invalid-format")
def test_a_format_that_is_not_offered_is_refused(wms, written):
    assert wms.map(format=written).code == "InvalidFormat"


@pytest.mark.parametrize("size", [(8, 5), (1, 1), (1, 64), (1024, 768), (1024, 1)])
@clause("7.3.3.8", "getmap:large-size", "getmap:small-size")
def test_a_map_is_exactly_as_large_as_asked(wms, document, size):
    width, height = size
    assert width <= int(document.findtext(f"{WMS}Service/{WMS}MaxWidth"))
    assert height <= int(document.findtext(f"{WMS}Service/{WMS}MaxHeight"))
    assert wms.map(width=width, height=height).pixels.shape == (height, width, 4)


@pytest.mark.parametrize("side", [{"width": 1025}, {"height": 769}, {"width": 0}, {"height": -1}, {"width": "1.5"}])
@clause("7.3.3.8")
def test_a_map_larger_than_the_limit_or_of_no_size_is_refused(wms, side):
    answer = wms.map(**side)
    assert (answer.status in (400, 413), answer.code) == (True, "")


@clause("7.3.3.8", "interactive:aspect-ratio", "basic:aspect-ratio")
def test_a_map_is_stretched_where_box_and_size_differ_in_shape(wms):
    plain, tall = wms.map(width=60, height=40), wms.map(width=60, height=80)
    assert np.array_equal(np.repeat(plain.pixels, 2, axis=0), tall.pixels)


@clause("7.3.3.9", "getmap:transparent-default", "getmap:transparent-false")
def test_a_map_is_opaque_unless_asked_otherwise(wms):
    for transparent in (None, "FALSE"):
        assert (wms.map(transparent=transparent).pixels[..., 3] == 255).all()


@clause("7.3.3.9", "getmap:transparent-true", "basic:transparent-true")
def test_a_transparent_map_lets_through_what_is_below_where_there_is_nothing(wms):
    found = wms.map(SLA, transparent="TRUE").pixels[..., 3]
    assert (found[:, :HALF] == 0).all()
    assert (found[:, HALF:] == 255).all()


@clause("7.3.3.9")
def test_a_format_without_transparency_shows_the_background(wms):
    found = wms.map(SLA, transparent="TRUE", bgcolor="0x00FF00", format="image/jpeg").pixels
    assert np.abs(found[:, : HALF - 8].astype(int) - [0, 255, 0, 255]).max() <= 3


@clause("7.3.3.10", "getmap:no-bgcolor", "basic:no-bgcolor")
def test_what_is_not_covered_is_white(wms):
    assert (wms.map(SLA).pixels[:, :HALF] == WHITE).all()


@clause("7.3.3.10", "getmap:blue-bgcolor", "basic:blue-bgcolor")
def test_what_is_not_covered_has_the_colour_that_is_asked_for(wms):
    found = wms.map(SLA, bgcolor="0x0000FF").pixels
    assert (found[:, :HALF] == [0, 0, 255, 255]).all()
    assert not (found[:, HALF:] == [0, 0, 255, 255]).all(axis=2).any()


@clause("7.3.3.11", "getmap:exceptions-inimage-mime")
def test_a_refusal_in_the_image_has_the_format_and_size_that_were_asked_for(wms, document):
    for written in offered(document):
        answer = wms.map("NonExistant", exceptions="INIMAGE", format=written, width=200, height=100)
        assert (answer.type, answer.pixels.shape) == (written.partition(";")[0], (100, 200, 4))


@clause("7.3.3.11", "interactive:exceptions-inimage")
def test_a_refusal_in_the_image_is_written_upon_the_background(wms):
    found = wms.map("NonExistant", exceptions="INIMAGE", width=300, height=100, bgcolor="0xFFFF00").pixels
    background = (found == [255, 255, 0, 255]).all(axis=2)
    assert background.mean() > 0.5
    assert not background.all()


@clause("7.3.3.11", "getmap:exceptions-blank-red")
def test_a_blank_refusal_has_the_background_alone(wms):
    found = wms.map("NonExistant", exceptions="BLANK", width=100, height=100, **RED).pixels
    assert found.shape == (100, 100, 4)
    assert (found == [255, 0, 0, 255]).all()


@clause("7.3.3.11", "getmap:exceptions-blank-transparent")
def test_a_blank_refusal_is_transparent_where_that_is_asked_for(wms):
    found = wms.map("NonExistant", exceptions="BLANK", transparent="TRUE", width=100, height=100).pixels
    assert (found[..., 3] == 0).all()


@clause("7.3.3.11", "getmap:exceptions-blank-mime")
def test_a_blank_refusal_has_the_format_that_was_asked_for(wms, document):
    for written in offered(document):
        answer = wms.map("NonExistant", exceptions="BLANK", format=written, width=16, height=16)
        assert answer.type == written.partition(";")[0]


@pytest.mark.parametrize("name", ["layers", "crs", "bbox", "width", "height"])
@clause("7.3.3")
def test_a_map_without_what_it_needs_is_refused_by_name(wms, name):
    answer = wms.map(**({"layers": None} if name == "layers" else {name: None}))
    assert (answer.status, answer.code) == (400, "")
    assert name.upper() in answer.xml[0].text


@clause("7.2.4.6.3")
def test_a_name_that_no_list_can_hold_is_written_otherwise(wms):
    assert wms.map(f"waters/{FLOOR}").code == "LayerNotDefined"
    assert wms.map(f"waters/{FLOOR.replace(',', '_')}").type == "image/png"
