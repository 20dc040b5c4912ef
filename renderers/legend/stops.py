"""Legends as data, for clients that draw their own."""

import json
from collections.abc import Sequence
from typing import Any

from renderers.colour import ABOVE, BELOW, MISSING, colours
from renderers.numerals import labels, log_label, power_of_ten, shared_exponent
from renderers.scale import Scale
from renderers.ticks import position, ticks

_MARKS = 6
"""About as many as a legend of the usual size labels."""


def written(scale: Scale, title: str, units: str) -> bytes:
    """Write the colours with the values from which they hold on, and the round values to mark; JSON in ASCII."""
    table = colours(scale).tolist()
    return json.dumps(
        {
            "title": title,
            "units": units,
            "palette": scale.palette,
            "low": scale.low,
            "high": scale.high,
            "log": scale.log,
            "bands": scale.bands,
            "stops": [{"value": _edge(scale, band), "color": _css(table[band])} for band in range(scale.bands)],
            "below": _css(table[BELOW]),
            "above": _css(table[ABOVE]),
            "nodata": _css(table[MISSING]),
            "ticks": _ticks(scale),
        },
        allow_nan=False,
    ).encode("ascii")


def _edge(scale: Scale, band: int) -> float:
    """Return the value from which on a band holds, without the noise of dividing."""
    part = band / scale.bands
    linear = scale.low + (scale.high - scale.low) * part
    return float(f"{scale.low * (scale.high / scale.low) ** part if scale.log else linear:.12g}")


def _ticks(scale: Scale) -> list[dict[str, Any]]:
    values = ticks(scale, _MARKS).major
    if scale.log:
        texts: Sequence[str] = [log_label(value) for value in values]
    else:
        exponent = shared_exponent((scale.low, scale.high))
        power = f"\N{MULTIPLICATION SIGN}{power_of_ten(exponent)}" if exponent else ""
        texts = [text if text == "0" else text + power for text in labels(values, exponent)]
    return [
        {"value": value, "label": text, "position": round(position(scale, value), 6)}
        for value, text in zip(values, texts, strict=True)
    ]


def _css(colour: Sequence[int]) -> str:
    """Write a colour as #rrggbb, or #rrggbbaa where it is not opaque. Source: CSS Color 4, 5.2."""
    return "#" + bytes(colour if colour[3] < 255 else colour[:3]).hex()
