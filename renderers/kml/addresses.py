"""The absolute addresses that a document names."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from core.extent import Extent
from renderers.kml.tiles import Tile
from renderers.kml.tree import number

Parameters = tuple[tuple[str, str], ...]
"""Names and values, not escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the pictures and documents of one layer are."""

    unit: str
    """Root of the unit, with a slash at the end."""
    own: str
    """Of the layer's document, without parameters."""
    layer: str
    """`dataset/variable`."""
    asked: Parameters
    """As the client sent them: what its document repeats, so that words like `current` keep their meaning."""
    settled: Parameters
    """Colours, level and further dimensions: what every picture repeats."""
    revision: str
    """Of the dataset: addresses with it name their content."""
    secret: Parameters
    """What lets the caller in, for clients that have nothing but addresses; mostly none."""

    @property
    def service(self) -> str:
        """Where other clients find the layer."""
        return f"{self.unit}wms?SERVICE=WMS&REQUEST=GetCapabilities"

    @property
    def page(self) -> str:
        """The page that shows the layer."""
        return f"{self.unit}#layer={quote(self.layer)}"

    @property
    def logo(self) -> str:
        """Our own picture."""
        return f"{self.unit}kml/logo.png"

    def steps(self) -> str:
        """Return the document of all steps that are asked for."""
        return _joined(self.own, (("PART", "steps"), *self.asked, *self.secret))

    def below(self, tile: Tile, time: str | None, until: str | None) -> str:
        """Return the document of what lies in a square, of one step."""
        place = (("PART", f"{tile.level}/{tile.column}/{tile.row}"), *_time(time))
        span = () if until is None else (("UNTIL", until),)
        return _joined(self.own, (*place, *span, *self.settled, ("REVISION", self.revision), *self.secret))

    def picture(self, part: Extent, size: tuple[int, int], time: str | None) -> str:
        """Return a map of `size` (width, height). Source: OGC 06-042, 7.3.2."""
        box = ",".join(number(side) for side in (part.west, part.south, part.east, part.north))
        parameters = (
            *_wms("GetMap"),
            ("LAYERS", self.layer),
            *self._styled("STYLES"),
            ("CRS", "CRS:84"),
            ("BBOX", box),
            ("WIDTH", str(size[0])),
            ("HEIGHT", str(size[1])),
            ("TRANSPARENT", "TRUE"),
        )
        return _joined(f"{self.unit}wms", (*parameters, *_time(time), *self._rest()))

    def legend(self, size: tuple[int, int], time: str | None) -> str:
        """Return the legend of `size` (width, height); the time matters where the range follows the values."""
        parameters = (
            *_wms("GetLegendGraphic"),
            ("LAYER", self.layer),
            *self._styled("STYLE"),
            ("WIDTH", str(size[0])),
            ("HEIGHT", str(size[1])),
            ("BGCOLOR", "0xFFFFFF"),
        )
        return _joined(f"{self.unit}wms", (*parameters, *_time(time), *self._rest()))

    def _styled(self, name: str) -> Parameters:
        # GetMap wants STYLES even where it is empty (06-042, 7.3.3.4).
        return ((name, dict(self.settled).get("STYLES", "")),)

    def _rest(self) -> Parameters:
        others = (pair for pair in self.settled if pair[0] != "STYLES")
        return (*others, ("REVISION", self.revision), *self.secret)


def _wms(operation: str) -> Parameters:
    return ("SERVICE", "WMS"), ("VERSION", "1.3.0"), ("REQUEST", operation), ("FORMAT", "image/png")


def _time(time: str | None) -> Parameters:
    return () if time is None else (("TIME", time),)


def _joined(address: str, parameters: Parameters) -> str:
    # Commas, colons and slashes are no delimiters within a query (RFC 3986, 3.4), and stay readable.
    return f"{address}?{urlencode(parameters, quote_via=quote, safe='/:,', errors='replace')}"
