"""GetLegendGraphic as a value. Source: OGC 05-078r4, 12; the ncWMS interface."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.wms.request.colouring import Colouring, palette_of, rgba, styled
from gateway.wms.request.formats import LEGENDS, format_of
from gateway.wms.request.layers import full_name
from gateway.wms.request.limits import MapLimits, check_size
from gateway.wms.request.parameters import Parameters, Query
from renderers.legend.picture import DARK, LIGHT, LegendFormat
from renderers.legend.text import opposite
from renderers.scale import Rgba


@dataclass(frozen=True, slots=True, kw_only=True)
class GetLegendGraphic:
    """One GetLegendGraphic."""

    layer: str | None
    """`dataset/variable`; None is possible only with `bar_only`."""
    colouring: Colouring
    time: str | None
    """As sent, for a range that is found by looking at the values; None where it was not."""
    elevation: str | None
    """Likewise."""
    others: Mapping[str, str]
    """Values of further dimensions as sent, by name in upper case, likewise."""
    format: LegendFormat
    width: int | None
    """Of the whole picture, pixels."""
    height: int | None
    """Of the whole picture, pixels."""
    vertical: bool
    bar_only: bool
    """Without any text."""
    labelled: bool
    """With title and units."""
    background: Rgba
    """See-through unless a colour was asked for; never for JPEG."""
    text: Rgba
    """Such that it stands out from the ground, unless a colour was asked for."""


def parse_get_legend_graphic(query: Query, *, dataset: str | None, limits: MapLimits) -> GetLegendGraphic:
    """Read GetLegendGraphic (OGC 05-078r4, 12, and ncWMS); `dataset` is the one in the path.

    Raises:
        Problem: naming the first parameter that is missing or cannot be used.

    """
    parameters = Parameters.of(query)
    bar_only = parameters.flag("COLORBARONLY") or False
    written = format_of(LEGENDS, parameters.text("FORMAT") or "image/png", "FORMAT")
    background = _background(parameters, written)
    layer = parameters.text("LAYER", "LAYERS") if bar_only else parameters.required("LAYER", "LAYERS")
    rest = palette_of(parameters.text("PALETTE") or "", "PALETTE")
    vertical = parameters.flag("VERTICAL")
    width = parameters.pixels("WIDTH", most=limits.max_width)
    height = parameters.pixels("HEIGHT", most=limits.max_height)
    # A side that is left open is a short one.
    check_size(width or 1, height or 1, limits)
    return GetLegendGraphic(
        layer=None if layer is None else full_name(layer, dataset or parameters.text("DATASET")),
        colouring=styled(parameters, parameters.text("STYLE", "STYLES") or "", "STYLE", rest),
        time=parameters.time,
        elevation=parameters.text("ELEVATION"),
        others=parameters.others,
        format=written,
        width=width,
        height=height,
        vertical=not parameters.flag("HORIZONTAL") if vertical is None else vertical,
        bar_only=bar_only,
        labelled=parameters.flag("SHOWLABEL") is not False,
        background=background,
        text=_text(parameters, background),
    )


def _background(parameters: Parameters, written: LegendFormat) -> Rgba:
    """Return the colour of the ground: see-through where neither a colour is asked for nor TRANSPARENT=FALSE."""
    given, see_through = parameters.text("BGCOLOR"), parameters.flag("TRANSPARENT")
    red, green, blue, _ = rgba(given or "0xFFFFFF", "BGCOLOR")
    if see_through is None:
        see_through = given is None or given.lower() == "transparent"
    return (0, 0, 0, 0) if see_through and written != "image/jpeg" else (red, green, blue, 255)


def _text(parameters: Parameters, background: Rgba) -> Rgba:
    if given := parameters.text("FONTCOLOR"):
        return (*rgba(given, "FONTCOLOR")[:3], 255)
    return LIGHT if background[3] and opposite(background)[0] else DARK
