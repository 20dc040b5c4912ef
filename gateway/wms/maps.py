"""From a WMS request, as a value, to what is drawn."""

from gateway.pictures import Picture
from gateway.slices import Slice
from gateway.unit import Catalogue
from gateway.wms.request.map import GetMap
from gateway.wms.scales import arrowed, scale_at


async def picture_of(catalogue: Catalogue, asked: GetMap) -> Picture:
    """Settle everything about a map but its pixels.

    Raises:
        Problem: a layer, time, level or style that is not there.
        OSError: what the range of colours is taken from cannot be read.

    """
    slices = []
    drawn = zip(asked.colourings, asked.opacities, asked.interpolations, strict=True)
    for name, (colouring, opacity, interpolation) in zip(asked.layers, drawn, strict=True):
        source, layer = await catalogue.layer(name, "view")
        selection = layer.select(asked.time, asked.elevation, asked.others)
        scale = await scale_at(source, layer, colouring, selection)
        slices.append(
            Slice(
                source=source,
                layer=layer,
                selection=selection,
                scale=scale,
                opacity=opacity,
                interpolation=source.interpolation(layer, interpolation),
                arrows=arrowed(layer, colouring),
            )
        )
    return Picture(
        slices=slices,
        view=asked.view,
        format=asked.format,
        transparent=asked.transparent,
        background=asked.background,
    )
