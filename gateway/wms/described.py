"""What capabilities say about datasets, layers and styles, as values. Source: OGC 06-042, 7.2.4.6 and annex C."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.extent import Extent
from gateway.wms.request.colouring import DEFAULT_STYLE, VECTOR_STYLE

_METRES: Final = ("m", "metre", "metres", "meter", "meters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A word to find a layer by."""

    text: str
    vocabulary: str = ""
    """The list that `text` is of; empty where it is of none. 1.1.1 has no place for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleInfo:
    """One style of a layer."""

    name: str
    """As STYLES names it."""
    title: str
    legend: tuple[int, int] | None = None
    """Width and height of the picture that GetLegendGraphic answers, pixels; None where it depends on the layer."""


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
    keywords: tuple[Keyword, ...] = ()
    extent: Extent
    times: Sequence[str] = ()
    """ISO 8601 in UTC, strictly increasing; empty without time."""
    default_time: str = ""
    """One of `times`."""
    time_units: str = "ISO8601"
    """Or the name of a calendar that ISO 8601 does not know, as ncWMS writes it."""
    kept_current: bool = False
    """Whether the last of `times` is about as new as such data can be."""
    nearest_time: bool = False
    """Whether a time near to one of `times` is answered with that."""
    nearest_elevation: bool = False
    """Whether a number near to one of `elevations` is answered with that."""
    elevations: tuple[float, ...] = ()
    """Counted upwards; empty without levels."""
    default_elevation: float = 0.0
    """One of `elevations`."""
    heights: tuple[float, float] | None = None
    """The least and the greatest elevation where any between them can be asked for; None where there are levels."""
    elevation_units: str = ""
    """As `vertical_units` returns them."""
    elevation_symbol: str = ""
    others: tuple[DimensionInfo, ...] = ()
    styles: tuple[StyleInfo, ...]
    """Its own, beside those that all layers have: none of these may be called as one of those."""
    queryable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInfo:
    """What the capabilities say about a dataset."""

    title: str
    abstract: str = ""
    keywords: tuple[Keyword, ...] = ()
    attribution: str = ""
    """Whose data they are; empty where the file does not say."""
    layers: tuple[LayerInfo, ...]


def vertical_units(units: str, *, depth: bool) -> tuple[str, str]:
    """Return `units` and `unitSymbol` of an elevation; `depth` tells that the axis counts downwards from the sea's top.

    A depth in metres is a height above mean sea level with its sign turned: EPSG:5714 (06-042, C.2, asks for a
    vertical reference system where there is one). Anything else says the units of the file.
    """
    if units.strip().lower() in _METRES:
        return ("EPSG:5714" if depth else "m"), "m"
    return units.strip(), units.strip()


def shared_styles(palettes: Iterable[str]) -> tuple[StyleInfo, ...]:
    """Return the styles that every layer has: its default, whatever that is, then the palettes.

    The default comes first, for some clients draw a layer in the first style that it inherits: QGIS does. None has a
    legend here: clients would show it for every layer, and numbers and units are those of one.
    """
    named = (StyleInfo(name=f"{DEFAULT_STYLE}/{name}", title=f"Palette {name}") for name in palettes)
    return StyleInfo(name="default", title="The default of the layer"), *named


def scalar_styles(legend: tuple[int, int]) -> tuple[StyleInfo, ...]:
    """Return the styles of one field that are its own: the one whose legend, of the size `legend`, has its range."""
    return (StyleInfo(name=DEFAULT_STYLE, title="The layer's own colours", legend=legend),)


def vector_styles(legend: tuple[int, int], palettes: Iterable[str]) -> tuple[StyleInfo, ...]:
    """Return the styles of a vector that are its own: with arrows, which is its default, without, and by palette."""
    with_arrows = StyleInfo(name=VECTOR_STYLE, title="Arrows over the layer's own colours", legend=legend)
    named = (StyleInfo(name=f"{VECTOR_STYLE}/{name}", title=f"Arrows over palette {name}") for name in palettes)
    return with_arrows, *scalar_styles(legend), *named
