"""Which levels a request means: in the numbers of the file, or by a height as WMS has it. Pure."""

from collections.abc import Sequence

from core.layer import Layer
from core.problem import Problem
from core.selection import asked as selection
from gateway.ncss.request.place import Point
from gateway.ncss.request.subset import Levels, Subset

_TABLES = ("csv", "xml")


def chosen_levels(layers: Sequence[Layer], asked: Subset) -> tuple[selection.Along | None, float | None]:
    """Return what is asked for along vertical axes, and the height at which the level is sought time by time.

    Raises:
        Problem: `invalid_value`: no height can be asked for here; `invalid_dimension`: there is none like that.

    """
    if asked.elevation is None:
        return (None if asked.levels is None else _levels(asked.levels)), None
    found = {_at(layer, asked.elevation) for layer in layers}
    if len(found) > 1:
        message = "these variables do not have the same levels: ask for each"
        raise Problem("invalid_value", message, parameter="elevation")
    value, height = found.pop()
    if height is None:
        return selection.Nearest(value=value), None
    if not isinstance(asked.place, Point) or asked.format.kind not in _TABLES:
        message = "levels follow the bottom here, so elevation needs latitude and longitude, and accept=csv or xml"
        raise Problem("invalid_value", f"{message}; vertCoord names a level of the file", parameter="elevation")
    return None, height


def _at(layer: Layer, text: str) -> tuple[float, float | None]:
    """Return a level in the numbers of the file, and the height at which one is sought instead of it."""
    if layer.heights is not None:
        levels = layer.heights.levels
        height, _ = layer.heights.find(text)
        axis = layer.dimensions[levels.place].axis
        # At the surface it is the uppermost level whatever the tide.
        return axis.values[levels.column.top], height or None
    if layer.elevation is None:
        message = f"{layer.called} has no levels at a height: ask without elevation"
        raise Problem("invalid_value", message, parameter="elevation")
    return layer.elevation.axis.values[layer.elevation.find(text, layer.leeway.elevation).index], None


def _levels(levels: Levels) -> selection.Along:
    if levels.low is not None and levels.low == levels.high:
        return selection.Nearest(value=levels.low)
    return selection.Between(low=levels.low, high=levels.high, stride=levels.stride)
