"""GetMetadata of ncWMS as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.numbers import shown
from core.problem import Problem
from gateway.wms.request.colouring import Colouring, colouring
from gateway.wms.request.layers import full_name
from gateway.wms.request.parameters import Parameters, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class GetMetadata:
    """One GetMetadata of ncWMS."""

    item: Literal["layerDetails"]
    layer: str
    """`dataset/variable`."""
    time: str | None
    """As sent; None where it was not."""
    colouring: Colouring
    """Of which only an automatic range is answered with."""
    elevation: str | None
    """As sent, for such a range; None where it was not."""
    others: Mapping[str, str]
    """Values of further dimensions as sent, by name in upper case, likewise."""


def parse_get_metadata(query: Query, *, dataset: str | None) -> GetMetadata:
    """Read GetMetadata of ncWMS; `dataset` is the one in the path.

    Raises:
        Problem: naming the first parameter that is missing or cannot be used.

    """
    parameters = Parameters.of(query)
    item = parameters.required("ITEM")
    if item.lower() != "layerdetails":
        raise Problem("unknown_operation", f"ITEM={shown(item)} is not offered: layerDetails is", parameter="ITEM")
    layer = parameters.required("LAYERNAME", "LAYER", "LAYERS")
    return GetMetadata(
        item="layerDetails",
        layer=full_name(layer, dataset or parameters.text("DATASET")),
        time=parameters.time,
        colouring=colouring(parameters, None),
        elevation=parameters.text("ELEVATION"),
        others=parameters.others,
    )
