"""Arrows as pixels. Oracle: moments of the ink, which is heavier at the head; Porter and Duff in plain numbers."""

import math

import numpy as np
import pytest

from renderers.arrows import REACH, arrow_colours, arrow_lengths, arrows
from renderers.scale import Scale

NAN = float("nan")


def drawn(places, how, shape=(64, 64)):
    rows, columns = (np.array(each, dtype=np.intp) for each in zip(*places, strict=True))
    towards, share = (np.array(each, dtype=np.float64) for each in zip(*how, strict=True))
    return arrows(shape, (rows, columns), (towards, share))


def moments(picture, row, column):
    """Return where an arrow points to, degrees clockwise from the upper edge, and how long its ink is."""
    part = picture[row - REACH : row + REACH, column - REACH : column + REACH].astype(float)
    ink = np.clip(part - 127.0, 0.0, None)
    y, x = np.nonzero(ink)
    weight = ink[y, x]
    places = np.stack([x, -y]) - np.average(np.stack([x, -y]), axis=1, weights=weight)[:, None]
    _, axes = np.linalg.eigh((weight * places) @ places.T)
    across, along = axes.T @ places
    # The head is broader than the shaft.
    if (weight * across**2 * along).sum() < 0:
        along, axes = -along, -axes
    return math.degrees(math.atan2(*axes[:, 1])) % 360, float(np.ptp(along))


@pytest.mark.parametrize("share", [0.3, 0.5, 1.0])
def test_an_arrow_points_where_it_is_told_to(share):
    for degrees in np.arange(0.0, 720.0, 37.3):
        found, length = moments(drawn([(32, 32)], [(degrees, share)]), 32, 32)
        assert abs((found - degrees + 180) % 360 - 180) < 2.0
        assert 7.5 + 13 * share < length < 10.5 + 13 * share


def test_a_quarter_turn_of_the_arrow_is_one_of_the_picture():
    first = drawn([(32, 32)], [(20.0, 1.0)])
    for quarter in (1, 2, 3):
        turned = drawn([(32, 32)], [(20.0 + 90.0 * quarter, 1.0)])
        assert (turned == np.rot90(first, -quarter)).all()


@pytest.mark.parametrize("how", [(NAN, 1.0), (10.0, NAN)])
def test_what_has_no_direction_or_no_length_has_no_arrow(how):
    assert not drawn([(32, 32)], [how]).any()


def test_an_arrow_colours_nothing_beyond_its_reach_and_is_cut_at_the_edge():
    for degrees in range(0, 360, 15):
        whole = drawn([(60, 60)], [(degrees, 1.0)], (120, 120))
        assert not whole[: 60 - REACH].any()
        assert not whole[60 + REACH :].any()
        assert not whole[:, : 60 - REACH].any()
        assert not whole[:, 60 + REACH :].any()
        for row, column in ((-REACH, 5), (3, -3), (20, 20), (33, 20), (12, 33), (20 + REACH, 4), (-99, 0), (0, 500)):
            part = drawn([(row, column)], [(degrees, 1.0)], (20, 20))
            wanted = np.zeros((20, 20), np.uint8)
            for down in range(20):
                for across in range(20):
                    at = 60 + down - row, 60 + across - column
                    wanted[down, across] = whole[at] if max(at) < 120 and min(at) >= 0 else 0
            assert (part == wanted).all()


def test_it_does_not_matter_which_of_two_overlapping_arrows_comes_first():
    places, how = [(30, 30), (34, 40)], [(80.0, 1.0), (300.0, 0.7)]
    assert (drawn(places, how) == drawn(places[::-1], how[::-1])).all()


def test_colours_go_from_nothing_over_a_light_rim_to_dark_ink():
    table = arrow_colours().astype(float)
    assert table.shape == (256, 4)
    assert tuple(table[0, 3:]) == (0,)
    assert table[127].tolist() == [255, 255, 255, 190]
    assert table[255].tolist() == [16, 20, 28, 255]
    assert (np.diff(table[:, 3]) >= 0).all()
    assert (np.diff(table[127:, :3], axis=0) <= 0).all()
    # Half of the ink over the rim.
    ink = 64 / 128
    opacity = ink + 190 / 255 * (1 - ink)
    mixed = [(ink * dark + 190 / 255 * (1 - ink) * 255) / opacity for dark in (16, 20, 28)]
    np.testing.assert_allclose(table[127 + 64], [*mixed, 255 * opacity], atol=0.51)


@pytest.mark.parametrize(
    ("scale", "magnitudes", "shares"),
    [
        (Scale(palette="gray", low=0.0, high=2.0), [0.5, 1.0, 2.0, 9.0, math.inf], [0.25, 0.5, 1.0, 1.0, 1.0]),
        (Scale(palette="gray", low=1.0, high=3.0), [0.5, 1.0, 2.0], [0.0, 0.0, 0.5]),
        (Scale(palette="gray", low=0.01, high=1.0, log=True), [0.001, 0.1, 1.0], [0.0, 0.5, 1.0]),
        (Scale(palette="gray", low=-1.0, high=1.0), [0.0, NAN, -0.0], [NAN, NAN, NAN]),
    ],
)
def test_arrows_are_as_long_as_the_magnitude_is_high_in_the_range_of_colours(scale, magnitudes, shares):
    np.testing.assert_allclose(arrow_lengths(np.array(magnitudes), scale), shares, atol=1e-12)
