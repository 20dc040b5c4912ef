"""Legends as SVG, sharp at any size: the same layout as the picture, with real text.

Source: SVG 2, W3C, 5.1 (viewBox), 5.7 (title), 11.3 (text), 13.9 (paint-order).
"""

import math
import re
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from renderers.colour import ABOVE, BELOW, colours
from renderers.legend.bar import ENDS, FRAME, tips
from renderers.legend.layout import Layout
from renderers.legend.text import Label, opposite
from renderers.scale import Rgba, Scale

_FONTS: Final = "DejaVu Sans, Verdana, Geneva, sans-serif"
"""The first one is what was measured; the others are hardly wider."""
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may contain (XML 1.0, 2.2); a font has letters for none of it."""
_ANCHORS: Final = {"left": "start", "center": "middle", "right": "end"}
_SOLID: Final = 128
"""Opacity from which on a ground needs no rims around letters."""

Colours = tuple[Rgba, Rgba]
"""Of text and ground."""


def document(scale: Scale, layout: Layout | None, size: tuple[int, int], inks: Colours, *, upright: bool) -> Element:
    """Draw a legend as a tree: colours alone where there is no layout.

    Args:
        scale: the colours.
        layout: where everything goes; None fills the picture with the bar.
        size: width and height, pixels.
        inks: colours of text and ground.
        upright: whether values rise from the bottom to the top.

    """
    width, height = size
    tree = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(width),
            "height": str(height),
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
        },
    )
    if layout is None:
        length, thickness = (height, width) if upright else (width, height)
        turned = f"translate(0 {height}) rotate(-90)" if upright else ""
        _add_bands(_group(tree, turned), scale, length, thickness)
        return tree
    text, ground = inks
    if ground[3]:
        SubElement(tree, "rect", {"width": str(width), "height": str(height), **_paint("fill", ground)})
    _add_bar(tree, scale, layout, inks, upright=upright)
    marks = "".join(f"M{x} {y}h{wide}v{high}h-{wide}z" for x, y, wide, high in layout.marks)
    rim = {} if ground[3] >= _SOLID else _rim(text, 2)
    if marks:
        SubElement(tree, "path", {"d": marks, **_paint("fill", text), **rim})
    letters = SubElement(tree, "g", {"font-family": _FONTS, **_paint("fill", text), **rim})
    for label in layout.text:
        _add_label(letters, label)
    return tree


def described(tree: Element, title: str, text: str) -> bytes:
    """Give a drawing its name and description, which programs read aloud, and write it in UTF-8."""
    for place, (tag, said) in enumerate((("title", title), ("desc", text))):
        element = Element(tag)
        element.text = _ILLEGAL.sub("\ufffd", said)
        tree.insert(place, element)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(tree, encoding="unicode").encode()


def _add_bar(tree: Element, scale: Scale, layout: Layout, inks: Colours, *, upright: bool) -> None:
    """Draw the bar with its points and its frame, low end at the left, then turned."""
    text, ground = inks
    low, high = tips(scale, layout.thickness)
    left, top = layout.corner
    across = low + layout.length + high + 2 * ENDS
    start = ENDS + low
    # The origin is the low end of the scale proper, at the edge of the colours.
    turned = f"translate({left + FRAME} {top + across - start}) rotate(-90)"
    bar = _group(tree, turned if upright else f"translate({left + start} {top + FRAME})")
    outline = _outline(low, layout.length, high, layout.thickness)
    table = colours(scale)
    if ground[3] < _SOLID:
        SubElement(bar, "path", {"d": outline, "fill": "none", "stroke-width": "3", **_paint("stroke", opposite(text))})
    for place, tip, index in ((0, -low, BELOW), (layout.length, high, ABOVE)):
        if tip:
            points = f"M{place} 0L{place + tip} {_short(layout.thickness / 2)}L{place} {layout.thickness}z"
            SubElement(bar, "path", {"d": points, **_paint("fill", table[index].tolist())})
    _add_bands(bar, scale, layout.length, layout.thickness)
    SubElement(bar, "path", {"d": outline, "fill": "none", **_paint("stroke", text)})


def _outline(low: int, length: int, high: int, thickness: int) -> str:
    """Return the edge of the colours, half a line farther out."""
    half = thickness / 2
    slants = [math.hypot(tip, half) for tip in (low, high)]
    near, far = (0.5 * (slant - tip) / half for slant, tip in zip(slants, (low, high), strict=True))
    left, right = (0.5 * slant / half for slant in slants)
    points = [
        (-low - left if low else -0.5, half),
        (-near, -0.5),
        (length + far, -0.5),
        (length + high + right if high else length + 0.5, half),
        (length + far, thickness + 0.5),
        (-near, thickness + 0.5),
    ]
    return "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points) + "z"


def _add_bands(parent: Element, scale: Scale, length: int, thickness: int) -> None:
    """Draw the colours side by side; each reaches to the end, under the next, so that no gap can show."""
    bands = SubElement(parent, "g", {"shape-rendering": "crispEdges"})
    table = colours(scale)[: scale.bands].tolist()
    for band, colour in enumerate(table):
        if band == 0 or colour != table[band - 1]:
            start = length * band / scale.bands
            box = {"x": _short(start), "width": _short(length - start), "height": str(thickness)}
            SubElement(bands, "rect", {**box, **_paint("fill", colour)})


def _add_label(parent: Element, label: Label) -> None:
    place = {"x": _short(label.x), "y": _short(label.baseline), "font-size": _short(label.size)}
    anchor = {} if label.anchor == "left" else {"text-anchor": _ANCHORS[label.anchor]}
    weight = {"font-weight": "bold"} if label.bold else {}
    SubElement(parent, "text", {**place, **anchor, **weight}).text = label.text


def _group(parent: Element, transform: str) -> Element:
    return SubElement(parent, "g", {"transform": transform} if transform else {})


def _rim(text: Rgba, width: int) -> dict[str, str]:
    """Return what makes letters legible on any ground."""
    return {
        "paint-order": "stroke",
        "stroke-width": str(width),
        "stroke-linejoin": "round",
        **_paint("stroke", opposite(text)),
    }


def _paint(kind: str, colour: Sequence[int]) -> dict[str, str]:
    red, green, blue, opacity = colour
    plain = {kind: f"#{red:02x}{green:02x}{blue:02x}"}
    return plain if opacity == 255 else {**plain, f"{kind}-opacity": _short(opacity / 255)}


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
