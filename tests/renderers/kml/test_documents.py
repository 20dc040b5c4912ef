import html
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import etree

from core.extent import Extent
from renderers.kml import documents
from renderers.kml.addresses import Addresses
from renderers.kml.described import Described, Series, Step
from renderers.kml.features import Span
from renderers.kml.tiles import Pyramid
from renderers.kml.tree import number
from tests.conformance.xsd import faults

XSD = "http://schemas.opengis.net/kml/2.2.0/ogckml22.xsd"
K = "{http://www.opengis.net/kml/2.2}"
NASTY = "]]> <script>alert(1)</script> & \"'\x00\x1b\ud800 $[name] \N{DEGREE SIGN}C"
SEA = Pyramid.of(Extent(west=-6.0, south=30.1875, east=36.3125, north=46.0), (380, 1016))
WORDS = Described(title=NASTY, dataset=NASTY, facts=[("Units", NASTY), (NASTY, "x")])
ADDRESSES = Addresses(
    unit="https://example.org/data/",
    own="https://example.org/data/kml/med/so%20%26.kml",
    layer="med/so &",
    asked=(("TIME", "2015/2016"), ("DIM_é", "a&b=c+d")),
    settled=(("STYLES", "default-scalar/viridis"), ("COLORSCALERANGE", "-1,2"), ("DIM_é", "a&b=c+d")),
    revision="0123abcd",
    secret=(("token", "a.b&c"),),
)


def step(day, end=True, span=True):
    begin = f"2015-03-{day:02d}T00:00:00Z"
    over = Span(begin=begin, end=f"2015-03-{day:02d}T23:59:59Z" if end else None)
    return Step(time=begin, number=day, span=over if span else None)


def series(*steps, legends=False):
    return Series(steps=steps, pyramid=SEA, legend=(110, 264), legends=legends)


WRITTEN = {
    "opened": documents.opened(WORDS, SEA, ADDRESSES, expiring=True),
    "opened for good": documents.opened(WORDS, SEA, ADDRESSES, expiring=False),
    "steps": documents.stepped(WORDS, series(step(1), step(2, end=False)), ADDRESSES, "2015-03-03T00:15:00Z"),
    "steps with legends": documents.stepped(WORDS, series(step(1), step(2), legends=True), ADDRESSES, None),
    "steps without spans": documents.stepped(WORDS, series(step(1, span=False), step(2, span=False)), ADDRESSES, None),
    "no time": documents.stepped(WORDS, series(Step(time=None, number=0, span=None)), ADDRESSES, None),
    "below": documents.below(SEA.coarsest()[0], step(1), SEA, ADDRESSES),
    "notice": documents.notice("No", NASTY),
}


def tree(name):
    return etree.fromstring(WRITTEN[name])


@pytest.mark.parametrize("name", WRITTEN)
def test_documents_are_valid_whatever_the_file_says(name, schemas):
    assert faults(WRITTEN[name], schemas, XSD) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_no_text_can_become_markup(name):
    assert b"<script" not in WRITTEN[name]
    for description in tree(name).iter(f"{K}description"):
        # What the viewer reads as HTML.
        assert "<script" not in description.text
        assert "alert(1)" in html.unescape(description.text)


@pytest.mark.parametrize("name", WRITTEN)
def test_every_address_is_absolute_and_escaped_and_lets_the_caller_in(name):
    for href in tree(name).iter(f"{K}href"):
        parts = urlsplit(href.text)
        assert (parts.scheme, parts.netloc) == ("https", "example.org")
        assert href.text.isascii()
        assert " " not in href.text
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.path.endswith("logo.png"):
            assert given == {}
            continue
        assert given["token"] == "a.b&c"
        assert given["DIM_é"] == "a&b=c+d"


def test_maps_are_asked_for_as_wms_has_it():
    (first, *_) = tree("steps").iter(f"{K}GroundOverlay")
    asked = dict(parse_qsl(urlsplit(first.findtext(f"{K}Icon/{K}href")).query))
    sides = [first.findtext(f"{K}LatLonBox/{K}{side}") for side in ("west", "south", "east", "north")]
    assert asked["BBOX"] == ",".join(sides)
    assert asked["CRS"] == "CRS:84"
    assert (asked["REQUEST"], asked["VERSION"], asked["LAYERS"]) == ("GetMap", "1.3.0", "med/so &")
    assert (asked["TIME"], asked["REVISION"], asked["TRANSPARENT"]) == ("2015-03-01T00:00:00Z", "0123abcd", "TRUE")
    assert asked["STYLES"] == "default-scalar/viridis"
    # As many pixels as the part of its square: 45 degrees are 512.
    west, south, east, north = map(float, sides)
    assert int(asked["WIDTH"]) == round((east - west) / 45 * 512)
    assert int(asked["HEIGHT"]) == round((north - south) / 45 * 512)


def test_a_legend_says_its_size_and_each_step_has_its_own_where_the_range_follows_the_values():
    (one,) = list(tree("steps").iter(f"{K}ScreenOverlay"))
    asked = dict(parse_qsl(urlsplit(one.findtext(f"{K}Icon/{K}href")).query))
    size = one.find(f"{K}size")
    assert (size.get("x"), size.get("y")) == (asked["WIDTH"], asked["HEIGHT"]) == ("110", "264")
    assert asked["STYLE"] == "default-scalar/viridis"
    each = list(tree("steps with legends").iter(f"{K}ScreenOverlay"))
    assert [found.findtext(f"{K}TimeSpan/{K}begin")[:10] for found in each] == ["2015-03-01", "2015-03-02"]


def test_what_is_below_is_asked_for_when_the_picture_above_is_seen_in_full():
    pairs = list(zip(tree("steps").iter(f"{K}GroundOverlay"), tree("steps").iter(f"{K}NetworkLink"), strict=True))
    assert len(pairs) == 8
    for overlay, link in pairs:
        assert lod(overlay)[0] == 0
        assert lod(link)[1] == -1
        assert link.findtext(f"{K}Link/{K}viewRefreshMode") == "onRegion"
        assert box(overlay) == box(link)
        href = link.findtext(f"{K}Link/{K}href")
        asked = dict(parse_qsl(urlsplit(href).query))
        # The coarse picture goes only well after the finer ones were asked for.
        assert lod(overlay)[1] == 4 * lod(link)[0]
        assert asked["PART"] == overlay.findtext(f"{K}name")
        assert asked.get("UNTIL") == link.findtext(f"{K}TimeSpan/{K}end")


def test_below_a_square_lie_its_quarters_each_over_the_coarser_one():
    (first,) = list(tree("steps").iter(f"{K}GroundOverlay"))[:1]
    quarters = list(tree("below").iter(f"{K}GroundOverlay"))
    west, south, east, north = box(first)
    assert all(west <= one[0] < one[2] <= east and south <= one[1] < one[3] <= north for one in map(box, quarters))
    area = sum((one[2] - one[0]) * (one[3] - one[1]) for one in map(box, quarters))
    assert area == pytest.approx((east - west) * (north - south))
    for quarter in quarters:
        assert int(quarter.findtext(f"{K}drawOrder")) == int(first.findtext(f"{K}drawOrder")) + 1
        assert lod(quarter)[0] > 0
        assert quarter.findtext(f"{K}TimeSpan/{K}begin") == "2015-03-01T00:00:00Z"


def test_a_later_step_lies_above_every_picture_of_an_earlier_one():
    orders = {}
    for folder in tree("steps").iter(f"{K}Folder"):
        orders[folder.findtext(f"{K}name")] = [int(one.text) for one in folder.iter(f"{K}drawOrder")]
    first, second = orders.values()
    assert min(second) > max(first) + SEA.last - SEA.first


def test_steps_without_spans_are_chosen_in_the_list_and_the_last_is_shown_at_first():
    (outer,) = tree("steps without spans").iter(f"{K}Document")
    kind = outer.find(f"{K}Style[@id='{outer.findtext(f'{K}styleUrl')[1:]}']/{K}ListStyle/{K}listItemType")
    assert kind.text == "radioFolder"
    hidden, shown = outer.iter(f"{K}Folder")
    assert {one.findtext(f"{K}visibility") for one in hidden.iter(f"{K}GroundOverlay")} == {"0"}
    assert {one.findtext(f"{K}visibility") for one in shown.iter(f"{K}GroundOverlay")} == {None}


def test_only_what_expires_is_asked_for_again():
    assert tree("opened").findtext(f".//{K}refreshMode") == "onExpire"
    assert tree("opened for good").findtext(f".//{K}refreshMode") is None
    expires = tree("steps").findtext(f"{K}NetworkLinkControl/{K}expires")
    assert datetime.fromisoformat(expires) == datetime(2015, 3, 3, 0, 15, tzinfo=UTC)
    assert tree("steps with legends").find(f"{K}NetworkLinkControl") is None


@pytest.mark.parametrize("value", [0.0, -180.0, 1e-7, -2.5e-9, 45.123456789012345, 1 / 3])
def test_numbers_read_back_the_same_without_an_exponent(value):
    assert "e" not in number(value)
    assert float(number(value)) == pytest.approx(value, rel=1e-9)


def box(feature):
    return [float(feature.findtext(f".//{K}LatLonAltBox/{K}{side}")) for side in ("west", "south", "east", "north")]


def lod(feature):
    return [int(feature.findtext(f"{K}Region/{K}Lod/{K}{side}")) for side in ("minLodPixels", "maxLodPixels")]
