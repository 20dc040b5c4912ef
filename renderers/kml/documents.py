"""The documents of a layer: the one that is opened, all its steps, and what lies in a square of one of them.

The first is small and never changes much. Viewers load the second by themselves, again and again if it expires, and
those of squares as they come near. Coarse pictures of the whole stand in the second one, since some viewers follow no
link that belongs to a region. Source: OGC 07-147r2.
"""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final
from xml.etree.ElementTree import Element

from renderers.kml.addresses import Addresses
from renderers.kml.balloon import balloon
from renderers.kml.described import Described, Series, Step
from renderers.kml.features import (
    Shown,
    Size,
    below_region,
    ground_overlay,
    list_style,
    live_link,
    look_at,
    picture_region,
    region_link,
    screen_overlay,
)
from renderers.kml.tiles import DEEPEST, Pyramid, Tile
from renderers.kml.tree import document, node

LOGO_SIZE: Final[Size] = (148, 40)
"""Of our own picture."""
_STEP: Final = "step"
_ONE: Final = "one"
_ALWAYS: Final = Shown(span=None)


def opened(layer: Described, pyramid: Pyramid, addresses: Addresses, *, expiring: bool) -> bytes:
    """Write the document of a layer: what it is, where to look, and the link to what is to be seen."""
    links = (("Map", addresses.page), ("WMS", addresses.service))
    return document(
        node(
            "Document",
            node("name", layer.title),
            node("open", "1"),
            node("Snippet", layer.dataset, maxLines="1"),
            node("description", balloon(layer, links)),
            look_at(pyramid.extent),
            live_link(layer.title, addresses.steps(), expiring=expiring),
            screen_overlay("Halocline", addresses.logo, upper=True, size=LOGO_SIZE, shown=_ALWAYS),
        )
    )


def stepped(layer: Described, series: Series, addresses: Addresses, expires: str | None) -> bytes:
    """Write all steps that are shown; `expires` is when the document is to be asked for again, None for never."""
    control = None if expires is None else node("NetworkLinkControl", node("expires", expires))
    # Where viewers cannot understand the times, one step is chosen in the list, the last one at first.
    chosen = len(series.steps) > 1 and any(step.span is None for step in series.steps)
    last = len(series.steps) - 1
    folders = (
        _folder(index, Shown(span=step.span, visible=not chosen or index == last), series, addresses)
        for index, step in enumerate(series.steps)
    )
    legend = None if series.legends else _legend(series.legend, series.steps[-1], _ALWAYS, addresses)
    return document(
        control,
        node(
            "Document",
            node("name", layer.title),
            node("styleUrl", f"#{_ONE}") if chosen else None,
            list_style(_STEP, "checkHideChildren"),
            list_style(_ONE, "radioFolder") if chosen else None,
            *folders,
            legend,
        ),
    )


def below(tile: Tile, step: Step, pyramid: Pyramid, addresses: Addresses) -> bytes:
    """Write the finer pictures in one square, and the links to what lies below them."""
    shown = Shown(span=step.span)
    content = _pictures(pyramid.below(tile), step, shown, pyramid, addresses)
    return document(node("Document", node("name", _named(tile)), *content))


def notice(title: str, message: str) -> bytes:
    """Write a document that shows a message, and nothing else."""
    told = node("description", escape(message))
    placemark = node("Placemark", node("name", title), node("Snippet", message, maxLines="4"), told)
    return document(node("Document", node("name", title), node("open", "1"), placemark))


def _folder(index: int, shown: Shown, series: Series, addresses: Addresses) -> Element:
    step, pyramid = series.steps[index], series.pyramid
    return node(
        "Folder",
        node("name", step.time or "Map"),
        None if shown.visible else node("visibility", "0"),
        node("styleUrl", f"#{_STEP}"),
        *_pictures(pyramid.coarsest(), step, shown, pyramid, addresses),
        _legend(series.legend, step, shown, addresses) if series.legends else None,
    )


def _pictures(
    tiles: Iterable[Tile], step: Step, shown: Shown, pyramid: Pyramid, addresses: Addresses
) -> Iterator[Element]:
    """Yield the pictures of squares, each with the link to finer ones if there are any."""
    for tile in tiles:
        part = tile.part(pyramid.extent)
        if part is None:
            continue
        size, last = tile.size(part), tile.level == pyramid.last
        where = picture_region(part, size, first=tile.level == pyramid.first, last=last)
        href = addresses.picture(part, size, step.time)
        # All of a later step lies above all of an earlier one, and within each the finer above the coarser.
        order = step.number * (DEEPEST + 1) + tile.level
        yield ground_overlay(_named(tile), href, part, shown, (where, order))
        if not last:
            until = step.span.end if step.span else None
            finer = addresses.below(tile, step.time, until)
            yield region_link(_named(tile), finer, below_region(part, size), shown)


def _legend(size: Size, step: Step, shown: Shown, addresses: Addresses) -> Element:
    return screen_overlay("Legend", addresses.legend(size, step.time), upper=False, size=size, shown=shown)


def _named(tile: Tile) -> str:
    return f"{tile.level}/{tile.column}/{tile.row}"
