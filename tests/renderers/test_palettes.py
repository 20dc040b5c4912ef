"""The stored table against its sources, and the names under which it is known."""

import cmocean
import numpy as np
import pytest
from matplotlib import colormaps

from core.problem import Problem
from renderers.make_palettes import ANCHORS, RENAMED, palettes
from renderers.palette_aliases import OFFERED
from renderers.palettes import canonical, chosen, palette, palette_names

OURS = (*ANCHORS, "seq-BuYl", "x-Ncview")
SOURCED = [name for name in palette_names() if name not in OURS and name not in OFFERED]
NCWMS_2 = (
    *(f"div-{name}" for name in ("BrBG", "BuRd", "BuRd2", "PRGn", "PiYG", "PuOr", "RdBu", "RdGy", "RdYlBu", "RdYlGn")),
    *("div-Spectral", "psu-inferno", "psu-magma", "psu-plasma", "psu-viridis", "seq-BkBu", "seq-BkGn", "seq-BkRd"),
    *("seq-BkYl", "seq-BlueHeat", "seq-Blues", "seq-BuGn", "seq-BuPu", "seq-BuYl", "seq-GnBu", "seq-Greens"),
    *("seq-Greys", "seq-GreysRev", "seq-Heat", "seq-OrRd", "seq-Oranges", "seq-PuBu", "seq-PuBuGn", "seq-PuRd"),
    *("seq-Purples", "seq-RdPu", "seq-Reds", "seq-YlGn", "seq-YlGnBu", "seq-YlOrBr", "seq-YlOrRd", "seq-cubeYF"),
    *("x-Ncview", "x-Occam", "x-Rainbow", "x-Sst"),
)
NCWMS_1 = ("alg", "alg2", "ferret", "greyscale", "ncview", "occam", "occam_pastel-30", "rainbow", "redblue", "sst_36")


def original(name):
    if name in cmocean.cm.cmapnames:
        return cmocean.cm.cmap_d[name]
    return colormaps[{new: old for old, new in RENAMED.items()}.get(name, name)]


def ends(name):
    return ["".join(f"{part:02x}" for part in colour) for colour in palette(name)[[0, 127, 255]]]


@pytest.mark.parametrize("name", SOURCED)
def test_every_colour_is_the_one_its_source_gives(name):
    expected = original(name)(np.linspace(0, 1, 256))[:, :3] * 255
    assert np.abs(palette(name) - expected).max() <= 0.5


@pytest.mark.parametrize("name", palette_names())
def test_the_inverse_runs_the_other_way(name):
    assert np.array_equal(palette(f"{name}-inv"), palette(name)[::-1])
    assert np.array_equal(palette(f"{name}_r"), palette(name)[::-1])
    assert np.array_equal(palette(f"{name}_r-inv"), palette(name))


def test_the_table_is_the_one_that_the_script_writes():
    written = palettes()
    assert (*written, *OFFERED) == palette_names()
    for name, colours in written.items():
        assert np.array_equal(palette(name), colours), name


def test_cmocean_comes_first_and_is_complete():
    names = palette_names()
    assert names[:5] == ("thermal", "haline", "ice", "algae", "balance")
    assert set(names[: len(cmocean.cm.cmapnames)]) == set(cmocean.cm.cmapnames)


def test_every_name_of_matplotlib_is_known_and_has_its_colours():
    # cmocean, which is not all of it, registers its own there, and has a gray; rainbow is that of the first ncWMS.
    for name in colormaps:
        if name.removesuffix("_r") not in ("gray", "rainbow") and not name.startswith("cmo."):
            expected = np.rint(colormaps[name](np.linspace(0, 1, 256))[:, :3] * 255)
            # Reversed and repeated, a colour between two others may fall on either side.
            assert (np.abs(palette(name) - expected).max(axis=1) <= 4).mean() > 0.95, name


@pytest.mark.parametrize("name", [*NCWMS_2, *NCWMS_1])
def test_every_name_of_ncwms_is_known_and_offered(name):
    assert name in palette_names()
    assert palette(name).shape == palette(f"{name}-inv").shape == (256, 3)


@pytest.mark.parametrize(
    ("name", "colours"),
    [
        ("div-RdBu", ["67001f", "f8f6f6", "053061"]),
        ("div-BuRd2", ["053061", "f7f6f6", "67001f"]),
        ("div-BuRd", ["0000ff", "fefeff", "ff0000"]),
        ("redblue", ["0000ff", "fefeff", "ff0000"]),
        ("seq-Greys", ["ffffff", "979797", "000000"]),
        ("seq-GreysRev", ["000000", "7f7f7f", "ffffff"]),
        ("greyscale", ["000000", "7f7f7f", "ffffff"]),
        ("seq-BkBu", ["000000", "00007f", "0000ff"]),
        ("seq-BuYl", ["081d58", "40b5c4", "ffffd9"]),
        ("seq-Heat", ["000000", "ff7e00", "ffffff"]),
        ("x-Ncview", ["0000ff", "7fff80", "ff0000"]),
        ("x-Rainbow", ["000080", "7cff79", "800000"]),
        ("rainbow-inv", ["800000", "7dff7a", "000080"]),
        ("mpl-rainbow", ["8000ff", "80feb3", "ff0000"]),
    ],
)
def test_palettes_of_ncwms_run_from_and_to_the_colours_that_its_users_know(name, colours):
    for found, expected in zip(ends(name), colours, strict=True):
        assert np.abs(np.subtract(list(bytes.fromhex(found)), list(bytes.fromhex(expected)))).max() <= 4


def test_palettes_for_categories_have_each_colour_on_an_even_part():
    stored = palette("tab10")
    colours, counts = np.unique(stored, axis=0, return_counts=True)
    assert len(colours) == 10
    assert counts.min() >= 25
    assert (
        stored[np.rint(np.linspace(0, 255, 10)).astype(int)] == np.rint(np.array(colormaps["tab10"].colors) * 255)
    ).all()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("thermal", "thermal"),
        ("THERMAL", "thermal"),
        ("Thermal-INV", "thermal-inv"),
        ("thermal_r", "thermal-inv"),
        ("thermal_r-inv", "thermal"),
        ("X-RAINBOW", "jet"),
        ("rdbu", "RdBu"),
        ("div-burd2", "RdBu-inv"),
        ("div-BuRd2-inv", "RdBu"),
        ("cmo.haline_r", "haline-inv"),
        ("cmocean_balance", "balance"),
        ("Grays", "Greys"),
    ],
)
def test_one_palette_has_one_name_however_it_is_called(name, found):
    assert canonical(name) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, "algae"),
        ("default", "algae"),
        ("Default", "algae"),
        ("default-inv", "algae-inv"),
        ("default_r", "algae-inv"),
        ("occam", "x-Occam"),
    ],
)
def test_a_layers_own_palette_is_called_default(asked, found):
    assert chosen(asked, "algae") == found


def test_the_inverse_of_an_inverted_palette_of_its_own_is_the_palette():
    assert chosen("default-inv", "thermal-inv") == "thermal"


def test_no_two_palettes_differ_by_the_case_of_their_names_alone():
    names = [name.lower() for name in palette_names()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "name",
    ["", "-inv", "_r", "thermal-inv-inv", "thermal_r_r", "thermal-inv_r", "thermal ", "default", "\u0130", "x" * 9999],
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


def test_names_of_one_palette_cost_nothing():
    assert palette("X-Rainbow") is palette("rainbow")
    assert np.shares_memory(palette("redblue-inv"), palette("bwr"))
