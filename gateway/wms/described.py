"""What capabilities say about datasets, layers and styles, as values. Source: OGC 06-042, 7.2.4.6 and annex C."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.extent import Extent
from gateway.wms.request.colouring import DEFAULT_STYLE

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
    """The first is the default."""
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


def scalar_styles(palettes: Iterable[str], legend: tuple[int, int]) -> tuple[StyleInfo, ...]:
    """Return the default style under both its names, then the palettes; all legends have the size `legend`."""
    own = "The layer's own colours"
    # Some clients fetch no legend for an empty style unless one is called just `default`: QGIS does.
    default = (StyleInfo(name=name, title=own, legend=legend) for name in (DEFAULT_STYLE, "default"))
    named = (StyleInfo(name=f"{DEFAULT_STYLE}/{name}", title=f"Palette {name}", legend=legend) for name in palettes)
    return *default, *named
