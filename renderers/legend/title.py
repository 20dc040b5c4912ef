"""The heading of a legend: broken into lines, then set in smaller letters, and only then shortened, until it fits."""

import re
from dataclasses import dataclass
from typing import Final

from renderers.legend.text import Label, drawable, text_width

SMALLEST: Final = 7.0
"""Size of letters that can still be read, pixels."""
LINE: Final = 1.25
"""Distance of lines of text, in sizes of letters."""
_ASCENT: Final = 0.85
"""From the top of a line to its baseline, in sizes of letters."""
_WORD: Final = re.compile(r"[^\s_/]*[_/]+|[^\s_/]+|\s+")
"""A name such as sea_ice_area_fraction may be broken after each underscore."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where a heading goes, in pixels."""

    left: float
    top: float
    width: float
    height: float
    """At most; a heading takes no more than it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Text that fits into a box."""

    lines: tuple[str, ...]
    size: float
    """Of the letters, pixels."""


def heading(title: str, units: str, box: Box, size: float, *, beside: bool) -> tuple[tuple[Label, ...], float]:
    """Place a title and its units: `beside` the end of the title, else in a line below it.

    Returns:
        The lines, and where they end: pixels from the top of the picture.

    """
    title, units = drawable(title), drawable(units)
    gap = size * 0.6 if units and beside else 0.0
    unit_width = text_width(units, size) + gap if beside else 0.0
    unit_line = size * LINE if units and not beside else 0.0
    room = max(box.width - unit_width, box.width / 2)
    found = fitted(title, room, box.height - unit_line, size)
    text: list[Label] = []
    top = box.top
    for line in found.lines:
        text.append(Label(text=line, x=box.left, baseline=top + found.size * _ASCENT, size=found.size, bold=True))
        top += found.size * LINE
    if units:
        after = text_width(text[-1].text, found.size, bold=True) + gap if beside and text else 0.0
        left_over = box.width - after
        unit_size = max(SMALLEST, _narrowed(units, left_over, found.size if beside else size))
        if text_width(units, unit_size) > left_over:
            units = _shortened(units, left_over, unit_size)
        baseline = text[-1].baseline if beside and text else top + unit_size * _ASCENT
        text.append(Label(text=units, x=box.left + after, baseline=baseline, size=unit_size))
        top = max(top, baseline + unit_size * (LINE - _ASCENT))
    return tuple(text), top


def fitted(text: str, width: float, height: float, size: float) -> Fitted:
    """Break a title into lines of at most `width` pixels, in letters of at most `size` pixels."""
    text = " ".join(text.split())
    while True:
        most = max(1, int(height / (size * LINE)))
        lines = _broken(text, width, size)
        if len(lines) <= most and all(text_width(line, size, bold=True) <= width for line in lines):
            return Fitted(lines=tuple(lines), size=size)
        if size <= SMALLEST:
            break
        size = max(SMALLEST, size - 1)
    kept = [part for line in lines for part in _chopped(line, width, size)]
    if len(kept) > most:
        kept = [*kept[: most - 1], _shortened(kept[most - 1], width, size)]
    return Fitted(lines=tuple(kept), size=size)


def _narrowed(text: str, width: float, size: float) -> float:
    """Return a size of letters in which a short text fits into `width`."""
    return size * min(1.0, width / max(text_width(text, size), 1.0))


def _broken(text: str, width: float, size: float) -> list[str]:
    """Break between words; a word longer than `width` stands alone."""
    lines = [""]
    for word in _WORD.findall(text):
        longer = lines[-1] + word
        if not lines[-1] or text_width(longer.rstrip(), size, bold=True) <= width:
            lines[-1] = longer.lstrip()
        else:
            lines.append(word.lstrip())
    return [line.rstrip() for line in lines if line.strip()]


def _chopped(line: str, width: float, size: float) -> list[str]:
    """Break anywhere."""
    parts = [""]
    for letter in line:
        if parts[-1] and text_width(parts[-1] + letter, size, bold=True) > width:
            parts.append("")
        parts[-1] += letter
    return parts


def _shortened(line: str, width: float, size: float) -> str:
    """Leave out the end, and say so."""
    while line and text_width(line + "…", size, bold=True) > width:
        line = line[:-1]
    return line.rstrip() + "…"
