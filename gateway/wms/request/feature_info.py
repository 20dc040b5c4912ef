"""GetFeatureInfo as a value. Source: OGC 06-042, 7.4.3."""

from dataclasses import dataclass
from typing import Final

from core.numbers import positive, shown
from core.problem import Problem
from gateway.wms.request.formats import INFOS, InfoFormat, format_of
from gateway.wms.request.layers import layers_of
from gateway.wms.request.limits import MapLimits
from gateway.wms.request.map import GetMap, map_of
from gateway.wms.request.parameters import Parameters, Query
from gateway.wms.request.view import place_of

_MOST_FEATURES: Final = 10**18 - 1
"""Whatever can be written: nothing is made in that number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFeatureInfo:
    """One GetFeatureInfo."""

    map: GetMap
    query_layers: tuple[str, ...]
    """Each is one of the map's."""
    column: int
    """Pixels from the left edge; inside the picture."""
    row: int
    """Pixels from the top edge; inside the picture."""
    format: InfoFormat


def parse_get_feature_info(query: Query, *, dataset: str | None, limits: MapLimits) -> GetFeatureInfo:
    """Read GetFeatureInfo (06-042, 7.4.3); `dataset` is the one in the path.

    Raises:
        Problem: naming the first parameter that is missing or cannot be used.

    """
    parameters = Parameters.of(query)
    # FORMAT decides nothing here, and OWSLib sends FORMAT=None.
    asked = map_of(parameters, dataset, limits, written="image/png")
    queried = layers_of(parameters, "QUERY_LAYERS", dataset, limits)
    for name in queried:
        if name not in asked.layers:
            message = f"QUERY_LAYERS={shown(name)} is not one of LAYERS"
            raise Problem("unknown_layer", message, parameter="QUERY_LAYERS")
    _check_feature_count(parameters)
    # 1.1.1 calls I and J X and Y.
    across, down = ("I", "J") if parameters.text("I") else ("X", "Y") if parameters.text("X") else ("I", "J")
    text = parameters.text("INFO_FORMAT") or "text/xml"
    return GetFeatureInfo(
        map=asked,
        query_layers=queried,
        column=place_of(parameters, across, asked.view.width),
        row=place_of(parameters, down, asked.view.height),
        format=format_of(INFOS, text, "INFO_FORMAT"),
    )


def _check_feature_count(parameters: Parameters) -> None:
    """Refuse a FEATURE_COUNT that is not positive (06-042, 7.4.3.6); a layer has one feature at a place, so all do."""
    text = parameters.text("FEATURE_COUNT")
    if text is not None:
        positive(text, "FEATURE_COUNT", most=_MOST_FEATURES)
