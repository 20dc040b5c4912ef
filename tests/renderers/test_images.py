"""Pictures as Pillow decodes them."""

import io
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from renderers.colour import colours
from renderers.images import dimmed, opaque, over, palette_png, rgba_png, shade, shade_over
from renderers.scale import Scale

SIZES = [(1, 1), (1, 7), (5, 8), (256, 256), (64, 1000), (3, 70000)]
COLOURS = colours(Scale(palette="thermal", low=0, high=1, below=(1, 2, 3, 99)))
OPAQUE = np.concatenate([np.random.default_rng(1).integers(0, 256, (256, 3)), np.full((256, 1), 255)], axis=1)


def decoded(png):
    picture = Image.open(io.BytesIO(png))
    picture.load()
    return picture


def noise(height, width, *rest):
    return np.random.default_rng(height * width).integers(0, 256, (height, width, *rest), dtype=np.uint8)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("table", [COLOURS, OPAQUE.astype(np.uint8)], ids=["with opacity", "opaque"])
def test_a_palette_png_shows_every_pixel_in_its_colour(size, table):
    found = noise(*size)
    picture = decoded(palette_png(found, table))
    assert (picture.format, picture.mode) == ("PNG", "P")
    assert np.array_equal(np.asarray(picture), found)
    assert np.array_equal(np.asarray(picture.convert("RGBA")), table[found])


def test_a_palette_png_of_a_view_into_a_larger_array_is_right():
    found = noise(40, 50)[::-2, 3:30].T
    assert np.array_equal(np.asarray(decoded(palette_png(found, COLOURS))), found)


@pytest.mark.parametrize("size", SIZES)
def test_an_rgba_png_holds_every_sample(size):
    pixels = noise(*size, 4)
    picture = decoded(rgba_png(pixels))
    assert picture.mode == "RGBA"
    assert np.array_equal(np.asarray(picture), pixels)


@pytest.mark.parametrize("size", SIZES[:5])
def test_shading_looks_up_every_colour(size):
    found = noise(*size)
    assert np.array_equal(shade(found, COLOURS), COLOURS[found])


def exact_over(lower, upper):
    """Porter and Duff with fractions; None where nothing is seen."""
    above, below = Fraction(upper[3], 255), Fraction(lower[3], 255)
    opacity = above + below * (1 - above)
    if opacity == 0:
        return None
    mixed = [(u * above + v * below * (1 - above)) / opacity for u, v in zip(upper[:3], lower[:3], strict=True)]
    return [*mixed, opacity * 255]


levels = st.sampled_from([0, 1, 127, 128, 254, 255]) | st.integers(0, 255)
pixel = st.tuples(levels, levels, levels, levels)


@settings(max_examples=100)
@given(st.lists(st.tuples(pixel, pixel), min_size=1, max_size=20))
def test_over_is_exact_to_the_last_digit(pairs):
    lower, upper = (np.array([[pair[k] for pair in pairs]], dtype=np.uint8) for k in (0, 1))
    found = over(lower, upper)
    for (below, above), result in zip(pairs, found[0].tolist(), strict=True):
        expected = exact_over(below, above)
        if expected is None:
            assert result[3] == 0
        else:
            assert all(abs(a - b) <= Fraction(1, 2) for a, b in zip(result, expected, strict=True))


def test_over_agrees_with_pillow():
    lower, upper = noise(64, 64, 4), noise(64, 65, 4)[:, 1:]
    expected = np.asarray(Image.alpha_composite(Image.fromarray(lower), Image.fromarray(np.ascontiguousarray(upper))))
    assert np.abs(over(lower, upper).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("opacity", [100.0, 37.0])
def test_two_layers_are_blended_pair_by_pair_as_pixel_by_pixel(opacity):
    lower, upper = noise(30, 40), noise(31, 40)[1:]
    above = dimmed(OPAQUE.astype(np.uint8), opacity)
    above[7:90] = 0
    found = shade_over((lower, COLOURS), (upper, above)).reshape(-1, 4)
    for got, below, on in zip(found.tolist(), lower.flat, upper.flat, strict=True):
        expected = exact_over(COLOURS[below].tolist(), above[on].tolist())
        assert got[3] == 0 if expected is None else np.abs(np.subtract(got, [*map(float, expected)])).max() <= 0.5


def test_over_leaves_its_arguments_alone():
    lower, upper = noise(4, 4, 4), noise(4, 5, 4)[:, 1:]
    before = lower.copy(), upper.copy()
    over(lower, upper)
    assert np.array_equal(lower, before[0])
    assert np.array_equal(upper, before[1])


@settings(max_examples=100)
@given(st.lists(pixel, min_size=1, max_size=20), st.tuples(levels, levels, levels))
def test_what_is_laid_over_a_background_is_opaque(pixels, ground):
    found = opaque(np.array([pixels], dtype=np.uint8), ground)[0].tolist()
    for before, after in zip(pixels, found, strict=True):
        expected = exact_over((*ground, 255), before)
        assert after[3] == 255
        assert all(abs(a - b) <= Fraction(1, 2) for a, b in zip(after, expected, strict=True))


@pytest.mark.parametrize(("opacity", "expected"), [(100, (255, 99, 0)), (50, (128, 50, 0)), (0, (0, 0, 0))])
def test_a_percentage_of_its_own_opacity_is_left_to_a_colour(opacity, expected):
    table = np.array([[10, 20, 30, 255], [10, 20, 30, 99], [10, 20, 30, 0]], dtype=np.uint8)
    before = table.copy()
    found = dimmed(table, opacity)
    assert (found[:, :3] == table[:, :3]).all()
    assert np.abs(found[:, 3].astype(int) - expected).max() <= 1
    assert (table == before).all()
