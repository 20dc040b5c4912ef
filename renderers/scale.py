"""A colour scale: which colour stands for which value."""

import math
from dataclasses import dataclass
from typing import Final

from core.problem import Problem
from renderers.palettes import palette

Rgba = tuple[int, int, int, int]
"""Red, green, blue, opacity: 0 to 255."""

FEWEST_BANDS: Final = 2
MOST_BANDS: Final = 250
"""What one byte holds beside "below", "above" and "missing"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Colours in even bands from `low` to `high`.

    Band k holds the values from `low + k * (high - low) / bands`, up to but not including the next band's; the last
    one holds `high` too. On a logarithmic scale the bands are even in log(value).

    Raises:
        Problem: `unknown_style`; `invalid_value` for ends or a number of bands that cannot be drawn.

    """

    palette: str
    """A name that `renderers.palettes.palette` knows."""
    low: float
    """In the units of the values."""
    high: float
    """In the units of the values, above `low`."""
    log: bool = False
    """Whether the scale is logarithmic; then `low` is above 0."""
    bands: int = MOST_BANDS
    """Number of colours, 2 to 250."""
    below: Rgba | None = None
    """Of values under `low`; None extends the lowest colour."""
    above: Rgba | None = None
    """Of values over `high`; None extends the highest colour."""
    missing: Rgba = (0, 0, 0, 0)
    """Where there is no value."""

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        palette(self.palette)
        ends = f"COLORSCALERANGE={self.low:.15g},{self.high:.15g}"
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise _refused(f"{ends}: both ends must be finite numbers")
        if self.low >= self.high:
            raise _refused(f"{ends} is empty: the minimum must be below the maximum")
        if self.log and self.low <= 0:
            raise _refused(f"{ends}: a logarithmic scale must begin above 0: raise the minimum, or say LOGSCALE=false")
        widest = 1e300 * min(self.low, 1.0) if self.log else 1e300
        if not 1e-300 < self.high - self.low < widest:
            raise _refused(f"{ends} is too narrow or too wide to be divided into colours")
        if not FEWEST_BANDS <= self.bands <= MOST_BANDS:
            message = f"NUMCOLORBANDS={self.bands} must be from {FEWEST_BANDS} to {MOST_BANDS}"
            raise Problem("invalid_value", message, parameter="NUMCOLORBANDS")


def _refused(message: str) -> Problem:
    return Problem("invalid_value", message, parameter="COLORSCALERANGE")
