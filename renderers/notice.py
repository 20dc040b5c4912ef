"""A message as a picture, for clients that show nothing but pictures. Source: OGC 06-042, 7.3.3.11 (INIMAGE)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from renderers.images import over
from renderers.legend.text import Label, around, drawable, inked, opposite
from renderers.legend.title import LINE, SMALLEST, fitted
from renderers.scale import Rgba

_LARGEST: Final = 14.0
"""Size of letters, pixels."""
_WIDEST: Final = 640
"""Pixels of a line: longer ones are hard to read, and all that is drawn must be held."""
_NARROWEST: Final = 24
"""Pixels of a line: in less there is no room for a word."""
_INK: Final[Rgba] = (25, 25, 25, 255)
_LEVELS: Final = 16
"""Of how much a letter, or the rim around it, covers of a pixel: 16 x 16 colours fill a palette."""
_SOLID: Final = 128
"""Opacity from which on a ground decides the colour of the letters."""


def blank(size: tuple[int, int], background: Rgba) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a picture of `size` (width, height) in one colour, as palette indices (h, w) and their RGBA (256, 4)."""
    width, height = size
    return np.zeros((height, width), dtype=np.uint8), np.tile(np.array(background, dtype=np.uint8), (256, 1))


def notice(message: str, size: tuple[int, int], background: Rgba) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Write a message into a picture of `size` (width, height), in lines that fit, cut where there are too many.

    Letters are dark on a light ground, light on a dark one, and rimmed on one that lets others through. A picture
    that is too small for a word stays empty.

    Returns:
        Palette indices, shape (h, w), and their colours as straight RGBA, shape (256, 4).

    """
    indices, table = blank(size, background)
    width, height = size
    pad = min(8, width // 16, height // 16) + 1
    box = min(width, _WIDEST) - 2 * pad, height - 2 * pad
    if box[0] < _NARROWEST or box[1] < SMALLEST * LINE:
        return indices, table
    rimmed = background[3] < _SOLID
    ink = _written(message, box, pad)
    levels = ink // (256 // _LEVELS)
    if rimmed:
        levels += around(ink) // (256 // _LEVELS) * _LEVELS
    rows, columns = min(height, ink.shape[0]), min(width, ink.shape[1])
    indices[:rows, :columns] = levels[:rows, :columns]
    return indices, _table(background, rimmed=rimmed)


def _written(message: str, box: tuple[int, int], pad: int) -> NDArray[np.uint8]:
    """Return how much of each pixel the letters cover, 0 to 255, for the part of the picture that has any."""
    width, height = box
    size = max(SMALLEST, min(_LARGEST, width / 18, height / 3))
    found = fitted(drawable(message), width, height, size)
    step = found.size * LINE
    labels = [
        Label(text=line, x=pad, baseline=pad + index * step + found.size, size=found.size)
        for index, line in enumerate(found.lines)
    ]
    return inked(labels, (width + 2 * pad, round(len(labels) * step) + 2 * pad))


def _table(background: Rgba, *, rimmed: bool) -> NDArray[np.uint8]:
    """Return the colour for each pair of levels, of the rim (times 16) and of the letter, RGBA, shape (256, 4)."""
    text = _INK if rimmed else (*opposite(background)[:3], 255)
    rim, letter = np.divmod(np.arange(_LEVELS * _LEVELS), _LEVELS)
    ground = np.tile(np.array(background, dtype=np.uint8), (_LEVELS * _LEVELS, 1))
    table = over(over(ground, _faded(opposite(text), rim)), _faded(text, letter))
    # Nothing covers nothing: the colour under what is see-through stays as it was asked for.
    table[0] = background
    return table


def _faded(colour: Rgba, level: NDArray[np.int_]) -> NDArray[np.uint8]:
    pixels = np.tile(np.array(colour, dtype=np.uint8), (level.size, 1))
    pixels[:, 3] = np.rint(colour[3] * level / (_LEVELS - 1))
    return pixels
