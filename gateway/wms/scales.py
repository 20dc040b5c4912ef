"""The colours of a layer as a request asks for them."""

from dataclasses import replace
from typing import Final, Literal

from core.layer import Layer, Selection
from core.problem import Problem
from core.spread import Ends
from core.vector_layers import is_vector
from gateway.auto_range import auto_ends
from gateway.opened import OpenDataset
from gateway.wms.request.colouring import DEFAULT_STYLE, VECTOR_STYLE, Colouring
from renderers.defaults import Look, default_scale
from renderers.palettes import chosen
from renderers.scale import Rgba, Scale

_LOG_SPAN: Final = 1000.0
"""How many times its low end the high end of a logarithmic scale is, where nothing else says where to begin."""


async def scale_at(source: OpenDataset, layer: Layer, colouring: Colouring, selection: Selection) -> Scale:
    """Return the colours in which a slice of a layer is to be shown; with `auto`, its values are looked at.

    Raises:
        Problem: `unknown_style`, or `invalid_value` for a range that cannot be drawn.
        OSError: a chunk cannot be read.

    """
    arrowed(layer, colouring)
    own = source.scale(layer)
    found = await auto_ends(source, layer, selection) if colouring.auto else None
    if found is None:
        return asked_scale(own, colouring, (own.low, own.high))
    return asked_scale(own, colouring, fitted(source.look(layer), found, log=_log(own, colouring)))


def scale_of(source: OpenDataset, layer: Layer, colouring: Colouring) -> Scale:
    """Return the layer's own colours, with what the client asks otherwise, where no values need be looked at.

    Raises:
        Problem: `unknown_style`, or `invalid_value` for a range that cannot be drawn.

    """
    arrowed(layer, colouring)
    own = source.scale(layer)
    return asked_scale(own, colouring, (own.low, own.high))


def arrowed(layer: Layer, colouring: Colouring) -> bool:
    """Tell whether a layer is shown with arrows over its colours.

    Raises:
        Problem: `unknown_style`: they are asked for, and it is no vector.

    """
    vector = is_vector(layer)
    if colouring.arrows and not vector:
        message = f"{layer.name} is no vector and has no style {VECTOR_STYLE}; there is {DEFAULT_STYLE}"
        raise Problem("unknown_style", message, parameter="STYLES")
    return vector and colouring.arrows is not False


def fitted(look: Look, found: Ends, *, log: bool) -> Ends:
    """Return a range of round numbers for values from about `found[0]` to `found[1]`, as the quantity is shown."""
    scale = default_scale(replace(look, log=log), *found)
    return scale.low, scale.high


def asked_scale(own: Scale, colouring: Colouring, ends: Ends) -> Scale:
    """Return `own`, with what the client asks otherwise; `ends` is the range where the client names none.

    Raises:
        Problem: `unknown_style`, or `invalid_value` for a range that cannot be drawn.

    """
    low, high, log = _range(own, colouring, ends)
    return Scale(
        palette=chosen(colouring.palette, own.palette),
        low=low,
        high=high,
        log=log,
        bands=colouring.bands or own.bands,
        below=_beyond(own.below, colouring.below),
        above=_beyond(own.above, colouring.above),
        missing=own.missing if colouring.missing is None else colouring.missing,
    )


def _log(own: Scale, colouring: Colouring) -> bool:
    """Tell whether a logarithmic scale is wanted, if it can be had."""
    return own.log if colouring.log is None else colouring.log


def _range(own: Scale, colouring: Colouring, ends: Ends) -> tuple[float, float, bool]:
    """Return low end, high end, and whether the scale is logarithmic."""
    log = _log(own, colouring)
    if colouring.low is not None and colouring.high is not None:
        # What is logarithmic by itself is linear where the range that is asked for leaves no choice.
        return colouring.low, colouring.high, log and (colouring.low > 0 or colouring.log is True)
    low, high = ends
    if not log or low > 0:
        return low, high, log
    if high > 0:
        return high / _LOG_SPAN, high, True
    if colouring.log is None:
        return low, high, False
    message = f"LOGSCALE=true: the range of this layer, {low:.15g} to {high:.15g}, has nothing above 0"
    message = f"{message}: name a COLORSCALERANGE above 0, or LOGSCALE=false"
    raise Problem("invalid_value", message, parameter="LOGSCALE")


def _beyond(own: Rgba | None, asked: Rgba | Literal["extend"] | None) -> Rgba | None:
    """Return the colour beyond one end of the range; None extends that of the end."""
    if asked is None:
        return own
    return None if asked == "extend" else asked
