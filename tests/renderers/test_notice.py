"""Messages in pictures, as Pillow decodes them."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from renderers.legend.encoders import encoded
from renderers.notice import blank, notice

MESSAGE = "BBOX='10,10,0,20' has no area: each minimum must be below its maximum"
WHITE, BLACK, CLEAR = (255, 255, 255, 255), (0, 0, 0, 255), (10, 20, 30, 0)


def pixels(drawn, written="image/png"):
    return np.asarray(Image.open(io.BytesIO(encoded(*drawn, written))).convert("RGBA"))


def contrast(picture, ground):
    return np.abs(picture[..., :3].astype(int) - ground[:3]).max(axis=-1)


@settings(max_examples=20, deadline=None)
@given(
    st.text(max_size=80),
    st.integers(1, 300),
    st.integers(1, 300),
    st.sampled_from([WHITE, BLACK, CLEAR, (128, 128, 128, 255)]),
)
def test_any_message_can_be_written_into_any_picture(message, width, height, ground):
    picture = pixels(notice(message, (width, height), ground))
    assert picture.shape == (height, width, 4)
    assert tuple(picture[0, 0]) == ground


@pytest.mark.parametrize("ground", [WHITE, BLACK, (0, 0, 90, 255), (255, 255, 0, 255), (128, 128, 128, 255)])
def test_letters_stand_out_from_the_ground(ground):
    picture = pixels(notice(MESSAGE, (256, 256), ground))
    assert (picture[..., 3] == 255).all()
    far = contrast(picture, ground) > 100
    assert 300 < far.sum() < picture.shape[0] * picture.shape[1] / 4
    # Every line lies inside.
    assert not far[[0, -1]].any()
    assert not far[:, [0, -1]].any()


def test_on_a_see_through_ground_letters_are_dark_with_a_light_rim():
    picture = pixels(notice(MESSAGE, (256, 128), CLEAR))
    assert (picture[0] == CLEAR).all()
    seen = picture[picture[..., 3] > 200][:, :3]
    assert (seen.max(axis=1) < 60).sum() > 200
    assert (seen.min(axis=1) > 200).sum() > 200


def test_more_words_take_more_room_and_what_does_not_fit_is_cut():
    rows = [(contrast(pixels(notice(MESSAGE * n, (200, 200), WHITE)), WHITE) > 100).any(axis=1).sum() for n in (1, 3)]
    assert rows[1] > rows[0] * 2
    assert not (contrast(pixels(notice(MESSAGE * 50, (200, 200), WHITE)), WHITE) > 100)[-2:].any()


def test_messages_that_differ_are_pictures_that_differ():
    one, other = (pixels(notice(text, (256, 64), WHITE)) for text in ("there is no layer 'a'", "there is no layer 'b'"))
    assert (one != other).any()


@pytest.mark.parametrize("size", [(1, 1), (8, 5), (20, 200), (200, 6)])
def test_a_picture_too_small_for_a_word_is_empty(size):
    assert (pixels(notice(MESSAGE, size, WHITE)) == 255).all()


def test_what_no_letter_is_at_hand_for_is_shown_as_such():
    assert (pixels(notice("\u4e2d\x01\ud800", (99, 50), WHITE)) == pixels(notice("\ufffd" * 3, (99, 50), WHITE))).all()


@pytest.mark.parametrize("ground", [WHITE, (1, 2, 3, 255), CLEAR])
def test_a_blank_picture_is_one_colour(ground):
    assert (pixels(blank((7, 3), ground)) == ground).all()
