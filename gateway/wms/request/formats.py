"""Names of formats in requests, and the formats that they mean."""

from collections.abc import Mapping
from typing import Final, Literal, TypeVar

from core.numbers import shown
from core.problem import Problem
from renderers.images import Format
from renderers.legend.picture import LegendFormat

InfoFormat = Literal["text/plain", "text/xml", "text/html", "application/json", "application/geo+json"]

MAPS: Final[dict[str, Format]] = {
    "image/png": "image/png",
    "image/png8": "image/png",
    "image/png;mode=8bit": "image/png",
    "image/png32": "image/png; mode=32bit",
    "image/png24": "image/png; mode=32bit",
    "image/png;mode=32bit": "image/png; mode=32bit",
    "image/png;mode=24bit": "image/png; mode=32bit",
    "image/jpeg": "image/jpeg",
    "image/jpg": "image/jpeg",
    "image/webp": "image/webp",
    "image/gif": "image/gif",
}
INFOS: Final[dict[str, InfoFormat]] = {
    "text/plain": "text/plain",
    "text/xml": "text/xml",
    "application/xml": "text/xml",
    "text/html": "text/html",
    "application/json": "application/json",
    "application/geo+json": "application/geo+json",
    "application/vnd.geo+json": "application/geo+json",
}
LEGENDS: Final[Mapping[str, LegendFormat]] = {
    **MAPS,
    "image/svg+xml": "image/svg+xml",
    "image/svg": "image/svg+xml",
    "application/json": "application/json",
}
_Written = TypeVar("_Written", bound=str)


def format_of(offered: Mapping[str, _Written], text: str, parameter: str) -> _Written:
    """Return the format that a client names.

    Raises:
        Problem: `unknown_format`, naming those on offer.

    """
    found = offered.get(text.lower().replace(" ", ""))
    if found is None:
        message = f"{parameter}={shown(text)} is not offered; there are {', '.join(dict.fromkeys(offered.values()))}"
        raise Problem("unknown_format", message, parameter=parameter)
    return found
