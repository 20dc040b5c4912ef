"""How the layers of a map are drawn and laid over each other: what others than the standard added to GetMap."""

from collections.abc import Callable
from typing import Final, TypeVar

from core.interpolation import Interpolation
from core.numbers import finite, shown
from core.problem import Problem
from gateway.wms.request.colouring import rgba
from gateway.wms.request.parameters import Parameters

_OPAQUE: Final = 100.0
"""Percent."""
_WHOLE: Final = 255
_INTERPOLATIONS: Final[dict[str, Interpolation]] = {
    "nearest": "nearest",
    "nearestneighbor": "nearest",
    "nearestneighbour": "nearest",
    "bilinear": "bilinear",
}
_T = TypeVar("_T")


def opacities(parameters: Parameters, count: int) -> tuple[float, ...]:
    """Return the opacity of each of `count` layers in percent: OPACITY is one number for all, or a list with gaps.

    Raises:
        Problem: `invalid_value`.

    """
    return _each(parameters.text("OPACITY"), "OPACITY", count, _opacity, _OPAQUE)


def interpolations(parameters: Parameters, count: int) -> tuple[Interpolation | None, ...]:
    """Return how each of `count` layers is interpolated, None as it is by itself; one for all, or a list with gaps.

    GeoServer calls the parameter INTERPOLATIONS and one of its values `nearest neighbor`.

    Raises:
        Problem: `invalid_value`.

    """
    text = parameters.text("INTERPOLATION", "INTERPOLATIONS")
    return _each(text, "INTERPOLATION", count, _interpolation, None)


def background(parameters: Parameters) -> tuple[int, int, int]:
    """Return BGCOLOR as red, green and blue (06-042, 7.3.3.10).

    Raises:
        Problem: `invalid_value`, also for one that is not opaque.

    """
    text = parameters.text("BGCOLOR") or "0xFFFFFF"
    red, green, blue, opacity = rgba(text, "BGCOLOR")
    if opacity != _WHOLE:
        message = f"BGCOLOR={shown(text)} is not opaque; TRANSPARENT=TRUE leaves the background out"
        raise Problem("invalid_value", message, parameter="BGCOLOR")
    return red, green, blue


def _each(text: str | None, name: str, count: int, read: Callable[[str], _T], default: _T) -> tuple[_T, ...]:
    parts = (text or "").split(",")
    if len(parts) not in (1, count):
        layers = "1 layer" if count == 1 else f"{count} layers"
        message = f"{name} has {len(parts)} values for {layers}; name one for all or one for each"
        raise Problem("invalid_value", message, parameter=name)
    found = tuple(read(part) if part.strip() else default for part in parts)
    return found * count if len(found) == 1 else found


def _opacity(text: str) -> float:
    found = finite(text, "OPACITY")
    if not 0.0 <= found <= _OPAQUE:
        message = f"OPACITY={shown(text)} is not a percentage from 0 to 100"
        raise Problem("invalid_value", message, parameter="OPACITY")
    return found


def _interpolation(text: str) -> Interpolation:
    found = _INTERPOLATIONS.get(text.lower().replace(" ", "").replace("_", "").replace("-", ""))
    if found is None:
        message = f"INTERPOLATION={shown(text)} is not offered; there are nearest and bilinear"
        raise Problem("invalid_value", message, parameter="INTERPOLATION")
    return found
