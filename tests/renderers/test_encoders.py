"""Pictures in every format, as Pillow decodes them."""

import io
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from renderers.colour import colours
from renderers.encoders import encode_palette, encode_pixels, gif, palette_gif
from renderers.images import Format, shade
from renderers.scale import Scale

GROUND = (10, 220, 130)
FORMATS = get_args(Format)
EXACT = [written for written in FORMATS if written != "image/jpeg"]
SIZES = [(1, 1), (1, 7), (5, 8), (200, 256), (3, 3000)]
TABLE = colours(Scale(palette="thermal", low=0, high=1, below=(200, 30, 60, 128), above=(1, 2, 3, 0)))


def decoded(body):
    picture = Image.open(io.BytesIO(body))
    picture.load()
    assert getattr(picture, "n_frames", 1) == 1
    return picture


def rgba(body):
    return np.asarray(decoded(body).convert("RGBA")).astype(int)


def smooth(height, width):
    """Return palette indices as a map has them, with some below, above and missing."""
    rows, columns = np.indices((height, width))
    found = ((rows * 2 + columns) // 3 % 250).astype(np.uint8)
    found.reshape(-1)[::7] = 253
    found.reshape(-1)[3::11] = 254
    found.reshape(-1)[5::5] = 255
    return found


def over_ground(pixels):
    share = pixels[..., 3:].astype(float) / 255
    return np.rint(pixels[..., :3] * share + np.array(GROUND) * (1 - share)).astype(int)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("written", EXACT)
def test_without_transparency_every_pixel_is_laid_over_the_background(written, size):
    pixels = shade(smooth(*size), TABLE)
    found = rgba(encode_pixels(pixels, written, background=GROUND, transparent=False))
    assert (found[..., 3] == 255).all()
    assert np.abs(found[..., :3] - over_ground(pixels)).max() <= 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("written", ["image/png", "image/png; mode=32bit", "image/webp"])
def test_with_transparency_every_opacity_is_kept(written, size):
    pixels = shade(smooth(*size), TABLE)
    found = rgba(encode_pixels(pixels, written, background=GROUND, transparent=True))
    assert (found[..., 3] == pixels[..., 3]).all()
    seen = pixels[..., 3] > 0
    assert (found[seen] == pixels[seen]).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("way", ["by palette", "by pixel"])
def test_a_transparent_gif_shows_through_only_what_is_not_there_at_all(size, way):
    indices = smooth(*size)
    pixels = shade(indices, TABLE)
    if way == "by palette":
        body = encode_palette(indices, TABLE, "image/gif", background=GROUND, transparent=True)
    else:
        body = encode_pixels(pixels, "image/gif", background=GROUND, transparent=True)
    found = rgba(body)
    clear = pixels[..., 3] == 0
    assert (found[..., 3] == np.where(clear, 0, 255)).all()
    assert np.abs(found[..., :3] - over_ground(pixels))[~clear].max(initial=0) <= 1


@pytest.mark.parametrize("transparent", [True, False])
@pytest.mark.parametrize("written", ["image/png", "image/gif"])
def test_a_palette_gives_the_picture_that_pixels_give(written, transparent):
    indices = smooth(100, 120)
    by_palette = encode_palette(indices, TABLE, written, background=GROUND, transparent=transparent)
    by_pixel = encode_pixels(shade(indices, TABLE), written, background=GROUND, transparent=transparent)
    assert decoded(by_palette).mode == "P"
    first, second = rgba(by_palette), rgba(by_pixel)
    assert (first[..., 3] == second[..., 3]).all()
    seen = first[..., 3] > 0
    assert (first[seen] == second[seen]).all()


@pytest.mark.parametrize("written", sorted(set(FORMATS) - {"image/png", "image/gif"}))
def test_formats_without_a_palette_say_so(written):
    assert encode_palette(smooth(4, 4), TABLE, written, background=GROUND, transparent=True) is None


def test_a_gif_of_more_colours_than_it_can_hold_is_close_and_as_transparent():
    rows, columns = np.indices((64, 64))
    pixels = np.stack([rows * 4, columns * 4, np.full((64, 64), 90), np.full((64, 64), 255)], axis=2).astype(np.uint8)
    pixels[:8] = 0
    found = rgba(gif(pixels))
    assert (found[..., 3] == pixels[..., 3]).all()
    assert np.abs(found[8:, :, :3] - pixels[8:, :, :3]).mean() < 6


def test_a_gif_of_256_colours_is_exact():
    table = np.full((256, 4), 255, dtype=np.uint8)
    table[:, 0] = np.arange(256)
    indices = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert (rgba(palette_gif(indices, table)) == table[indices]).all()
    assert (rgba(gif(table[indices])) == table[indices]).all()


def test_a_jpeg_is_composed_over_its_background():
    pixels = np.zeros((32, 48, 4), dtype=np.uint8)
    pixels[:, 16:32] = (200, 30, 60, 255)
    pixels[:, 32:] = (200, 30, 60, 128)
    body = encode_pixels(pixels, "image/jpeg", background=GROUND, transparent=True)
    picture = np.asarray(decoded(body)).astype(int)
    assert picture.shape == (32, 48, 3)
    for columns, colour in ((8, GROUND), (24, (200, 30, 60)), (40, (105, 125, 95))):
        assert np.abs(picture[16, columns] - colour).max() <= 3


def test_a_jpeg_keeps_the_colours_of_neighbouring_pixels_apart():
    body = encode_pixels(np.full((8, 8, 4), 200, dtype=np.uint8), "image/jpeg", background=GROUND, transparent=False)
    assert decoded(body).layer[0][1:3] == (1, 1)


def test_the_arguments_are_left_alone():
    indices, pixels = smooth(9, 9), shade(smooth(9, 9), TABLE)
    before = indices.copy(), pixels.copy()
    for written in FORMATS:
        encode_pixels(pixels, written, background=GROUND, transparent=True)
        encode_palette(indices, TABLE, written, background=GROUND, transparent=True)
    assert (indices == before[0]).all()
    assert (pixels == before[1]).all()
