"""Where the parts of a legend go; nothing is drawn here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from renderers.legend.bar import ENDS, FRAME, tips
from renderers.legend.text import Label, text_width
from renderers.legend.title import SMALLEST, Box, heading
from renderers.numerals import labels, log_label, power_of_ten, shared_exponent, written_units
from renderers.scale import Scale
from renderers.ticks import position, ticks

_PAD: Final = 3
"""Pixels that stay free along the edges of the picture."""
_MARK: Final = 4
"""Length of a labelled mark, pixels; the other ones are half as long."""
_DIGIT: Final = 0.73
"""Height of a digit, in sizes of letters."""
_MOST_LABELS: Final = 11
_SHORTEST: Final = 12
"""Pixels of a scale, or of its thickness; a title gives way to it."""

Place = Callable[[float, str], float]
"""From a place on the scale, 0 to 1, and its label to the middle of the label, pixels from the left or the bottom."""
Extent = Callable[[str], float]
"""Of a label along the scale, with what must stay free beside it, pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The parts of a legend, in pixels from the left and the top."""

    corner: tuple[int, int]
    """Left and top of the framed bar."""
    length: int
    """Of the scale proper."""
    thickness: int
    """Of the bar without its frame."""
    text: tuple[Label, ...]
    marks: tuple[tuple[int, int, int, int], ...]
    """Left, top, width, height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marked:
    """Values beside the bar."""

    major: tuple[tuple[float, str], ...]
    """Place on the scale, 0 at the low end and 1 at the high end, and label."""
    minor: tuple[float, ...]
    """Places that are only marked."""


def vertical(scale: Scale, title: str, units: str, size: tuple[int, int]) -> Layout:
    """Lay out the title above the bar, and the values to the right of the bar."""
    width, height = size
    letters = _clamped(min(width / 10, height / 22), SMALLEST, 15)
    thickness = round(_clamped(width * 0.22, 8, 30))
    low, high = tips(scale, thickness)
    below = low + high + 2 * ENDS + _PAD
    box = Box(left=_PAD, top=_PAD, width=width - 2 * _PAD, height=min(height * 0.3, height - below - _SHORTEST))
    text, top = heading(title, _units(scale, units), box, letters, beside=False)
    corner = round(top + letters * 0.4) if text else _PAD
    length = max(height - corner - below, 1)
    zero, edge = corner + high + ENDS, _PAD + thickness + 2 * FRAME
    left = edge + _MARK + 3
    marked = _marked(scale, lambda at, _: at * length, lambda _: letters * 1.6)
    small = _shrunk([text for _, text in marked.major], letters, width - left - 1)

    def row(at: float) -> int:
        return zero + round((1 - at) * (length - 1))

    values = [
        Label(text=text, x=left, baseline=row(at) + 0.5 + small * _DIGIT / 2, size=small) for at, text in marked.major
    ]
    marks = [(edge, row(at), _MARK, 1) for at, _ in marked.major] + [(edge, row(at), 2, 1) for at in marked.minor]
    return Layout(corner=(_PAD, corner), length=length, thickness=thickness, text=(*text, *values), marks=tuple(marks))


def horizontal(scale: Scale, title: str, units: str, size: tuple[int, int]) -> Layout:
    """Lay out the title above the bar, and the values below it."""
    width, height = size
    letters = _clamped(min(height / 5.5, width / 20), SMALLEST, 15)
    below = 2 * FRAME + _MARK + 2 + round(letters * _DIGIT) + _PAD
    box = Box(left=_PAD + FRAME, top=_PAD, width=width - 2 * _PAD, height=height - below - _PAD - _SHORTEST)
    text, top = heading(title, _units(scale, units), box, letters, beside=True)
    corner = round(top + 2) if text else _PAD
    thickness = round(_clamped(height - corner - below, 3, 30))
    low, high = tips(scale, thickness)
    length = max(width - 2 * _PAD - low - high - 2 * ENDS, 1)
    zero, edge = _PAD + low + ENDS, corner + thickness + 2 * FRAME

    def column(at: float) -> int:
        return zero + round(at * (length - 1))

    def middle(at: float, text: str) -> float:
        half = text_width(text, letters) / 2 + 1
        return _clamped(column(at) + 0.5, half, width - half)

    marked = _marked(scale, middle, lambda text: text_width(text, letters) + letters)
    baseline = edge + _MARK + 2 + letters * _DIGIT
    values = [
        Label(text=text, x=middle(at, text), baseline=baseline, size=letters, anchor="center")
        for at, text in marked.major
    ]
    marks = [(column(at), edge, 1, _MARK) for at, _ in marked.major] + [(column(at), edge, 1, 2) for at in marked.minor]
    return Layout(corner=(_PAD, corner), length=length, thickness=thickness, text=(*text, *values), marks=tuple(marks))


def _units(scale: Scale, units: str) -> str:
    """Write units, with the power of ten that the values share."""
    exponent = 0 if scale.log else shared_exponent((scale.low, scale.high))
    power = f"\N{MULTIPLICATION SIGN}{power_of_ten(exponent)} " if exponent else ""
    return (power + written_units(units)).strip()


def _marked(scale: Scale, middle: Place, extent: Extent) -> _Marked:
    """Label as many values as can stand beside one another."""
    exponent = 0 if scale.log else shared_exponent((scale.low, scale.high))
    for count in range(_MOST_LABELS, 1, -1):
        found = ticks(scale, count)
        texts = [log_label(value) for value in found.major] if scale.log else labels(found.major, exponent)
        major = [(position(scale, value), text) for value, text in zip(found.major, texts, strict=True)]
        if _apart(major, middle, extent):
            break
    else:
        major = major[:1]
    return _Marked(major=tuple(major), minor=tuple(position(scale, value) for value in found.minor))


def _apart(major: Sequence[tuple[float, str]], middle: Place, extent: Extent) -> bool:
    """Tell whether no labels touch."""
    spans = [(middle(at, text), extent(text) / 2) for at, text in major]
    return all(after[0] - after[1] >= before[0] + before[1] for before, after in pairwise(spans))


def _shrunk(texts: Sequence[str], letters: float, room: float) -> float:
    """Return a size of letters in which the longest text fits into `room` pixels."""
    return letters * min(1.0, room / max((text_width(text, letters) for text in texts), default=room))


def _clamped(value: float, least: float, most: float) -> float:
    return max(least, min(value, most))
