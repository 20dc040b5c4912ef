"""What one picture may be, checked before anything is read."""

from dataclasses import dataclass

from core.crs import OFFERED
from core.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLimits:
    """What one picture may be."""

    max_pixels: int
    """Width times height: what is worked on at once takes about 60 bytes for each."""
    max_width: int
    """Pixels."""
    max_height: int
    """Pixels."""
    max_layers: int
    systems: tuple[str, ...] = OFFERED
    """Coordinate reference systems that it may be in."""


def check_size(width: int, height: int, limits: MapLimits) -> None:
    """Refuse a picture of too many pixels.

    Raises:
        Problem: `too_large`.

    """
    if width * height > limits.max_pixels:
        message = f"WIDTH={width} and HEIGHT={height} make more than the {limits.max_pixels} pixels allowed here"
        raise Problem("too_large", message, parameter="WIDTH")
