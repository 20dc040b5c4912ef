"""Arrows over a map: dark with a light rim, so that they stand out from every palette.

They are palette indices with colours, as layers are. Each kind of arrow is worked out once, and laid on whole pixels;
where arrows overlap the darker pixel stands, so it does not matter which comes first.
"""

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from renderers.scale import Scale

Floats = NDArray[np.float64]

REACH: Final = 14
"""Pixels from where an arrow stands to the farthest that it may colour."""

_TURN: Final = 256
"""Directions that are told apart."""
_LENGTHS: Final = 15
"""Lengths that are told apart."""
_LEAST: Final = 9.0
_MOST: Final = 22.0
"""Pixels from end to end."""
_SHAFT: Final = 0.8
"""Half of the breadth of the shaft, pixels."""
_HEAD: Final = 3.4
"""Half of the breadth of the head, pixels."""
_RIM: Final = 1.2
"""Breadth of the rim, pixels."""
_INK: Final = (16, 20, 28)
_LIGHT: Final = (255, 255, 255)
_RIM_OPACITY: Final = 190
_EDGE: Final = 127
"""Palette index of a pixel that is all rim: up to it there is more and more of it, from there on more and more ink."""


def arrow_lengths(magnitudes: Floats, scale: Scale) -> Floats:
    """Return how long arrows are as a share of the longest, 0 to 1: by where the magnitude is in the range of colours.

    NaN for what has no arrow: no magnitude, or 0.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if scale.log:
            share = np.log(magnitudes / scale.low) / math.log(scale.high / scale.low)
        else:
            share = (magnitudes - scale.low) / (scale.high - scale.low)
        return np.where(magnitudes > 0.0, np.clip(share, 0.0, 1.0), np.nan)


def arrows(
    shape: tuple[int, int], places: tuple[NDArray[np.intp], NDArray[np.intp]], how: tuple[Floats, Floats]
) -> NDArray[np.uint8]:
    """Draw arrows, each in the middle of its place; palette indices of `arrow_colours`, of `shape` (h, w).

    Args:
        shape: of the picture.
        places: rows and columns of pixels at whose upper left corner arrows stand, shape (n,), in the picture or not.
        how: degrees clockwise from the upper edge, and lengths as shares of the longest; NaN in either for no arrow.

    """
    # With room around for what goes beyond: it is cut off once, not arrow by arrow.
    canvas = np.zeros((shape[0] + 4 * REACH, shape[1] + 4 * REACH), dtype=np.uint8)
    rows, columns = places
    towards, share = how
    drawn = np.isfinite(towards) & np.isfinite(share)
    drawn &= (np.abs(2 * rows - shape[0]) <= shape[0] + 2 * REACH) & (
        np.abs(2 * columns - shape[1]) <= shape[1] + 2 * REACH
    )
    turns = np.rint(towards[drawn] * (_TURN / 360.0)).astype(np.intp) % _TURN
    sizes = np.rint(share[drawn] * (_LENGTHS - 1)).astype(np.intp)
    for row, column, turn, size in zip(
        rows[drawn].tolist(), columns[drawn].tolist(), turns.tolist(), sizes.tolist(), strict=True
    ):
        part = canvas[row + REACH : row + 3 * REACH, column + REACH : column + 3 * REACH]
        np.maximum(part, _stamp(turn, size), out=part)
    return np.ascontiguousarray(canvas[2 * REACH : -2 * REACH, 2 * REACH : -2 * REACH])


@lru_cache(maxsize=1)
def arrow_colours() -> NDArray[np.uint8]:
    """Return red, green, blue, opacity of every palette index of `arrows`, shape (256, 4), read-only."""
    table = np.zeros((256, 4))
    table[: _EDGE + 1, :3] = _LIGHT
    table[: _EDGE + 1, 3] = np.linspace(0.0, _RIM_OPACITY, _EDGE + 1)
    ink = np.linspace(0.0, 1.0, 256 - _EDGE)
    opacity = 255.0 * ink + _RIM_OPACITY * (1.0 - ink)
    # Ink over a rim that is partly opaque (Porter and Duff).
    below = (_RIM_OPACITY * (1.0 - ink) / opacity)[:, None]
    table[_EDGE:, :3] = below * _LIGHT + (1.0 - below) * _INK
    table[_EDGE:, 3] = opacity
    rounded: NDArray[np.uint8] = np.rint(table).astype(np.uint8)
    rounded.setflags(write=False)
    return rounded


@lru_cache(maxsize=_TURN * _LENGTHS)
def _stamp(turn: int, size: int) -> NDArray[np.uint8]:
    """Return one arrow, shape (2 * REACH, 2 * REACH)."""
    quarter, rest = divmod(turn, _TURN // 4)
    if quarter:
        return np.ascontiguousarray(np.rot90(_stamp(rest, size), -quarter))
    length = _LEAST + (_MOST - _LEAST) * size / (_LENGTHS - 1)
    off = _off(_outline(length), math.radians(rest * 360.0 / _TURN))
    rim, ink = np.clip(0.5 + _RIM - off, 0.0, 1.0), np.clip(0.5 - off, 0.0, 1.0)
    levels = np.where(ink > 0.0, _EDGE + ink * (255 - _EDGE), rim * _EDGE)
    return np.rint(levels).astype(np.uint8)


def _outline(length: float) -> Floats:
    """Return the corners of an arrow upwards, x to the right and y up from its middle, one after the other, (7, 2)."""
    head = min(7.0, 0.55 * length)
    tip, neck = length / 2, length / 2 - head
    broad = _HEAD * head / 7.0
    right = [(0.0, tip), (broad, neck), (_SHAFT, neck), (_SHAFT, -length / 2)]
    return np.array([*right, *((-x, y) for x, y in right[:0:-1])])


def _off(corners: Floats, angle: float) -> Floats:
    """Return how far the pixels of a stamp are outside of an outline turned clockwise by `angle`; inside below 0."""
    across = np.arange(-REACH, REACH) + 0.5
    x, y = across[None, :], -across[:, None]
    # Turning the pixels back turns the outline.
    places = np.stack([x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)])[..., None]
    start, end = corners.T[:, None, None], np.roll(corners, -1, axis=0).T[:, None, None]
    side, from_start = end - start, places - start
    share = np.clip((from_start * side).sum(axis=0) / (side * side).sum(axis=0), 0.0, 1.0)
    distance = np.hypot(*(from_start - share * side)).min(axis=-1)
    # A line to the right crosses the outline an odd number of times from within.
    crosses = (start[1] > places[1]) != (end[1] > places[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = start[0] + (places[1] - start[1]) * side[0] / side[1]
    inside = (crosses & (places[0] < at)).sum(axis=-1) % 2 == 1
    off: Floats = np.where(inside, -distance, distance)
    return off
