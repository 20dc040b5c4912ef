"""Spans of time as the configuration writes them."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator

_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([mhd])", re.ASCII)
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _span(text: object) -> object:
    """Read hours or days: `36h`, `7d`."""
    found = _read(text, "hd")
    if found is None:
        raise ValueError(f"{text!r} is no span of time: write hours or days, 36h or 7d")
    return found


def _nearness(text: object) -> object:
    """Read minutes, hours or days: `30m`, `12h`, `7d`; or 0."""
    found = timedelta(0) if text in (0, "0") and not isinstance(text, bool) else _read(text, "mhd")
    if found is None:
        raise ValueError(f"{text!r} is no span of time: write minutes, hours or days, 30m, 12h or 7d; or 0")
    return found


def _read(text: object, units: str) -> timedelta | None:
    if isinstance(text, timedelta):
        return text
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) * _UNITS[found[2]] if found is not None and found[2] in units else None


Span = Annotated[timedelta, BeforeValidator(_span)]
"""Hours or days."""
Nearness = Annotated[timedelta, BeforeValidator(_nearness)]
"""Minutes, hours or days; or 0."""
