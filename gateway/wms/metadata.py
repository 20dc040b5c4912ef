"""Answers to GetMetadata, as clients of ncWMS (Godiva, Leaflet.TimeDimension, portals) read them."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.extent import Extent
from gateway.wms.described import DimensionInfo
from gateway.wms.figures import shortest
from renderers.scale import Rgba

CONTENT_TYPE = "application/json"

OutOfRange = Rgba | Literal["extend"]
"""A colour, or the nearest one of the palette."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerticalAxis:
    """The levels of a layer."""

    units: str
    positive: bool
    """Whether the source counts upwards; clients label the levels as depths otherwise."""
    pressure: bool
    elevations: tuple[float, ...]
    """As ELEVATION takes them: counted upwards, the depth of 5 m is -5."""
    continuous: bool = False
    """Whether any height between them can be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerDetails:
    """What a client needs to offer a layer's controls."""

    name: str
    """`dataset/variable`."""
    title: str
    abstract: str = ""
    units: str
    extent: Extent
    low: float
    """Of the default colour range."""
    high: float
    log: bool
    bands: int
    """Number of colours."""
    below: OutOfRange
    above: OutOfRange
    styles: tuple[str, ...]
    """Without palettes, the default first: `default-scalar`."""
    palettes: tuple[str, ...]
    default_palette: str
    vertical: VerticalAxis | None
    dimensions: tuple[DimensionInfo, ...] = ()
    """Those that are neither time, nor levels, nor place."""
    times: Sequence[str]
    """ISO 8601 in UTC, strictly increasing; empty without time."""
    nearest_time: str | None
    """Of `times`: nearest to the one asked for, or the default."""
    time_units: str = "ISO8601"
    """Or the name of a calendar that ISO 8601 does not know."""
    revision: str = ""
    """As REVISION takes it; pictures with it may be kept for ever."""
    more_info: str = ""
    copyright: str = ""


def layer_details(layer: LayerDetails) -> bytes:
    """Write ITEM=layerDetails in JSON."""
    details = _described(layer) | _coloured(layer)
    if layer.vertical is not None:
        details["zaxis"] = _levels(layer.vertical)
    if layer.times:
        details |= {
            "datesWithData": dates_with_data(layer.times),
            "nearestTimeIso": layer.nearest_time,
            "timeAxisUnits": layer.time_units,
        }
    return json.dumps(details, allow_nan=False).encode("ascii")


def dates_with_data(times: Sequence[str]) -> dict[str, dict[str, list[int]]]:
    """Return the days that have data: by year, then by month counted from 0, both as text; days from 1, ascending."""
    found: dict[str, dict[str, list[int]]] = {}
    for day in dict.fromkeys(time.partition("T")[0] for time in times):
        # A year before 1 has a sign.
        year, month, of_month = day.rsplit("-", 2)
        found.setdefault(str(int(year)), {}).setdefault(str(int(month) - 1), []).append(int(of_month))
    return found


def _described(layer: LayerDetails) -> dict[str, Any]:
    extent = layer.extent
    return {
        "layerName": layer.name,
        "title": layer.title,
        "abstract": layer.abstract,
        "units": layer.units,
        "bbox": [extent.west, extent.south, extent.east, extent.north],
        "categorical": False,
        "queryable": True,
        "downloadable": False,
        "continuousZ": layer.vertical is not None and layer.vertical.continuous,
        "continuousT": False,
        "supportsTimeseries": False,
        "supportsProfiles": False,
        "supportsTransects": False,
        "revision": layer.revision,
        "moreInfo": layer.more_info,
        "copyright": layer.copyright,
        "dimensions": [_dimension(found) for found in layer.dimensions],
    }


def _dimension(found: DimensionInfo) -> dict[str, Any]:
    """Describe a dimension; ncWMS knows none but time and levels, so the words are those of capabilities."""
    return {
        "name": found.name,
        "title": found.title or found.name,
        "units": found.units,
        "values": [shortest(value) for value in found.values],
        "default": shortest(found.default),
    }


def _coloured(layer: LayerDetails) -> dict[str, Any]:
    return {
        "scaleRange": [_finite(layer.low), _finite(layer.high)],
        "logScaling": layer.log,
        "numColorBands": layer.bands,
        "belowMinColor": _colour(layer.below),
        "aboveMaxColor": _colour(layer.above),
        "noDataColor": "transparent",
        "supportedStyles": list(layer.styles),
        "noPaletteStyles": [],
        "palettes": list(layer.palettes),
        "defaultPalette": layer.default_palette,
    }


def _levels(axis: VerticalAxis) -> dict[str, Any]:
    values = sorted((shortest(level) for level in axis.elevations), key=abs, reverse=axis.pressure)
    if not axis.pressure and not all(level <= 0 for level in values):
        values.sort()
    return {"units": axis.units, "positive": axis.positive, "pressure": axis.pressure, "values": values}


def _colour(colour: OutOfRange) -> str:
    if colour == "extend":
        return "extend"
    red, green, blue, opacity = colour
    return f"0x{opacity:02X}{red:02X}{green:02X}{blue:02X}"


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
