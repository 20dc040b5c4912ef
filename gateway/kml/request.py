"""A request for KML as a value. The parameters are those of WMS, which draws what the documents name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from core.numbers import shown
from core.problem import Problem
from gateway.wms.request.colouring import Colouring, colourings
from gateway.wms.request.layering import interpolations
from gateway.wms.request.parameters import Parameters, Query
from renderers.kml.tiles import DEEPEST, Tile

_COLOURS: Final = (
    "STYLES", "PALETTE", "COLORSCALERANGE", "LOGSCALE", "NUMCOLORBANDS", "ABOVEMAXCOLOR", "BELOWMINCOLOR",
    "NODATACOLOR", "INTERPOLATION",
)  # fmt: skip
"""What documents pass on to maps and legends."""
_TILE: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,5})/([0-9]{1,5})", re.ASCII)

Part = Tile | Literal["opened", "steps"]
"""Which document: the one that is opened, all steps that are asked for, or what lies in a square of one step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedKml:
    """One request for KML."""

    layer: str
    """`dataset/variable`."""
    part: Part
    time: str | None
    """As sent; None where it was not."""
    until: str | None
    """Of a square: the end of its step's time span, as sent."""
    elevation: str | None
    """As sent; None where it was not."""
    others: Mapping[str, str]
    """Values of further dimensions as sent, by name in upper case."""
    colouring: Colouring
    colours: tuple[tuple[str, str], ...]
    """Names and values of what was said about colours, as sent: it has been read, and may be repeated."""

    @property
    def repeated(self) -> tuple[tuple[str, str], ...]:
        """What leads to the same document again: names and values."""
        named = (("TIME", self.time), ("ELEVATION", self.elevation))
        others = ((f"DIM_{name}", text) for name, text in self.others.items())
        return (*((name, text) for name, text in named if text), *others, *self.colours)


def parse_kml(query: Query, layer: str) -> AskedKml:
    """Read the parameters of a document; the layer is in the path.

    Raises:
        Problem: naming the first parameter that cannot be used.

    """
    parameters = Parameters.of(query)
    (colouring,) = colourings(parameters, 1)
    interpolations(parameters, 1)
    given = ((name, parameters.text(name)) for name in _COLOURS)
    return AskedKml(
        layer=layer,
        part=_part(parameters.text("PART")),
        time=parameters.time,
        until=parameters.text("UNTIL"),
        elevation=parameters.text("ELEVATION"),
        others=parameters.others,
        colouring=colouring,
        colours=tuple((name, text) for name, text in given if text is not None),
    )


def _part(text: str | None) -> Part:
    if text is None:
        return "opened"
    if text.lower() == "steps":
        return "steps"
    found = _TILE.fullmatch(text)
    if found is None or int(found[1]) > DEEPEST:
        message = f"PART={shown(text)} is neither steps nor a square such as 3/5/2"
        raise Problem("invalid_value", message, parameter="PART")
    level, column, row = (int(number) for number in found.groups())
    return Tile(level=level, column=column, row=row)
