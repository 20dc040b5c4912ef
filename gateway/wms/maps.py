"""From a WMS request, as a value, to what is drawn."""

from typing import Literal

from core.layer import Layer
from gateway.opened import OpenDataset
from gateway.pictures import Picture, Slice
from gateway.unit import Catalogue
from gateway.wms.request.colouring import Colouring
from gateway.wms.request.map import GetMap
from renderers.scale import Rgba, Scale


async def picture_of(catalogue: Catalogue, asked: GetMap) -> Picture:
    """Settle everything about a map but its pixels.

    Raises:
        Problem: a layer, time, level or style that is not there.

    """
    slices = []
    for name, colouring in zip(asked.layers, asked.colourings, strict=True):
        source, layer = await catalogue.layer(name, "view")
        selection = layer.select(asked.time, asked.elevation, asked.others)
        slices.append(Slice(source=source, layer=layer, selection=selection, scale=scale_of(source, layer, colouring)))
    return Picture(
        slices=slices,
        view=asked.view,
        format=asked.format,
        transparent=asked.transparent,
        background=asked.background,
    )


def scale_of(source: OpenDataset, layer: Layer, colouring: Colouring) -> Scale:
    """Return the layer's own colours, with what the client asks otherwise."""
    own = source.scale(layer)
    return Scale(
        palette=colouring.palette or own.palette,
        low=own.low if colouring.low is None else colouring.low,
        high=own.high if colouring.high is None else colouring.high,
        log=own.log if colouring.log is None else colouring.log,
        bands=colouring.bands or own.bands,
        below=_beyond(own.below, colouring.below),
        above=_beyond(own.above, colouring.above),
    )


def _beyond(own: Rgba | None, asked: Rgba | Literal["extend"] | None) -> Rgba | None:
    """Return the colour beyond one end of the range; None extends that of the end."""
    if asked is None:
        return own
    return None if asked == "extend" else asked
