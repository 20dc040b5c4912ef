"""Legends as SVG, read as XML; how they look is seen in Chromium."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from renderers.colour import colours
from renderers.legend.layout import horizontal, vertical
from renderers.legend.picture import LegendSpec, legend_picture
from renderers.scale import Scale

THERMAL = Scale(palette="thermal", low=-2, high=30)
LOG = Scale(palette="algae", low=0.01, high=10, log=True, bands=7)
BANDS = Scale(palette="ice", low=0, high=1, bands=10, below=(0, 0, 0, 0), above=(255, 0, 0, 255))
SVG = "{http://www.w3.org/2000/svg}"


def drawn(scale=THERMAL, title="Temperature", units="degrees_C", **given):
    spec = LegendSpec(scale=scale, title=title, units=units, **given)
    return etree.fromstring(legend_picture(spec, "image/svg+xml"))


def texts(tree):
    return [element.text for element in tree.iter(f"{SVG}text")]


@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize("size", [(110, 264), (400, 60), (1, 1), (44, 70), (90, 34), (800, 600)])
def test_the_drawing_has_exactly_the_stated_size(size, upright):
    tree = drawn(width=size[0], height=size[1], vertical=upright)
    assert (tree.tag, tree.get("width"), tree.get("height")) == (f"{SVG}svg", str(size[0]), str(size[1]))
    assert tree.get("viewBox") == f"0 0 {size[0]} {size[1]}"


@pytest.mark.parametrize("scale", [THERMAL, LOG, BANDS])
@pytest.mark.parametrize(("upright", "size"), [(True, (110, 264)), (False, (400, 60))])
def test_the_words_stand_where_they_stand_in_the_picture(scale, upright, size):
    tree = drawn(scale, width=size[0], height=size[1], vertical=upright)
    layout = (vertical if upright else horizontal)(scale, "Temperature", "degrees_C", size)
    assert texts(tree) == [label.text for label in layout.text]
    for element, label in zip(tree.iter(f"{SVG}text"), layout.text, strict=True):
        place = [float(element.get(name)) for name in ("x", "y", "font-size")]
        assert place == pytest.approx([label.x, label.baseline, label.size], abs=1e-3)


@pytest.mark.parametrize("scale", [THERMAL, LOG, BANDS])
@pytest.mark.parametrize("bar_only", [True, False])
def test_the_bands_are_those_of_the_scale_and_leave_no_gap(scale, bar_only):
    tree = drawn(scale, bar_only=bar_only, width=300, height=60, vertical=False)
    bands = [element for element in tree.iter(f"{SVG}rect") if "x" in element.attrib]
    length = 300 if bar_only else horizontal(scale, "Temperature", "degrees_C", (300, 60)).length
    place = np.linspace(0.01, length - 0.01, 777)
    starts = np.array([float(band.get("x")) for band in bands])
    shown = [bands[index].get("fill") for index in np.searchsorted(starts, place) - 1]
    table = colours(scale)[: scale.bands, :3]
    expected = ["#" + bytes(table[int(at / length * scale.bands)].tolist()).hex() for at in place]
    # Starts are written to three decimals.
    assert np.mean([one == other for one, other in zip(shown, expected, strict=True)]) > 0.99
    assert all(float(band.get("x")) + float(band.get("width")) == pytest.approx(length, abs=0.01) for band in bands)


def test_it_names_and_describes_itself_for_those_who_listen():
    tree = drawn(title="Chlorophyll", units="mg m-3", scale=LOG)
    assert tree.get("role") == "img"
    assert tree[0].tag == f"{SVG}title"
    assert (tree[0].text, tree[1].text) == ("Legend: Chlorophyll", "Colours from 0.01 to 10 mg m⁻³")


def test_a_ground_and_a_colour_of_text_can_be_asked_for():
    tree = drawn(background=(1, 2, 3, 255), text=(250, 0, 0, 255))
    (ground,) = [rect for rect in tree.iter(f"{SVG}rect") if "x" not in rect.attrib]
    assert ground.get("fill") == "#010203"
    letters = next(tree.iter(f"{SVG}text")).getparent()
    assert letters.get("fill") == "#fa0000"
    assert "stroke" not in letters.attrib
    assert next(drawn().iter(f"{SVG}text")).getparent().get("paint-order") == "stroke"


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60), st.text(max_size=20), st.integers(1, 300), st.integers(1, 300), st.booleans())
def test_whatever_a_file_says_the_drawing_is_xml_without_anything_that_acts(title, units, width, height, upright):
    tree = drawn(title=title, units=units, width=width, height=height, vertical=upright)
    tags = {re.sub("{.*}", "", element.tag) for element in tree.iter()}
    assert tags <= {"svg", "title", "desc", "g", "rect", "path", "text"}
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on") or "href" in name]
