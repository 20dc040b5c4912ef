"""Legends of layers, as WMS asks for them. Source: OGC 05-078r4, 12; the ncWMS interface."""

from dataclasses import replace
from typing import Final

from core.layer import Layer
from gateway.opened import OpenDataset
from gateway.wms.request.legend import GetLegendGraphic
from gateway.wms.scales import scale_at, scale_of
from renderers.legend.picture import LegendSpec
from renderers.palettes import chosen
from renderers.scale import MOST_BANDS, Scale

_PALETTE: Final = "viridis"
"""Of a bar for no layer, where none is named."""


def legend_spec(source: OpenDataset, layer: Layer) -> LegendSpec:
    """Return the legend of a layer that no client has asked otherwise."""
    return LegendSpec(scale=source.scale(layer), title=layer.variable.title, units=layer.variable.units)


async def asked_legend(asked: GetLegendGraphic, source: OpenDataset, layer: Layer) -> LegendSpec:
    """Return the legend that a client asks for; a size that it leaves open is the usual one, turned as asked."""
    colouring = asked.colouring
    if colouring.auto:
        # Only here does it matter which time and level the map shows: else whatever they say is passed over.
        selection = layer.select(asked.time, asked.elevation, asked.others)
        scale = await scale_at(source, layer, colouring, selection)
    else:
        scale = scale_of(source, layer, colouring)
    return _sized(replace(legend_spec(source, layer), scale=scale), asked)


def palette_bar(asked: GetLegendGraphic) -> LegendSpec:
    """Return a bar of the colours of a palette, for no layer."""
    colouring = asked.colouring
    scale = Scale(palette=chosen(colouring.palette, _PALETTE), low=0.0, high=1.0, bands=colouring.bands or MOST_BANDS)
    return _sized(LegendSpec(scale=scale, title="", units=""), asked)


def _sized(plain: LegendSpec, asked: GetLegendGraphic) -> LegendSpec:
    width, height = (plain.width, plain.height) if asked.vertical else (plain.height * 3 // 2, plain.width * 6 // 11)
    return replace(
        plain,
        width=asked.width or width,
        height=asked.height or height,
        vertical=asked.vertical,
        bar_only=asked.bar_only,
        labelled=asked.labelled,
        background=asked.background,
        text=asked.text,
    )
