"""The coloured bar of a legend, drawn without matplotlib."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from renderers.colour import ABOVE, BELOW, colours
from renderers.images import over, shade
from renderers.scale import Rgba, Scale

FRAME: Final = 2
"""Pixels around the colours: a line in the colour of the text, and one of the opposite brightness."""
ENDS: Final = 4
"""Pixels before the first and after the last colour: the frame of a slanted point reaches that far."""
_FINER: Final = 4
"""Points of each pixel and direction that are looked at, to smooth the edges of the bar."""


def bands_along(scale: Scale, length: int) -> NDArray[np.uint8]:
    """Return the palette index at each of `length` pixels from the low to the high end, shape (length,)."""
    return ((np.arange(length) + 0.5) * (scale.bands / length)).astype(np.uint8)


def bare_bar(scale: Scale, width: int, height: int, *, vertical: bool) -> NDArray[np.uint8]:
    """Return palette indices, shape (height, width), low at the bottom or at the left."""
    if vertical:
        return np.repeat(bands_along(scale, height)[::-1, None], width, axis=1)
    return np.repeat(bands_along(scale, width)[None], height, axis=0)


def tips(scale: Scale, thickness: int) -> tuple[int, int]:
    """Return the lengths of the points beyond the low and the high end, pixels; 0 where nothing is drawn there."""
    length = round(thickness * 0.6)
    table = colours(scale)
    return (length if table[BELOW, 3] else 0), (length if table[ABOVE, 3] else 0)


def framed_bar(scale: Scale, length: int, thickness: int, frame: tuple[Rgba, Rgba]) -> NDArray[np.uint8]:
    """Draw the bar with its points and its frame, low end at the left.

    Args:
        scale: the colours.
        length: of the scale proper, pixels.
        thickness: pixels.
        frame: colours of the inner and of the outer line.

    Returns:
        Straight RGBA, shape (thickness + 2 * FRAME, points + length + 2 * ENDS, 4).

    """
    low, high = tips(scale, thickness)
    along = np.concatenate([np.full(low, BELOW), bands_along(scale, length), np.full(high, ABOVE)])
    along = np.pad(along.astype(np.uint8), ENDS, mode="edge")
    filled = shade(np.repeat(along[None], thickness + 2 * FRAME, axis=0), colours(scale))
    inside, line, around = (_coverage((low, length, high), thickness, grown) for grown in (0, 1, FRAME))
    picture = _plain(frame[1], around - line)
    picture = over(picture, _faded(filled, inside))
    return over(picture, _plain(frame[0], line - inside))


def _coverage(parts: tuple[int, int, int], thickness: int, grown: int) -> NDArray[np.float64]:
    """Return how much of each pixel the bar covers, 0 to 1, with `grown` pixels added all around."""
    low, length, high = parts
    width, height = low + length + high + 2 * ENDS, thickness + 2 * FRAME
    x = (np.arange(width * _FINER) + 0.5) / _FINER - (ENDS + low)
    y = (np.arange(height * _FINER) + 0.5) / _FINER - height / 2
    half = thickness / 2
    # A slanted side moves outwards by `grown` too, and so meets the axis farther out than the point does.
    left, right = ((tip + grown * math.hypot(tip, half) / half) for tip in (low, high))
    left_shoulder, right_shoulder = (grown * (math.hypot(tip, half) - tip) / half for tip in (low, high))
    outline = np.interp(
        x,
        [-left, -left_shoulder, length + right_shoulder, length + right],
        [0, half + grown, half + grown, 0],
        left=0,
        right=0,
    )
    finer = np.abs(y)[:, None] < outline[None]
    coverage: NDArray[np.float64] = finer.reshape(height, _FINER, width, _FINER).mean(axis=(1, 3))
    return coverage


def _plain(colour: Rgba, coverage: NDArray[np.float64]) -> NDArray[np.uint8]:
    pixels = np.empty((*coverage.shape, 4), dtype=np.uint8)
    pixels[...] = colour
    return _faded(pixels, coverage)


def _faded(pixels: NDArray[np.uint8], coverage: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return pixels as opaque as `coverage` leaves them."""
    faded = pixels.copy()
    faded[..., 3] = np.rint(pixels[..., 3] * coverage)
    return faded
