"""The values that a request was answered with, told in the headers of the answer.

Source: OGC 06-042, C.4.2 (default values) and C.4.3 (nearest values); RFC 9111, 5.5 of which WMS keeps its own form.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from core.layer import Layer, Selection
from core.time import units_of
from gateway.wms.figures import decimal, shortest

Headers = tuple[tuple[str, str], ...]
"""Names and values; a name may come again."""
Chosen = Sequence[tuple[Layer, Selection]]
"""From the bottom to the top, or as they were queried."""

TIME: Final = "Halocline-Time"
ELEVATION: Final = "Halocline-Elevation"
OTHERS: Final = "Halocline-Dimensions"
TOLD: Final = ("Warning", TIME, ELEVATION, OTHERS)
"""Headers that pages of other origins have to be let read."""

_WORDS: Final = {"default": "Default", "nearest": "Nearest"}
_UNFIT: Final = re.compile(r"[^\x20-\x7e]+")
_PLAIN: Final = "/._~!$'()*+:@-"


def dimension_headers(chosen: Chosen) -> Headers:
    """Return what to tell of the values taken: a warning for each that was not asked for, then all of them."""
    warnings = (("Warning", text) for text in dict.fromkeys(_warnings(chosen)))
    times = [selection.time for _, selection in chosen]
    elevations = [None if one.elevation is None else _number(one.elevation) for _, one in chosen]
    others = dict.fromkeys(f"{_name(name)}={_number(value)}" for _, one in chosen for name, value in one.others)
    told = ((TIME, _agreed(times)), (ELEVATION, _agreed(elevations)), (OTHERS, ", ".join(others)))
    return (*warnings, *((name, text) for name, text in told if text))


def _agreed(values: Sequence[str | None]) -> str:
    """Return the one value of all layers that have any; where they differ, that of each layer, or `none`."""
    found = {value for value in values if value is not None}
    if len(found) > 1:
        return ", ".join(value or "none" for value in values)
    return next(iter(found), "")


def _warnings(chosen: Chosen) -> Iterator[str]:
    """Yield a warning for each value that was not asked for; of several layers each is named."""
    for layer, selection in chosen:
        of_layer = f" ({_escaped(layer.name)})" if len(chosen) > 1 else ""
        values = dict(selection.others)
        for name, how in selection.how:
            if how == "asked":
                continue
            written = _written(layer, selection, name, values)
            yield f"99 {_WORDS[how]} value used: {written}{of_layer}"


def _written(layer: Layer, selection: Selection, name: str, others: dict[str, float]) -> str:
    if name == "time":
        return f"time={selection.time} {units_of(layer.steps.calendar)}"
    if name == "elevation":
        return f"elevation={_number(selection.elevation or 0.0)}{_units(layer.elevation_units)}"
    dimension = next(found for found in layer.dimensions if found.name == name)
    return f"DIM_{_name(name)}={_number(others[name])}{_units(dimension.axis.units)}"


def _units(units: str) -> str:
    """Return the units after a blank, in what a header may hold: files write anything."""
    plain = " ".join(_UNFIT.sub(" ", units).split())
    return f" {plain}" if plain else ""


def _name(name: str) -> str:
    return _escaped(name, "")


def _escaped(text: str, safe: str = _PLAIN) -> str:
    # Files may hold what is no character.
    return quote(text, safe=safe, errors="replace")


def _number(value: float) -> str:
    return decimal(shortest(value))
