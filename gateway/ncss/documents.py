"""The description of a dataset in XML, and the outline of its grids. Source: TDS 5, `dataset.xml`; NcML 2.2.

Regular axes are written as older servers did (start, increment, npts), and the formats by kind of request: that is what
siphon reads.
"""

import json
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

from core.attributes import CHAR, STRING, Attribute
from core.extent import Extent
from gateway.ncss.described import AxisInfo, DatasetInfo, GridInfo, GridSet
from gateway.ncss.request.formats import OF_GRIDS, OF_POINTS
from gateway.wms.markup import child, document, root

_TYPES: Final[Mapping[str, str]] = {
    "i1": "byte", "u1": "ubyte", "i2": "short", "u2": "ushort", "i4": "int", "u4": "uint", "i8": "long", "u8": "ulong",
    "f4": "float", "f8": "double", "S1": "char", "str": "String",
    "int8": "byte", "uint8": "ubyte", "int16": "short", "uint16": "ushort", "int32": "int", "uint32": "uint",
    "int64": "long", "uint64": "ulong", "float32": "float", "float64": "double",
}  # fmt: skip
"""Names of NcML by those of variables and of attributes."""
_BOX: Final = ("minx", "miny", "maxx", "maxy")


def dataset_xml(info: DatasetInfo, location: str) -> bytes:
    """Write the description of a dataset; `location` is the path at which it is asked."""
    tree = root("gridDataset", {"location": location, "path": "path"})
    for axis in info.axes:
        _add_axis(tree, axis)
    for members in info.sets:
        _add_set(tree, members)
    box = child(tree, "LatLonBox")
    for side in ("west", "east", "south", "north"):
        child(box, side, repr(getattr(info.extent, side)))
    if info.span is not None:
        span = child(tree, "TimeSpan")
        child(span, "begin", info.span[0])
        child(span, "end", info.span[1])
    accepted = child(tree, "AcceptList")
    for kind, names in (("Grid", OF_GRIDS), ("GridAsPoint", OF_POINTS)):
        listed = child(accepted, kind)
        for name in names:
            child(listed, "accept", name, {"displayName": name})
    return document(tree)


def outline_wkt(extent: Extent) -> bytes:
    """Write the outline of a dataset as well-known text. Source: OGC 06-103r4, 7."""
    corners = ", ".join(f"{x!r} {y!r}" for x, y in _corners(extent))
    return f"POLYGON(({corners}))".encode()


def outline_json(extent: Extent) -> bytes:
    """Write the outline of a dataset as GeoJSON. Source: RFC 7946, 3.1.6."""
    return json.dumps({"type": "Polygon", "coordinates": [_corners(extent)]}).encode()


def _corners(extent: Extent) -> list[tuple[float, float]]:
    """Return the corners of an extent against the clock, the first again at the end."""
    west, south, east, north = extent.west, extent.south, extent.east, extent.north
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def _add_axis(tree: Element, axis: AxisInfo) -> None:
    given = {"name": axis.name, "shape": " ".join(map(str, axis.shape)), "type": _TYPES.get(axis.dtype, axis.dtype)}
    added = child(tree, "axis", attributes=given if axis.kind is None else {**given, "axisType": axis.kind})
    _add_attributes(added, axis.attributes)
    if axis.regular is not None:
        start, increment = axis.regular
        attributes = {"start": repr(start), "increment": repr(increment), "npts": str(len(axis.values))}
        child(added, "values", attributes=attributes)
    elif axis.values:
        child(added, "values", " ".join(map(repr, axis.values)), {"npts": str(len(axis.values))})


def _add_set(tree: Element, members: GridSet) -> None:
    added = child(tree, "gridSet", attributes={"name": " ".join(members.axes)})
    if members.box is not None:
        box = child(added, "projectionBox")
        for name, value in zip(_BOX, members.box, strict=True):
            child(box, name, repr(value))
    for name in members.axes:
        child(added, "axisRef", attributes={"name": name})
    for grid in members.grids:
        _add_grid(added, grid)


def _add_grid(parent: Element, grid: GridInfo) -> None:
    given = {"name": grid.name, "desc": grid.title, "shape": " ".join(grid.axes)}
    added = child(parent, "grid", attributes={**given, "type": _TYPES.get(grid.dtype, grid.dtype)})
    _add_attributes(added, grid.attributes)


def _add_attributes(parent: Element, attributes: Mapping[str, Attribute]) -> None:
    for name, attribute in attributes.items():
        if attribute.type in (CHAR, STRING):
            value = attribute.text if attribute.text is not None else ", ".join(attribute.strings)
            child(parent, "attribute", attributes={"name": name, "value": value})
        else:
            value = " ".join(map(str, attribute.numbers.tolist()))
            given = {"name": name, "type": _TYPES.get(attribute.type, attribute.type), "value": value}
            child(parent, "attribute", attributes=given)
