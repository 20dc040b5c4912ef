"""Legends of layers, as WMS asks for them. Source: OGC 05-078r4, 12; the ncWMS interface."""

from core.layer import Layer
from gateway.opened import OpenDataset
from gateway.wms.maps import scale_of
from gateway.wms.request import GetLegendGraphic
from renderers.legend import LegendSpec


def legend_spec(source: OpenDataset, layer: Layer) -> LegendSpec:
    """Return the legend of a layer that no client has asked otherwise."""
    return LegendSpec(scale=source.scale(layer), title=layer.variable.title, units=layer.variable.units)


def asked_legend(asked: GetLegendGraphic, source: OpenDataset, layer: Layer) -> LegendSpec:
    """Return the legend that a client asks for; a size that it leaves open is the usual one, turned as asked."""
    plain = legend_spec(source, layer)
    width, height = (plain.width, plain.height) if asked.vertical else (plain.height * 3 // 2, plain.width * 6 // 11)
    return LegendSpec(
        scale=scale_of(source, layer, asked.colouring),
        title=plain.title,
        units=plain.units,
        width=asked.width or width,
        height=asked.height or height,
        vertical=asked.vertical,
        bar_only=asked.bar_only,
    )
