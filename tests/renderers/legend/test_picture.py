"""Legends as Pillow decodes them."""

import io
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.problem import Problem
from renderers.colour import colours
from renderers.legend.bar import framed_bar
from renderers.legend.layout import horizontal, vertical
from renderers.legend.picture import LegendSpec, legend_picture, legend_size
from renderers.legend.text import inked, text_width
from renderers.legend.title import fitted
from renderers.scale import Scale

PNG = "image/png"
THERMAL = Scale(palette="thermal", low=-2, high=30)
CHLOROPHYLL = Scale(palette="algae", low=0.01, high=10, log=True)
BANDS = Scale(palette="ice", low=0, high=1, bands=10, below=(0, 0, 0, 0), above=(255, 0, 0, 255))
TINY = Scale(palette="balance", low=-2e-5, high=2e-5)
SCALES = [THERMAL, CHLOROPHYLL, BANDS, TINY, Scale(palette="deep", low=1e-6, high=1e6, log=True)]
LONG = "Sea water potential temperature at the sea floor, " * 12
TITLES = ["", "Salinity", "sea_surface_wave_significant_height", "W" * 80, LONG, "$x_1$ & <b> 100 % é µ"]


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def spec(**given):
    return LegendSpec(**({"scale": THERMAL, "title": "Sea water potential temperature", "units": "degrees_C"} | given))


@pytest.mark.parametrize(
    "size", [(110, 264), (400, 60), (1, 1), (44, 70), (90, 34), (100, 400), (800, 600), (30, 2000)]
)
@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize("bar_only", [True, False])
def test_the_picture_has_exactly_the_stated_size(size, upright, bar_only):
    asked = spec(width=size[0], height=size[1], vertical=upright, bar_only=bar_only)
    assert legend_size(asked) == size
    assert Image.open(io.BytesIO(legend_picture(asked, PNG))).size == size


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SCALES),
    st.sampled_from(TITLES),
    st.sampled_from(["", "1", "mmol m-3 day-1", "u" * 60]),
    st.integers(1, 300),
    st.integers(1, 300),
    st.booleans(),
)
def test_any_size_and_title_can_be_drawn(scale, title, units, width, height, upright):
    asked = LegendSpec(scale=scale, title=title, units=units, width=width, height=height, vertical=upright)
    assert pixels(legend_picture(asked, PNG)).shape == (height, width, 4)


@pytest.mark.parametrize(("lay_out", "size"), [(vertical, (110, 264)), (horizontal, (400, 60)), (vertical, (60, 120))])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("title", TITLES)
def test_no_text_leaves_the_picture_or_touches_other_text(lay_out, size, scale, title):
    layout = lay_out(scale, title, "mmol m-3", size)
    ink = inked(layout.text, size)
    assert not ink[[0, -1]].any()
    assert not ink[:, [0, -1]].any()
    alone = [inked([label], size) > 0 for label in layout.text]
    assert all(one.any() for one in alone)
    assert np.sum(alone, axis=0).max() <= 1
    assert all(len(label.text) < 2 or label.size >= 6 for label in layout.text)


def test_a_title_is_shortened_only_when_smaller_letters_and_more_lines_do_not_help():
    assert fitted("Salinity", 100, 60, 11).lines == ("Salinity",)
    assert fitted("Sea water salinity", 70, 60, 11).lines == ("Sea water", "salinity")
    assert fitted("Sea water salinity", 105, 14, 11).size < 11
    short = fitted(LONG, 100, 60, 11)
    assert short.lines[-1].endswith("…")
    assert all(text_width(line, short.size, bold=True) <= 100 for line in short.lines)


@pytest.mark.parametrize(("upright", "size"), [(True, (110, 264)), (False, (400, 60))])
def test_title_units_and_numbers_are_drawn(upright, size):
    asked = {"vertical": upright, "width": size[0], "height": size[1]}
    whole = pixels(legend_picture(spec(**asked), PNG))
    for change in (
        {"title": "Sea water potential Temperature"},
        {"units": "K"},
        {"scale": Scale(palette="thermal", low=-2, high=40)},
    ):
        assert not np.array_equal(pixels(legend_picture(spec(**asked, **change), PNG)), whole)
    dark = (whole[..., :3].max(axis=-1) < 60) & (whole[..., 3] > 200)
    assert dark.sum() > 300


@pytest.mark.parametrize("scale", SCALES)
def test_the_bar_shows_every_colour_of_the_scale_in_order(scale):
    picture = pixels(legend_picture(spec(scale=scale, height=700), PNG))
    corner = vertical(scale, "Sea water potential temperature", "degrees_C", (110, 700)).corner
    column = picture[:, corner[0] + 10]
    column = column[column[:, 3] == 255]
    shown = list(dict.fromkeys(map(tuple, column.tolist())))
    expected = list(dict.fromkeys(map(tuple, colours(scale)[: scale.bands].tolist())))
    assert [colour for colour in shown if colour in set(expected)] == expected[::-1]


@pytest.mark.parametrize(("below", "pointed"), [(None, True), ((255, 0, 255, 255), True), ((0, 0, 0, 0), False)])
def test_the_end_is_pointed_where_values_beyond_it_are_drawn(below, pointed):
    scale = Scale(palette="thermal", low=0, high=1, below=below, above=(0, 0, 0, 0))
    bar = framed_bar(scale, 200, 20, ((0, 0, 0, 255), (255, 255, 255, 255)))
    assert bar.shape == (24, 200 + 8 + (12 if pointed else 0), 4)
    assert bool(bar[3, 5, 3] == 0) is pointed
    middle = tuple(bar[12, 10].tolist())
    assert (
        middle == tuple(colours(scale)[253].tolist()) if pointed else middle in set(map(tuple, colours(scale).tolist()))
    )


@pytest.mark.parametrize("upright", [True, False])
def test_a_bare_bar_is_the_colours_and_nothing_else(upright):
    size = (20, 250) if upright else (250, 20)
    shown = pixels(legend_picture(spec(bar_only=True, width=size[0], height=size[1], vertical=upright), PNG))
    along = shown[::-1, 0] if upright else shown[0]
    assert np.array_equal(along, colours(THERMAL)[:250])
    assert (shown == (shown[:, :1] if upright else shown[:1])).all()


def test_the_ground_is_transparent_unless_it_is_asked_for():
    assert pixels(legend_picture(spec(), PNG))[0, 0, 3] == 0
    coloured = pixels(legend_picture(spec(background=(10, 20, 30, 255), text=(250, 250, 250, 255)), PNG))
    assert coloured[0, 0].tolist() == [10, 20, 30, 255]
    assert (coloured[..., 3] == 255).all()
    assert (coloured == (250, 250, 250, 255)).all(axis=-1).sum() > 100


def test_a_title_is_never_taken_for_mathematics():
    assert text_width("$x$", 20.0) > text_width("x", 20.0) * 1.8


@pytest.mark.parametrize("change", [{"width": 0}, {"height": 0}, {"width": -5}])
def test_a_picture_without_pixels_is_refused(change):
    with pytest.raises(Problem, match="at least 1") as refusal:
        spec(**change)
    assert refusal.value.parameter == next(iter(change)).upper()


def test_matplotlib_is_imported_only_for_text():
    script = """
import sys
from renderers.scale import Scale
import renderers.colour, renderers.defaults, renderers.images, renderers.make_palettes, renderers.palettes
from renderers.legend.picture import LegendSpec, legend_picture, legend_size
given = dict(scale=Scale(palette="thermal", low=0, high=1), title="t", units="m")
legend_picture(LegendSpec(**given, bar_only=True), "image/png"), legend_size(LegendSpec(**given))
assert not {"matplotlib", "cmocean", "xarray"} & set(sys.modules), "too early"
legend_picture(LegendSpec(**given), "image/png")
assert "matplotlib" in sys.modules and "matplotlib.pyplot" not in sys.modules, "pyplot"
"""
    subprocess.run([sys.executable, "-c", script], check=True)
