"""Round numbers: for the marks of a scale, and for the ends of one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from renderers.scale import Scale

_STEPS = (1.0, 2.0, 5.0, 10.0)
_MOST_EDGES = 20
"""With more bands than this, their edges are no longer worth a mark each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Marks along a scale."""

    major: tuple[float, ...]
    """Values that are labelled, ascending, in the units of the scale."""
    minor: tuple[float, ...]
    """Values that are only marked, ascending."""


def round_step(span: float, count: float) -> float:
    """Return the step of 1, 2 or 5 times a power of ten that divides `span` into at most about `count` parts."""
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * 0.999)


def tidy(value: float, step: float) -> float:
    """Rid a multiple of `step` of the noise of its last digits, and zero of its sign."""
    return round(value, max(0, 2 - math.floor(math.log10(step)))) + 0.0


def ticks(scale: Scale, count: int) -> Ticks:
    """Choose at most about `count` values to label: band edges if bands are few, else round numbers.

    Where each band holds one whole number in its middle, these numbers are labelled, not the edges.
    """
    if scale.bands <= _MOST_EDGES:
        return _categories(scale, count) if _is_categories(scale) else _edges(scale, count)
    if scale.log:
        found = _decades(scale, count)
        if len(found.major) > 1:
            return found
    return Ticks(major=_round_numbers(scale, count), minor=())


def _round_numbers(scale: Scale, count: int) -> tuple[float, ...]:
    """Return the most round numbers that are not more than `count`, but two at least."""
    steps = (round_step(scale.high - scale.low, parts) for parts in range(max(count - 1, 1), count + 8))
    found = [_within(scale, multiples(scale.low, scale.high, step)) for step in steps]
    fitting = [numbers for numbers in found if 1 < len(numbers) <= count]
    return fitting[-1] if fitting else next(numbers for numbers in found if len(numbers) > 1)


def multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    """Return the multiples of `step` from `low` to `high`, both included if they are multiples."""
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return tuple(tidy(index * step, step) for index in range(first, last + 1))


def position(scale: Scale, value: float) -> float:
    """Tell where a value lies on a scale: 0 at its low end, 1 at its high end."""
    if scale.log:
        return math.log(value / scale.low) / math.log(scale.high / scale.low)
    return (value - scale.low) / (scale.high - scale.low)


def _is_categories(scale: Scale) -> bool:
    return not scale.log and scale.high - scale.low == scale.bands and (scale.low + 0.5).is_integer()


def _categories(scale: Scale, count: int) -> Ticks:
    every = math.ceil(scale.bands / max(count, 2))
    middles = tuple(scale.low + 0.5 + band for band in range(0, scale.bands, every))
    return Ticks(major=middles, minor=tuple(scale.low + edge for edge in range(scale.bands + 1)))


def _edges(scale: Scale, count: int) -> Ticks:
    parts = [band / scale.bands for band in range(scale.bands + 1)]
    if scale.log:
        edges = [scale.low * (scale.high / scale.low) ** part for part in parts]
    else:
        edges = [scale.low + (scale.high - scale.low) * part for part in parts]
    every = math.ceil(len(edges) / max(count, 2))
    divisors = [step for step in range(every, scale.bands + 1) if scale.bands % step == 0]
    # Both ends are labelled where a whole number of labels fits between them without leaving too many edges out.
    every = divisors[0] if divisors[0] < 2 * every else every
    return Ticks(major=tuple(edges[::every]), minor=tuple(edges))


def _decades(scale: Scale, count: int) -> Ticks:
    """Label 1, 2 and 5 of every power of ten, or 1 alone, or every so many powers, as there is room."""
    low, high = math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high))
    powers = [10.0**exponent for exponent in range(low, high + 1)]
    minor = _within(scale, [power * digit for power in powers for digit in range(1, 10)])
    for digits in ((1, 2, 5), (1, 3), (1,)):
        major = _within(scale, [power * digit for power in powers for digit in digits])
        if len(major) <= max(count, 2):
            return Ticks(major=major, minor=minor)
    inside = _within(scale, powers)
    return Ticks(major=inside[:: max(1, math.ceil((len(inside) - 1) / max(count - 1, 1)))], minor=inside)


def _within(scale: Scale, values: Sequence[float]) -> tuple[float, ...]:
    slack = 1e-9 * (scale.low if scale.log else scale.high - scale.low)
    return tuple(value for value in values if scale.low - slack <= value <= scale.high + slack)
