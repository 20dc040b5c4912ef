"""GetLegendGraphic as a value. Source: OGC 05-078r4, 12; the ncWMS interface."""

from dataclasses import dataclass

from core.numbers import shown
from core.problem import Problem
from gateway.wms.request.colouring import Colouring, colouring, palette_of
from gateway.wms.request.formats import MAPS, format_of
from gateway.wms.request.layers import full_name
from gateway.wms.request.limits import MapLimits, check_size
from gateway.wms.request.parameters import Parameters, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class GetLegendGraphic:
    """One GetLegendGraphic."""

    layer: str | None
    """`dataset/variable`; None is possible only with `bar_only`."""
    colouring: Colouring
    width: int | None
    """Of the coloured bar, pixels."""
    height: int | None
    """Of the coloured bar, pixels."""
    vertical: bool
    bar_only: bool
    """Without any text."""


def parse_get_legend_graphic(query: Query, *, dataset: str | None, limits: MapLimits) -> GetLegendGraphic:
    """Read GetLegendGraphic (OGC 05-078r4, 12, and ncWMS); `dataset` is the one in the path.

    Raises:
        Problem: naming the first parameter that is missing or cannot be used.

    """
    parameters = Parameters.of(query)
    bar_only = parameters.flag("COLORBARONLY") or False
    text = parameters.text("FORMAT") or "image/png"
    if not format_of(MAPS, text, "FORMAT").startswith("image/png"):
        raise Problem("unknown_format", f"FORMAT={shown(text)}: a legend is image/png", parameter="FORMAT")
    layer = parameters.text("LAYER", "LAYERS") if bar_only else parameters.required("LAYER", "LAYERS")
    style = parameters.text("PALETTE", "STYLE", "STYLES") or ""
    vertical = parameters.flag("VERTICAL")
    width = parameters.pixels("WIDTH", most=limits.max_width)
    height = parameters.pixels("HEIGHT", most=limits.max_height)
    # A side that is left open is a short one.
    check_size(width or 1, height or 1, limits)
    return GetLegendGraphic(
        layer=None if layer is None else full_name(layer, dataset or parameters.text("DATASET")),
        colouring=colouring(parameters, palette_of(style, "STYLE")),
        width=width,
        height=height,
        vertical=not parameters.flag("HORIZONTAL") if vertical is None else vertical,
        bar_only=bar_only,
    )
