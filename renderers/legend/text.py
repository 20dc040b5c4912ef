"""Text as pixels, by matplotlib, which is imported when the first text is drawn: it takes seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from renderers.images import over
from renderers.scale import Rgba

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

_FONT: Final = "DejaVu Sans"
"""Comes with matplotlib."""
_DPI: Final = 72
"""So that a size in points is one in pixels."""
_HALO_OPACITY: Final = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One line of text in its place."""

    text: str
    x: float
    """Of the anchor, pixels from the left."""
    baseline: float
    """Pixels from the top."""
    size: float
    """Of the letters, pixels."""
    anchor: Literal["left", "center", "right"] = "left"
    bold: bool = False


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a line of text in pixels."""
    from matplotlib.backends.backend_agg import RendererAgg  # noqa: PLC0415

    renderer: Any = RendererAgg  # without types
    width, _, _ = renderer(1, 1, _DPI).get_text_width_height_descent(text, _font(size, bold=bold), ismath=False)
    return float(width)


def inked(labels: Sequence[Label], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return how much of each pixel the letters cover, 0 to 255, for a picture of `size` (width, height)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    width, height = size
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="none", edgecolor="none")
    canvas: Any = FigureCanvasAgg(figure)
    for label in labels:
        figure.text(
            label.x / width,
            1 - label.baseline / height,
            label.text,
            fontproperties=_font(label.size, bold=label.bold),
            horizontalalignment=label.anchor,
            verticalalignment="baseline",
            color="black",
            parse_math=False,
            usetex=False,
        )
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., 3].copy()


def coloured(ink: NDArray[np.uint8], colour: Rgba, *, halo: bool) -> NDArray[np.uint8]:
    """Return ink as straight RGBA, shape (h, w, 4); with a `halo` it is legible on any ground."""
    letters = _tinted(ink, colour)
    if not halo:
        return letters
    return over(_tinted(around(ink), opposite(colour)), letters)


def around(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return ink that is one pixel wider on all sides, shape (h, w)."""
    return np.asarray(Image.fromarray(ink).filter(ImageFilter.MaxFilter(3)))


def drawable(text: str) -> str:
    """Return `text` in one line, with U+FFFD for what the letters that are at hand cannot show."""
    known = _known()
    return "".join(letter if ord(letter) in known else "\ufffd" for letter in " ".join(text.split()))


def opposite(colour: Rgba) -> Rgba:
    """Return what stands out from a colour: see-through white or black."""
    red, green, blue, opacity = colour
    level = 255 if red * 0.3 + green * 0.59 + blue * 0.11 < 128 else 0
    return level, level, level, round(opacity * _HALO_OPACITY)


def _tinted(coverage: NDArray[np.uint8], colour: Rgba) -> NDArray[np.uint8]:
    """Return a colour as opaque as `coverage` says, shape (h, w, 4)."""
    pixels = np.empty((*coverage.shape, 4), dtype=np.uint8)
    pixels[..., :3] = colour[:3]
    pixels[..., 3] = np.rint(coverage * (colour[3] / 255))
    return pixels


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    """Return the characters that both weights of the font have."""
    from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415

    thin, thick = (get_font(findfont(_font(10.0, bold=bold))).get_charmap() for bold in (False, True))
    return frozenset(thin) & frozenset(thick)


def _font(size: float, *, bold: bool) -> "FontProperties":
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    return FontProperties(family=_FONT, size=size, weight="bold" if bold else "normal")
