"""EXCEPTIONS: whether a refusal is a document or a picture. Source: OGC 06-042, 7.3.3.11; OGC 01-068r3, 7.2.3.9."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from core.numbers import positive
from core.problem import Problem
from gateway.wms.request.colouring import rgba
from gateway.wms.request.formats import MAPS
from gateway.wms.request.limits import MapLimits, check_size
from gateway.wms.request.parameters import Parameters, Query
from renderers.images import Format
from renderers.scale import Rgba

_FORMS: Final[Mapping[str, Literal["in_image", "blank"]]] = {
    "inimage": "in_image",
    "application/vnd.ogc.se_inimage": "in_image",
    "blank": "blank",
    "application/vnd.ogc.se_blank": "blank",
}
"""Clients send the spelling of either version with either version."""
_PICTURES: Final = ("getmap", "getlegendgraphic")
"""Operations whose answer is a picture: no other one can be refused in a picture (06-042, 7.4.3.8)."""
_SIDE: Final = 256
"""Pixels, where WIDTH or HEIGHT is what is wrong."""
_WHITE: Final[Rgba] = (255, 255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPicture:
    """The picture that a client wants instead of a document, where its request is refused."""

    blank: bool
    """Whether it shows nothing at all, else what was wrong."""
    width: int
    """Pixels, within the limits."""
    height: int
    """Pixels, within the limits."""
    format: Format
    background: Rgba
    """All of it but the letters; see-through where that was asked for and the format can be so."""


def refused_picture(query: Query, limits: MapLimits) -> RefusedPicture | None:
    """Read how a client wants to be refused; None for a document, as also for a word that is not known.

    Never raises: any of these parameters may be the one that is refused, and has its default then.
    """
    parameters = Parameters.of(query)
    form = _FORMS.get((parameters.text("EXCEPTIONS") or "").lower())
    if form is None or (parameters.text("REQUEST") or "").lower() not in _PICTURES:
        return None
    written = MAPS.get((parameters.text("FORMAT") or "").lower().replace(" ", ""), "image/png")
    width, height = _size(parameters, limits)
    return RefusedPicture(
        blank=form == "blank",
        width=width,
        height=height,
        format=written,
        background=_background(parameters, see_through=written != "image/jpeg"),
    )


def _size(parameters: Parameters, limits: MapLimits) -> tuple[int, int]:
    width = _side(parameters, "WIDTH", limits.max_width)
    height = _side(parameters, "HEIGHT", limits.max_height)
    try:
        check_size(width, height, limits)
    except Problem:
        side = max(1, min(_SIDE, limits.max_width, limits.max_height, int(limits.max_pixels**0.5)))
        return side, side
    return width, height


def _side(parameters: Parameters, name: str, most: int) -> int:
    try:
        return positive(parameters.text(name) or "", name, most=most)
    except Problem:
        return min(_SIDE, most)


def _background(parameters: Parameters, *, see_through: bool) -> Rgba:
    try:
        red, green, blue, _ = rgba(parameters.text("BGCOLOR") or "", "BGCOLOR")
    except Problem:
        red, green, blue, _ = _WHITE
    # The colour stays that of BGCOLOR, for programs that ignore opacity.
    opaque = not see_through or (parameters.text("TRANSPARENT") or "").lower() != "true"
    return red, green, blue, 255 if opaque else 0
