"""Legends: which colour stands for which value, in a picture of exactly the size that was asked for.

Source: OGC 06-042, 7.2.4.6.5 (LegendURL states the true width and height of its picture).
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.problem import Problem
from renderers.colour import colours
from renderers.encoders import encode_pixels
from renderers.images import Format, over
from renderers.legend import stops, svg
from renderers.legend.bar import bare_bar, framed_bar
from renderers.legend.encoders import WHITE, encoded
from renderers.legend.layout import Layout, horizontal, vertical
from renderers.legend.text import coloured, inked, opposite
from renderers.numerals import written_units
from renderers.scale import Rgba, Scale

LegendFormat = Format | Literal["image/svg+xml", "application/json"]
"""Of a legend: a picture as of a map, a drawing, or the numbers and colours themselves."""

DARK: Final[Rgba] = (25, 25, 25, 255)
LIGHT: Final[Rgba] = (240, 240, 240, 255)
"""Colours of text, for grounds of the opposite brightness."""

_LEAST_VERTICAL: Final = (44, 70)
_LEAST_HORIZONTAL: Final = (90, 34)
"""Width and height from which on there is room for text, pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendSpec:
    """What a legend shows, and how.

    Raises:
        Problem: `invalid_value` for a size without any pixel.

    """

    scale: Scale
    title: str
    """What is shown: `Sea water potential temperature`."""
    units: str
    """As the file writes them: `mg m-3`; empty for none."""
    width: int = 110
    """Of the whole picture, pixels."""
    height: int = 264
    """Of the whole picture, pixels."""
    vertical: bool = True
    """Whether values rise from the bottom to the top, else from the left to the right."""
    bar_only: bool = False
    """Whether the colours fill the picture, without any text."""
    labelled: bool = True
    """Whether title and units stand above the bar; the values beside it always do."""
    background: Rgba = (0, 0, 0, 0)
    text: Rgba = DARK

    def __post_init__(self) -> None:
        """Refuse a size that no picture has."""
        for name, size in (("WIDTH", self.width), ("HEIGHT", self.height)):
            if size < 1:
                raise Problem("invalid_value", f"{name}={size} must be at least 1", parameter=name)


def legend_size(spec: LegendSpec) -> tuple[int, int]:
    """Return width and height of the picture that `legend_picture` makes, pixels, without drawing it."""
    return spec.width, spec.height


def legend_picture(spec: LegendSpec, written: LegendFormat) -> bytes:
    """Draw a legend. One that is too small for any text has the colours alone."""
    if written == "application/json":
        return stops.written(spec.scale, spec.title, spec.units)
    layout = _layout(spec)
    if written == "image/svg+xml":
        return _svg(spec, layout)
    if layout is None:
        bar = bare_bar(spec.scale, spec.width, spec.height, vertical=spec.vertical)
        return encoded(bar, colours(spec.scale), written)
    return encode_pixels(_drawn(spec, layout), written, background=WHITE, transparent=True)


def _layout(spec: LegendSpec) -> Layout | None:
    """Return where everything goes; None where there is room, or a wish, for nothing but colours."""
    least = _LEAST_VERTICAL if spec.vertical else _LEAST_HORIZONTAL
    if spec.bar_only or spec.width < least[0] or spec.height < least[1]:
        return None
    lay_out = vertical if spec.vertical else horizontal
    title, units = (spec.title, spec.units) if spec.labelled else ("", "")
    return lay_out(spec.scale, title, units, (spec.width, spec.height))


def _svg(spec: LegendSpec, layout: Layout | None) -> bytes:
    inks = (spec.text, spec.background)
    tree = svg.document(spec.scale, layout, (spec.width, spec.height), inks, upright=spec.vertical)
    units = written_units(spec.units)
    ends = f"{spec.scale.low:.6g} to {spec.scale.high:.6g} {units}".strip()
    return svg.described(tree, f"Legend: {spec.title}" if spec.title else "Legend", f"Colours from {ends}")


def _drawn(spec: LegendSpec, layout: Layout) -> NDArray[np.uint8]:
    """Return straight RGBA, shape (height, width, 4)."""
    size = (spec.width, spec.height)
    ink = inked(layout.text, size)
    for left, top, width, height in layout.marks:
        ink[top : top + height, left : left + width] = 255
    halo = spec.background[3] < 128
    picture = np.empty((spec.height, spec.width, 4), dtype=np.uint8)
    picture[...] = spec.background
    picture = over(picture, coloured(ink, spec.text, halo=halo))
    outer = opposite(spec.text) if halo else (0, 0, 0, 0)
    bar = framed_bar(spec.scale, layout.length, layout.thickness, (spec.text, outer))
    if spec.vertical:
        bar = np.rot90(bar)
    left, top = layout.corner
    place = np.s_[top : top + bar.shape[0], left : left + bar.shape[1]]
    picture[place] = over(picture[place], bar)
    return picture
