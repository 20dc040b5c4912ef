"""The part of the capabilities that is about one dataset: written once per version of it, joined many times.

Source: OGC 06-042, 7.2.4.6 and annex C; OGC 01-068r3, 7.1.4.5 and annex C.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element

from core.crs import OFFERED, Crs
from core.extent import Extent
from gateway.wms.figures import decimal, shortest
from gateway.wms.markup import child, fragment, optional, root
from gateway.wms.request.colouring import DEFAULT_STYLE
from gateway.wms.request.parameters import Version
from gateway.wms.time_extent import time_extent

HOLE: Final = "\uffff"
"""Where the address of the service goes. No text of a document can be taken for it: XML has no such character."""
WORLD: Final = Extent(west=-180.0, south=-90.0, east=180.0, north=90.0)

_METRES: Final = ("m", "metre", "metres", "meter", "meters")


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleInfo:
    """One style of a layer."""

    name: str
    """As STYLES names it."""
    title: str
    legend: tuple[int, int]
    """Width and height of the picture that GetLegendGraphic answers, pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionInfo:
    """A dimension that is neither time, nor elevation, nor place."""

    name: str
    """As DIM_NAME has it."""
    title: str = ""
    """What to call it before people; capabilities have no place for it."""
    units: str
    """As the file writes them; empty where it does not."""
    values: tuple[float, ...]
    default: float
    """One of `values`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInfo:
    """What the capabilities say about a layer."""

    name: str
    """`dataset/variable`."""
    title: str
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    extent: Extent
    times: Sequence[str] = ()
    """ISO 8601 in UTC, strictly increasing; empty without time."""
    default_time: str = ""
    """One of `times`."""
    time_units: str = "ISO8601"
    """Or the name of a calendar that ISO 8601 does not know, as ncWMS writes it."""
    elevations: tuple[float, ...] = ()
    """Counted upwards; empty without levels."""
    default_elevation: float = 0.0
    """One of `elevations`."""
    elevation_units: str = ""
    """As `vertical_units` returns them."""
    elevation_symbol: str = ""
    others: tuple[DimensionInfo, ...] = ()
    styles: tuple[StyleInfo, ...]
    """The first is the default."""
    queryable: bool = True


def vertical_units(units: str, *, depth: bool) -> tuple[str, str]:
    """Return `units` and `unitSymbol` of an elevation; `depth` tells that the axis counts downwards from the sea's top.

    A depth in metres is a height above mean sea level with its sign turned: EPSG:5714 (06-042, C.2, asks for a
    vertical reference system where there is one). Anything else says the units of the file.
    """
    if units.strip().lower() in _METRES:
        return ("EPSG:5714" if depth else "m"), "m"
    return units.strip(), units.strip()


def scalar_styles(palettes: Iterable[str], legend: tuple[int, int]) -> tuple[StyleInfo, ...]:
    """Return the default style, then the same in each palette; all legends have the size `legend`."""
    default = StyleInfo(name=DEFAULT_STYLE, title="The layer's own colours", legend=legend)
    named = (StyleInfo(name=f"{DEFAULT_STYLE}/{name}", title=f"Palette {name}", legend=legend) for name in palettes)
    return default, *named


def dataset_layers(title: str, layers: Sequence[LayerInfo], version: Version) -> bytes:
    """Write one dataset: a layer without a name that holds its layers; `HOLE` stands for the service's address."""
    tree = root("Layer")
    child(tree, "Title", title or "Untitled")
    extents: dict[tuple[str, ...], str] = {}
    for layer in layers:
        # Layers of a dataset mostly share their times, which may be thousands.
        times = tuple(layer.times)
        if times not in extents:
            extents[times] = time_extent(times)
        _add_layer(tree, layer, extents[times], version)
    return fragment(tree)


def add_places(parent: Element, extent: Extent, version: Version) -> None:
    """Append the boxes around an extent: in degrees, then in each system, in the order that `version` wants."""
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
    for crs, sides in _boxes(extent, version):
        child(parent, "BoundingBox", attributes={name: crs, **_corners(sides)})


def systems(version: Version) -> tuple[str, ...]:
    """Return the names of the systems on offer; 1.1.1 has the EPSG's alone (01-068r3, 6.5.5)."""
    return OFFERED if version == "1.3.0" else tuple(name for name in OFFERED if name.startswith("EPSG:"))


def add_resource(parent: Element, version: Version, query: str = "") -> None:
    """Append the service's address, followed by `query`."""
    # The DTD of 1.1.1 allows the declaration of the prefix here and nowhere else.
    names = {"xmlns:xlink": "http://www.w3.org/1999/xlink"} if version == "1.1.1" else {}
    resource = child(parent, "OnlineResource", attributes={**names, "xlink:type": "simple"})
    resource.set("xlink:href", HOLE + query)


def add_keywords(parent: Element, keywords: Sequence[str]) -> None:
    """Append a list of keywords where there are any."""
    if keywords:
        added = child(parent, "KeywordList")
        for keyword in keywords:
            child(added, "Keyword", keyword)


def _add_layer(parent: Element, layer: LayerInfo, times: str, version: Version) -> None:
    added = child(parent, "Layer", attributes={"queryable": "1" if layer.queryable else "0", "opaque": "0"})
    child(added, "Name", layer.name)
    child(added, "Title", layer.title or layer.name)
    optional(added, "Abstract", layer.abstract)
    add_keywords(added, layer.keywords)
    add_places(added, layer.extent, version)
    _add_dimensions(added, layer, times, version)
    for style in layer.styles:
        _add_style(added, layer.name, style, version)


def _add_dimensions(parent: Element, layer: LayerInfo, times: str, version: Version) -> None:
    found = []
    if times:
        found.append((_named("time", layer.time_units, ""), layer.default_time, times))
    if layer.elevations:
        named = _named("elevation", layer.elevation_units, layer.elevation_symbol)
        found.append((named, *_listed(layer.default_elevation, layer.elevations)))
    found += [(_named(one.name, one.units, one.units), *_listed(one.default, one.values)) for one in layer.others]
    if version == "1.3.0":
        for units, default, values in found:
            child(parent, "Dimension", values, {**units, "default": default, "nearestValue": "0"})
        return
    for units, _, _ in found:
        child(parent, "Dimension", attributes=units)
    for units, default, values in found:
        child(parent, "Extent", values, {"name": units["name"], "default": default, "nearestValue": "0"})


def _named(name: str, units: str, symbol: str) -> dict[str, str]:
    return {"name": name, "units": units} | ({"unitSymbol": symbol} if symbol else {})


def _listed(default: float, values: Iterable[float]) -> tuple[str, str]:
    """Return the default and all values as requests may write them."""
    return decimal(shortest(default)), ",".join(decimal(shortest(value)) for value in values)


def _add_style(parent: Element, layer: str, style: StyleInfo, version: Version) -> None:
    added = child(parent, "Style")
    child(added, "Name", style.name)
    child(added, "Title", style.title)
    width, height = style.legend
    legend = child(added, "LegendURL", attributes={"width": str(width), "height": str(height)})
    child(legend, "Format", "image/png")
    names = f"LAYER={_quoted(layer)}&STYLE={_quoted(style.name)}"
    add_resource(legend, version, f"SERVICE=WMS&VERSION={version}&REQUEST=GetLegendGraphic&FORMAT=image/png&{names}")


def _quoted(text: str) -> str:
    return quote(text, errors="replace")


def _corners(sides: tuple[str, str, str, str]) -> dict[str, str]:
    return dict(zip(("minx", "miny", "maxx", "maxy"), sides, strict=True))


@lru_cache(maxsize=256)
def _boxes(extent: Extent, version: Version) -> tuple[tuple[str, tuple[str, str, str, str]], ...]:
    boxes = []
    for name in systems(version):
        crs = Crs.parse(name)
        sides = crs.bounds(extent)
        if sides is None:
            continue
        west, south, east, north = (decimal(side) for side in sides)
        # 1.3.0 follows the definition of the system (06-042, 6.7.2), 1.1.1 is always x, y.
        swap = version == "1.3.0" and crs.northing_first
        boxes.append((name, (south, west, north, east) if swap else (west, south, east, north)))
    return tuple(boxes)
