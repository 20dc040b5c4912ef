"""GetMap as a value. Source: OGC 06-042, 7.3.3.

EXCEPTIONS is read apart, since any other parameter may be the one that is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.interpolation import Interpolation
from core.view import View
from gateway.wms.request.colouring import Colouring, colourings
from gateway.wms.request.formats import MAPS, format_of
from gateway.wms.request.layering import background, interpolations, opacities
from gateway.wms.request.layers import layers_of
from gateway.wms.request.limits import MapLimits, check_size
from gateway.wms.request.parameters import Parameters, Query, Version
from gateway.wms.request.view import view_of
from renderers.images import Format


@dataclass(frozen=True, slots=True, kw_only=True)
class GetMap:
    """One GetMap, with its axis order settled."""

    version: Version
    layers: tuple[str, ...]
    """`dataset/variable`, from the bottom to the top."""
    colourings: tuple[Colouring, ...]
    """One for each layer."""
    view: View
    time: str | None
    """As sent; None where it was not."""
    elevation: str | None
    """As sent; None where it was not."""
    others: Mapping[str, str]
    """Values of further dimensions as sent, by name in upper case."""
    format: Format
    transparent: bool
    """Never for JPEG."""
    background: tuple[int, int, int]
    """Red, green, blue: 0 to 255."""
    opacities: tuple[float, ...]
    """One for each layer: 0 to 100 percent."""
    interpolations: tuple[Interpolation | None, ...]
    """One for each layer; None as the layer is drawn by itself."""


def parse_get_map(query: Query, *, dataset: str | None, limits: MapLimits) -> GetMap:
    """Read GetMap (06-042, 7.3.3); `dataset` is the one in the path.

    Raises:
        Problem: naming the first parameter that is missing or cannot be used.

    """
    parameters = Parameters.of(query)
    text = parameters.text("FORMAT") or "image/png"
    return map_of(parameters, dataset, limits, written=format_of(MAPS, text, "FORMAT"))


def map_of(parameters: Parameters, dataset: str | None, limits: MapLimits, *, written: Format) -> GetMap:
    """Read what GetMap and GetFeatureInfo share; the picture is `written` in that format."""
    layers = layers_of(parameters, "LAYERS", dataset, limits)
    return GetMap(
        version=parameters.version,
        layers=layers,
        colourings=colourings(parameters, len(layers)),
        view=_view(parameters, limits),
        time=parameters.time,
        elevation=parameters.text("ELEVATION"),
        others=parameters.others,
        format=written,
        transparent=written != "image/jpeg" and bool(parameters.flag("TRANSPARENT")),
        background=background(parameters),
        opacities=opacities(parameters, len(layers)),
        interpolations=interpolations(parameters, len(layers)),
    )


def _view(parameters: Parameters, limits: MapLimits) -> View:
    view = view_of(parameters, limits)
    check_size(view.width, view.height, limits)
    return view
