"""The features that documents are made of. Children stand in the order of the schema. Source: OGC 07-147r2, 9 to 12."""

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from core.extent import Extent
from renderers.kml.tiles import breadth
from renderers.kml.tree import node, number

Size = tuple[int, int]
"""Width and height, pixels."""

_FADED: Final = 4
"""How many times its own breadth a picture may take on the screen before only finer ones are shown.

Finer ones are asked for at once its breadth, so that the coarse one stays for as long as they may need to arrive.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When something is to be seen; both ends belong to it."""

    begin: str
    """ISO 8601."""
    end: str | None
    """ISO 8601; None for ever after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What decides whether a feature is shown at all."""

    span: Span | None
    """None at any time."""
    visible: bool = True
    """At first; the user may turn it on and off."""


def time_span(span: Span | None) -> Element | None:
    """Write when a feature is to be seen (15.2)."""
    if span is None:
        return None
    return node("TimeSpan", node("begin", span.begin), None if span.end is None else node("end", span.end))


def region(part: Extent, least: int, most: int) -> Element:
    """Write where, and between which breadths on the screen in pixels, a feature is to be seen; -1 for any (11.6)."""
    box = node("LatLonAltBox", *_sides(part))
    return node("Region", box, node("Lod", node("minLodPixels", str(least)), node("maxLodPixels", str(most))))


def picture_region(part: Extent, size: Size, *, first: bool, last: bool) -> Element:
    """Write the region of a picture: from half its breadth on, until finer ones have taken its place."""
    natural = breadth(size)
    return region(part, 0 if first else max(1, natural // 2), -1 if last else _FADED * natural)


def below_region(part: Extent, size: Size) -> Element:
    """Write the region of the finer pictures below one: they are asked for once it is seen in full."""
    return region(part, breadth(size), -1)


def ground_overlay(name: str, href: str, part: Extent, shown: Shown, place: tuple[Element, int]) -> Element:
    """Write a picture on the ground; `place` is its region and its order, greater ones above (11.2)."""
    where, order = place
    return node(
        "GroundOverlay",
        node("name", name),
        None if shown.visible else node("visibility", "0"),
        time_span(shown.span),
        where,
        node("drawOrder", str(order)),
        node("Icon", node("href", href)),
        node("LatLonBox", *_sides(part)),
    )


def screen_overlay(name: str, href: str, *, upper: bool, size: Size, shown: Shown) -> Element:
    """Write a picture of known size at the left of the screen, in the upper or the lower corner (11.7)."""
    at, width, height = "1" if upper else "0", *map(str, size)
    # Fractions, for not every viewer knows how to inset; below, most have a line of their own.
    place = {"x": "0.01", "y": "0.98" if upper else "0.06", "xunits": "fraction", "yunits": "fraction"}
    return node(
        "ScreenOverlay",
        node("name", name),
        None if shown.visible else node("visibility", "0"),
        time_span(shown.span),
        node("Icon", node("href", href)),
        node("overlayXY", x="0", y=at, xunits="fraction", yunits="fraction"),
        node("screenXY", **place),
        node("size", x=width, y=height, xunits="pixels", yunits="pixels"),
    )


def region_link(name: str, href: str, where: Element, shown: Shown) -> Element:
    """Write a link that is followed once its region is seen (9.2, 13.1.3: viewRefreshMode)."""
    link = node("Link", node("href", href), node("viewRefreshMode", "onRegion"))
    visible = None if shown.visible else node("visibility", "0")
    return node("NetworkLink", node("name", name), visible, time_span(shown.span), where, link)


def live_link(name: str, href: str, *, expiring: bool) -> Element:
    """Write a link that is followed at once, and again whenever what it brought has expired, if it ever does."""
    mode = node("refreshMode", "onExpire") if expiring else None
    return node("NetworkLink", node("name", name), node("open", "1"), node("Link", node("href", href), mode))


def look_at(extent: Extent) -> Element:
    """Write a view of a whole extent, from above (14.2)."""
    longitude, latitude = (extent.west + extent.east) / 2, (extent.south + extent.north) / 2
    widest = max(extent.east - extent.west, 1.5 * (extent.north - extent.south))
    return node(
        "LookAt",
        node("longitude", number(round(longitude, 6))),
        node("latitude", number(round(latitude, 6))),
        node("range", str(round(min(max(widest * 130_000.0, 10_000.0), 14_000_000.0)))),
    )


def list_style(identifier: str, kind: str) -> Element:
    """Write how the children of a feature are listed (12.9)."""
    return node("Style", node("ListStyle", node("listItemType", kind)), id=identifier)


def _sides(part: Extent) -> list[Element]:
    sides = {"north": part.north, "south": part.south, "east": part.east, "west": part.west}
    return [node(name, number(side)) for name, side in sides.items()]
