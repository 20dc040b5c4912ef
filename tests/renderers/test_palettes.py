"""The stored table against its sources."""

import cmocean
import numpy as np
import pytest
from matplotlib import colormaps

from core.problem import Problem
from renderers.make_palettes import palettes
from renderers.palettes import palette, palette_names


def original(name):
    return cmocean.cm.cmap_d[name] if name in cmocean.cm.cmapnames else colormaps[name]


@pytest.mark.parametrize("name", palette_names())
def test_every_colour_is_the_one_its_source_gives(name):
    expected = original(name)(np.linspace(0, 1, 256))[:, :3] * 255
    assert np.abs(palette(name) - expected).max() <= 0.5


@pytest.mark.parametrize("name", palette_names())
def test_the_inverse_runs_the_other_way(name):
    assert np.array_equal(palette(f"{name}-inv"), palette(name)[::-1])


def test_the_table_is_the_one_that_the_script_writes():
    assert tuple(palettes()) == palette_names()


def test_cmocean_comes_first_and_is_complete():
    names = palette_names()
    assert names[:5] == ("thermal", "haline", "ice", "algae", "balance")
    assert set(names[: len(cmocean.cm.cmapnames)]) == set(cmocean.cm.cmapnames)


def test_no_continuous_colours_of_matplotlib_are_left_out():
    stored = {palette(name).tobytes() for name in palette_names()}
    for name, colormap in ((name, colormaps[name]) for name in colormaps):
        if colormap.N >= 256 and not name.endswith("_r") and not name.startswith("cmo."):
            colours = np.rint(colormap(np.linspace(0, 1, 256))[:, :3] * 255).astype(np.uint8)
            assert colours.tobytes() in stored, name


@pytest.mark.parametrize(
    "name", ["", "-inv", "thermal-inv-inv", "Thermal", "thermal ", "thermal_r", "tab10", "x" * 9999]
)
def test_an_unknown_palette_is_refused_by_name(name):
    with pytest.raises(Problem, match="there is no palette") as refusal:
        palette(name)
    assert (refusal.value.kind, refusal.value.parameter) == ("unknown_style", "STYLES")
    assert len(str(refusal.value)) < 300


def test_a_palette_cannot_be_changed_by_those_who_use_it():
    for name in ("thermal", "thermal-inv"):
        with pytest.raises(ValueError, match="read-only"):
            palette(name)[0] = 0
