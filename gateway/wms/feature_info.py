"""Answers to GetFeatureInfo: what layers hold at a place. Source: OGC 06-042, 7.4.4; RFC 7946 (GeoJSON)."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from gateway.wms.figures import decimal, shortest
from gateway.wms.markup import child, document, legal, optional, root
from gateway.wms.request.formats import InfoFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class PointValue:
    """What one layer holds at the place that was asked for."""

    layer: str
    """`dataset/variable`."""
    title: str
    units: str
    """Of `value`, as the file writes them; empty where it does not."""
    standard_name: str | None
    """Of CF."""
    value: float | None
    """In the variable's own type, shortest digits; None where it is missing or there is no cell."""
    longitude: float | None
    """Degrees east of the cell's centre; None where there is no cell."""
    latitude: float | None
    """Degrees north of the cell's centre; None where there is no cell."""
    requested_longitude: float | None
    """Degrees east of the pixel's centre; None where the map shows no place there."""
    requested_latitude: float | None
    """Degrees north of the pixel's centre; None where the map shows no place there."""
    time: str | None
    """ISO 8601, of the step that was taken; None without time."""
    elevation: float | None
    """Of the level that was taken, counted upwards; None without levels."""
    others: tuple[tuple[str, float], ...] = ()
    """Name and value taken of each further dimension."""


def rendered(values: Sequence[PointValue], written: InfoFormat) -> bytes:
    """Write the values, one for each queried layer, in UTF-8; `written` is also the content type."""
    if written == "application/json":
        return _json(values)
    return _xml(values) if written == "text/xml" else _text(values)


def _json(values: Sequence[PointValue]) -> bytes:
    collection = {"type": "FeatureCollection", "features": [_feature(value) for value in values]}
    # ASCII alone, so that not even a lone surrogate of a file's attribute can spoil it.
    return json.dumps(collection, allow_nan=False).encode("ascii")


def _feature(value: PointValue) -> dict[str, Any]:
    centre = [_finite(value.longitude), _finite(value.latitude)]
    requested = {"longitude": _finite(value.requested_longitude), "latitude": _finite(value.requested_latitude)}
    return {
        "type": "Feature",
        "geometry": None if None in centre else {"type": "Point", "coordinates": centre},
        "properties": {
            "layer": value.layer,
            "name": value.title,
            "standard_name": value.standard_name,
            "value": _finite(value.value),
            "units": value.units,
            "time": value.time,
            "elevation": None if value.elevation is None else shortest(value.elevation),
            "dimensions": {name: shortest(place) for name, place in value.others},
            "requested": requested,
        },
    }


def _xml(values: Sequence[PointValue]) -> bytes:
    """Write what clients of ncWMS read, and more of it."""
    tree = root("FeatureInfoResponse")
    if values:
        optional(tree, "longitude", _number(values[0].requested_longitude))
        optional(tree, "latitude", _number(values[0].requested_latitude))
    for value in values:
        _add_feature(tree, value)
    return document(tree)


def _add_feature(tree: Element, value: PointValue) -> None:
    feature = child(tree, "Feature")
    child(feature, "layer", value.layer)
    child(feature, "title", value.title)
    optional(feature, "gridCentreLon", _number(value.longitude))
    optional(feature, "gridCentreLat", _number(value.latitude))
    info = child(feature, "FeatureInfo")
    child(info, "id", value.layer.partition("/")[2])
    optional(info, "time", value.time)
    if value.elevation is not None:
        child(info, "elevation", decimal(shortest(value.elevation)))
    for name, place in value.others:
        child(info, "property", decimal(shortest(place)), {"name": f"dim_{name}"})
    child(info, "value", _number(value.value) or "none")
    optional(info, "units", value.units)


def _text(values: Sequence[PointValue]) -> bytes:
    lines: list[tuple[str, str | None]] = []
    if values:
        lines.append(("Longitude", _number(values[0].requested_longitude)))
        lines.append(("Latitude", _number(values[0].requested_latitude)))
    for value in values:
        lines.append(("Layer", value.layer))
        lines.append(("Title", value.title))
        lines.append(("Time", value.time))
        lines.append(("Elevation", None if value.elevation is None else decimal(shortest(value.elevation))))
        lines += [(f"Dimension {name}", decimal(shortest(place))) for name, place in value.others]
        number = _number(value.value)
        lines.append(("Value", "none (no data here)" if number is None else f"{number} {value.units}"))
    # Attributes of files may hold line breaks.
    return "".join(f"{name}: {' '.join(legal(text).split())}\n" for name, text in lines if text).encode()


def _finite(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else number


def _number(number: float | None) -> str | None:
    """Write a number with all its digits, whole ones of integer variables as such."""
    return None if number is None or not math.isfinite(number) else repr(number)
