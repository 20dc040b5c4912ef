"""The part of the capabilities that is about one dataset: written once per version of it, joined many times.

Source: OGC 06-042, 7.2.4.6 and annex C; OGC 01-068r3, 7.1.4.5 and annex C.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element

from core.crs import OFFERED, Crs
from core.extent import Extent
from gateway.wms.described import DatasetInfo, Keyword, LayerInfo, StyleInfo
from gateway.wms.figures import decimal, shortest
from gateway.wms.markup import child, fragment, optional, root
from gateway.wms.request.parameters import Version
from gateway.wms.time_extent import time_extent

HOLE: Final = "\uffff"
"""Where the address of the service goes. No text of a document can be taken for it: XML has no such character."""
WORLD: Final = Extent(west=-180.0, south=-90.0, east=180.0, north=90.0)


def dataset_layers(dataset: DatasetInfo, version: Version, offered: tuple[str, ...] = OFFERED) -> bytes:
    """Write one dataset: a layer without a name that holds its layers; `HOLE` stands for the service's address.

    It has no name because a layer with a name can be asked for as a map (06-042, 7.2.4.6.3), and a dataset cannot be.
    """
    tree = root("Layer")
    child(tree, "Title", dataset.title or "Untitled")
    optional(tree, "Abstract", dataset.abstract)
    add_keywords(tree, dataset.keywords, version)
    if dataset.attribution:
        child(child(tree, "Attribution"), "Title", dataset.attribution)
    extents: dict[tuple[str, ...], str] = {}
    for layer in dataset.layers:
        # Layers of a dataset mostly share their times, which may be thousands.
        times = tuple(layer.times)
        if times not in extents:
            extents[times] = time_extent(times)
        _add_layer(tree, layer, extents[times], version, offered)
    return fragment(tree)


def add_places(parent: Element, extent: Extent, version: Version, offered: tuple[str, ...]) -> None:
    """Append the boxes around an extent: in degrees, then in each system on offer, in the order that `version` wants.

    A system that shows nothing of it has none.
    """
    west, south, east, north = (decimal(side) for side in (extent.west, extent.south, extent.east, extent.north))
    if version == "1.3.0":
        box = child(parent, "EX_GeographicBoundingBox")
        child(box, "westBoundLongitude", west)
        child(box, "eastBoundLongitude", east)
        child(box, "southBoundLatitude", south)
        child(box, "northBoundLatitude", north)
    else:
        child(parent, "LatLonBoundingBox", attributes=_corners((west, south, east, north)))
    name = "CRS" if version == "1.3.0" else "SRS"
    for crs, sides in _boxes(extent, version, offered):
        child(parent, "BoundingBox", attributes={name: crs, **_corners(sides)})


def systems(offered: tuple[str, ...], version: Version) -> tuple[str, ...]:
    """Return the names of those that a document may list; in 1.1.1 the EPSG's alone (01-068r3, 6.5.5)."""
    return offered if version == "1.3.0" else tuple(name for name in offered if name.startswith("EPSG:"))


def add_resource(parent: Element, version: Version, query: str = "") -> None:
    """Append the service's address, followed by `query`."""
    # The DTD of 1.1.1 allows the declaration of the prefix here and nowhere else.
    names = {"xmlns:xlink": "http://www.w3.org/1999/xlink"} if version == "1.1.1" else {}
    resource = child(parent, "OnlineResource", attributes={**names, "xlink:type": "simple"})
    resource.set("xlink:href", HOLE + query)


def add_keywords(parent: Element, keywords: Sequence[Keyword], version: Version) -> None:
    """Append a list of keywords where there are any."""
    if keywords:
        added = child(parent, "KeywordList")
        for keyword in keywords:
            named = version == "1.3.0" and keyword.vocabulary
            child(added, "Keyword", keyword.text, {"vocabulary": keyword.vocabulary} if named else None)


def add_style(parent: Element, style: StyleInfo, version: Version, layer: str = "") -> None:
    """Append a style, with the legend that it has at `layer` where it has one."""
    written = child(parent, "Style")
    child(written, "Name", style.name)
    child(written, "Title", style.title)
    if style.legend is None:
        return
    width, height = style.legend
    legend = child(written, "LegendURL", attributes={"width": str(width), "height": str(height)})
    child(legend, "Format", "image/png")
    names = f"LAYER={_quoted(layer)}&STYLE={_quoted(style.name)}"
    add_resource(legend, version, f"SERVICE=WMS&VERSION={version}&REQUEST=GetLegendGraphic&FORMAT=image/png&{names}")


def _add_layer(parent: Element, layer: LayerInfo, times: str, version: Version, offered: tuple[str, ...]) -> None:
    added = child(parent, "Layer", attributes={"queryable": "1" if layer.queryable else "0", "opaque": "0"})
    child(added, "Name", layer.name)
    child(added, "Title", layer.title or layer.name)
    optional(added, "Abstract", layer.abstract)
    add_keywords(added, layer.keywords, version)
    add_places(added, layer.extent, version, offered)
    _add_dimensions(added, layer, times, version)
    for style in layer.styles:
        add_style(added, style, version, layer.name)


def _add_dimensions(parent: Element, layer: LayerInfo, times: str, version: Version) -> None:
    """Append the dimensions, with their values (06-042, C.2) or followed by them (01-068r3, C.2)."""
    found = []
    if times:
        extent = _extent(layer.default_time, nearest=layer.nearest_time, current=layer.kept_current)
        found.append((_named("time", layer.time_units, ""), extent, times))
    if layer.elevations:
        default, values = _listed(layer.default_elevation, layer.elevations)
        named = _named("elevation", layer.elevation_units, layer.elevation_symbol)
        found.append((named, _extent(default, nearest=layer.nearest_elevation), values))
    if layer.heights is not None:
        # From the least to the greatest, as fine as one likes: a resolution of 0 (06-042, C.2; 01-068r3, C.2).
        ends = (decimal(shortest(end)) for end in layer.heights)
        named = _named("elevation", layer.elevation_units, layer.elevation_symbol)
        found.append((named, _extent("0"), f"{'/'.join(ends)}/0"))
    for one in layer.others:
        default, values = _listed(one.default, one.values)
        found.append((_named(one.name, one.units, one.units), _extent(default), values))
    if version == "1.3.0":
        for units, extent, values in found:
            child(parent, "Dimension", values, {**units, **extent})
        return
    for units, _, _ in found:
        child(parent, "Dimension", attributes=units)
    for units, extent, values in found:
        child(parent, "Extent", values, {"name": units["name"], **extent})


def _extent(default: str, *, nearest: bool = False, current: bool = False) -> dict[str, str]:
    # A list or a range is answered with one of its values, which is not what multipleValues means (06-042, C.2).
    said = {"default": default, "multipleValues": "0", "nearestValue": "1" if nearest else "0"}
    return said | ({"current": "1"} if current else {})


def _named(name: str, units: str, symbol: str) -> dict[str, str]:
    return {"name": name, "units": units} | ({"unitSymbol": symbol} if symbol else {})


def _listed(default: float, values: Iterable[float]) -> tuple[str, str]:
    """Return the default and all values as requests may write them."""
    return decimal(shortest(default)), ",".join(decimal(shortest(value)) for value in values)


def _quoted(text: str) -> str:
    return quote(text, errors="replace")


def _corners(sides: tuple[str, str, str, str]) -> dict[str, str]:
    return dict(zip(("minx", "miny", "maxx", "maxy"), sides, strict=True))


@lru_cache(maxsize=256)
def _boxes(
    extent: Extent, version: Version, offered: tuple[str, ...]
) -> tuple[tuple[str, tuple[str, str, str, str]], ...]:
    boxes = []
    for name in systems(offered, version):
        crs = Crs(name)
        sides = crs.bounds(extent)
        if sides is None:
            continue
        west, south, east, north = (decimal(side) for side in sides)
        # 1.3.0 follows the definition of the system (06-042, 6.7.2), 1.1.1 is always x, y.
        swap = version == "1.3.0" and crs.northing_first
        boxes.append((name, (south, west, north, east) if swap else (west, south, east, north)))
    return tuple(boxes)
