"""Legends as data."""

import json
import math

import numpy as np
import pytest

from renderers.colour import ABOVE, BELOW, colours
from renderers.legend.picture import LegendSpec, legend_picture
from renderers.scale import Scale

SCALES = [
    Scale(palette="thermal", low=-2, high=30),
    Scale(palette="algae", low=0.01, high=10, log=True),
    Scale(palette="ice", low=0, high=1, bands=10, below=(0, 0, 0, 0), above=(255, 0, 0, 255)),
    Scale(palette="balance", low=-2e-7, high=2e-7, bands=3, missing=(1, 2, 3, 4)),
]


def told(scale, **given):
    spec = LegendSpec(scale=scale, title="T", units="mg m-3", **given)
    return json.loads(legend_picture(spec, "application/json"), parse_constant=pytest.fail)


def css(colour):
    return "#" + bytes(colour[:3] if colour[3] == 255 else colour).hex()


@pytest.mark.parametrize("scale", SCALES)
def test_each_stop_is_the_colour_from_its_value_on(scale):
    found = told(scale)
    table = colours(scale).tolist()
    assert [stop["color"] for stop in found["stops"]] == [css(colour) for colour in table[: scale.bands]]
    values = [stop["value"] for stop in found["stops"]]
    edges = np.geomspace if scale.log else np.linspace
    # numpy's own division of the range is the oracle; the end of the last band is `high`.
    size = scale.high - scale.low
    assert values == pytest.approx(edges(scale.low, scale.high, scale.bands + 1)[:-1].tolist(), abs=1e-9 * size)
    assert (found["low"], found["high"], found["bands"], found["log"]) == (
        scale.low,
        scale.high,
        scale.bands,
        scale.log,
    )


@pytest.mark.parametrize("scale", SCALES)
def test_colours_beyond_the_ends_and_of_no_data_are_told(scale):
    found, table = told(scale), colours(scale).tolist()
    assert (found["below"], found["above"]) == (css(table[BELOW]), css(table[ABOVE]))
    assert found["nodata"] == css(list(scale.missing))


@pytest.mark.parametrize("scale", SCALES)
def test_ticks_say_where_they_stand_along_the_bar(scale):
    for tick in told(scale)["ticks"]:
        low, high, value = scale.low, scale.high, tick["value"]
        share = math.log(value / low) / math.log(high / low) if scale.log else (value - low) / (high - low)
        assert tick["position"] == pytest.approx(share, abs=1e-5)
        assert 0 <= tick["position"] <= 1
        assert tick["label"]
    assert len(told(scale)["ticks"]) >= 2


def test_labels_are_whole_by_themselves():
    assert [tick["label"] for tick in told(SCALES[3])["ticks"]][-1] == "2.00×10⁻⁷"


def test_title_and_units_are_told_even_where_they_are_not_drawn():
    found = told(SCALES[0], labelled=False, bar_only=True)
    assert (found["title"], found["units"], found["palette"]) == ("T", "mg m-3", "thermal")
