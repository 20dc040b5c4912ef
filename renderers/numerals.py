"""Numbers and units as a reader expects them on a picture."""

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_WHOLE_UNITS: Final = {
    "1": "",
    "degc": "°C",
    "deg_c": "°C",
    "degree_c": "°C",
    "degrees_c": "°C",
    "degreec": "°C",
    "degreesc": "°C",
    "celsius": "°C",
    "degree_celsius": "°C",
    "degrees_celsius": "°C",
    "kelvin": "K",
    "degree": "°",
    "degrees": "°",
    "percent": "%",
    "1e-3": "10⁻³",
    "0.001": "10⁻³",
    "metres": "m",
    "meters": "m",
    "meter": "m",
    "metre": "m",
}
_EXPONENT: Final = re.compile(r"(?<=[A-Za-z])(?:\^|\*\*)?(-?[1-9])(?![0-9A-Za-z.])", re.ASCII)
_LEAST: Final = 0.001
_MOST: Final = 100_000
"""Labels whose greatest number is outside these share a power of ten."""


def written_units(units: str) -> str:
    """Write UDUNITS as print does: `mg m-3` as mg m⁻³, `degC` as °C; empty for a plain number."""
    text = units.strip()
    if text.lower() in _WHOLE_UNITS:
        return _WHOLE_UNITS[text.lower()]
    return _EXPONENT.sub(lambda found: found[1].translate(_SUPERSCRIPTS), text)


def power_of_ten(exponent: int) -> str:
    """Write 10 with a raised exponent."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def shared_exponent(values: Sequence[float]) -> int:
    """Return the exponent of ten that labels of evenly spaced values should share; 0 for none."""
    greatest = max((abs(value) for value in values), default=0.0)
    if greatest == 0 or _LEAST * 10 <= greatest < _MOST * 10:
        return 0
    return math.floor(math.log10(greatest))


def labels(values: Sequence[float], exponent: int = 0) -> tuple[str, ...]:
    """Write ascending values, divided by ten to `exponent`, all with as many decimals as tell them apart."""
    scaled = [value / 10.0**exponent for value in values]
    gaps = [after - before for before, after in pairwise(scaled) if after > before]
    gap = min(gaps, default=abs(scaled[0]) if scaled and scaled[0] else 1.0)
    most = max(0, 2 - math.floor(math.log10(gap)))
    fitting = (count for count in range(most) if all(abs(round(value, count) - value) < gap / 200 for value in scaled))
    decimals = next(fitting, most)
    return tuple(_signed(f"{value:.{decimals}f}") for value in scaled)


def log_label(value: float) -> str:
    """Write one value of a logarithmic scale, with up to three digits."""
    rounded = float(f"{value:.3g}")
    if _LEAST <= rounded < _MOST:
        return f"{rounded:.6g}"
    exponent = math.floor(math.log10(rounded) + 1e-9)
    digits = f"{rounded / 10.0**exponent:.3g}"
    return power_of_ten(exponent) if digits == "1" else f"{digits}\N{MULTIPLICATION SIGN}{power_of_ten(exponent)}"


def _signed(text: str) -> str:
    """Write the sign as a minus, and zero without one."""
    return text.replace("-", "\N{MINUS SIGN}") if text.strip("-0.") else text.removeprefix("-")
