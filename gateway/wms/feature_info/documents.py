"""Answers to GetFeatureInfo as documents. Source: OGC 06-042, 7.4.4; RFC 7946 (GeoJSON)."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element

from gateway.wms.feature_info.page import page
from gateway.wms.feature_info.point import PointValue, finite, place_rows, written
from gateway.wms.figures import decimal, shortest
from gateway.wms.markup import child, document, legal, optional, root
from gateway.wms.request.formats import InfoFormat


def rendered(values: Sequence[PointValue], format_: InfoFormat) -> bytes:
    """Write the values, one for each queried layer, in UTF-8."""
    return _DOCUMENTS[format_](values)


def _json(values: Sequence[PointValue]) -> bytes:
    collection = {"type": "FeatureCollection", "features": [_feature(value) for value in values]}
    # ASCII alone, so that not even a lone surrogate of a file's attribute can spoil it.
    return json.dumps(collection, allow_nan=False).encode("ascii")


def _feature(value: PointValue) -> dict[str, Any]:
    centre = [finite(value.longitude), finite(value.latitude)]
    requested = {"longitude": finite(value.requested_longitude), "latitude": finite(value.requested_latitude)}
    return {
        "type": "Feature",
        "geometry": None if None in centre else {"type": "Point", "coordinates": centre},
        "properties": {
            "layer": value.layer,
            "name": value.title,
            "standard_name": value.standard_name,
            "value": finite(value.value),
            "units": value.units,
            "meaning": ", ".join(value.meanings) or None,
            "time": value.time,
            "elevation": None if value.elevation is None else shortest(value.elevation),
            "elevation_units": value.elevation_units or None,
            **({} if value.level is None else {"level": value.level, "level_elevation": value.level_elevation}),
            "dimensions": {name: shortest(place) for name, place in value.others},
            "requested": requested,
        },
    }


def _xml(values: Sequence[PointValue]) -> bytes:
    """Write what clients of ncWMS read, and more of it."""
    tree = root("FeatureInfoResponse")
    if values:
        optional(tree, "longitude", written(values[0].requested_longitude))
        optional(tree, "latitude", written(values[0].requested_latitude))
    for value in values:
        _add_feature(tree, value)
    return document(tree)


def _add_feature(tree: Element, value: PointValue) -> None:
    feature = child(tree, "Feature")
    child(feature, "layer", value.layer)
    child(feature, "title", value.title)
    optional(feature, "gridCentreLon", written(value.longitude))
    optional(feature, "gridCentreLat", written(value.latitude))
    info = child(feature, "FeatureInfo")
    child(info, "id", value.layer.partition("/")[2])
    optional(info, "time", value.time)
    if value.elevation is not None:
        units = {"units": value.elevation_units} if value.elevation_units else {}
        child(info, "elevation", decimal(shortest(value.elevation)), units)
    for name, place in value.others:
        child(info, "property", decimal(shortest(place)), {"name": f"dim_{name}"})
    if value.level is not None:
        child(info, "property", str(value.level), {"name": "level"})
    if value.level_elevation is not None:
        child(info, "property", decimal(value.level_elevation), {"name": "level_elevation"})
    child(info, "value", written(value.value) or "none")
    optional(info, "units", value.units)
    if value.meanings:
        child(info, "property", ", ".join(value.meanings), {"name": "meaning"})


def _text(values: Sequence[PointValue]) -> bytes:
    lines = list(place_rows(values))
    for value in values:
        lines += [("Layer", value.layer), ("Title", value.title), *value.rows]
    # Attributes of files may hold line breaks.
    return "".join(f"{name}: {' '.join(legal(text).split())}\n" for name, text in lines if text).encode()


CONTENT_TYPES: Final[Mapping[InfoFormat, str]] = {
    "text/plain": "text/plain; charset=utf-8",
    "text/xml": "text/xml",
    "text/html": "text/html; charset=utf-8",
    "application/json": "application/json",
    "application/geo+json": "application/geo+json",
}
"""By format: with a charset for what does not declare it itself where it may stand alone."""

_DOCUMENTS: Final[Mapping[InfoFormat, Callable[[Sequence[PointValue]], bytes]]] = {
    "text/plain": _text,
    "text/xml": _xml,
    "text/html": page,
    "application/json": _json,
    "application/geo+json": _json,
}
