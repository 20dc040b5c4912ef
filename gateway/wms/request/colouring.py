"""How a request wants a layer coloured: STYLES, and the parameters that ncWMS added to WMS."""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from PIL import ImageColor

from core.numbers import finite, integer, shown
from core.problem import Problem
from gateway.wms.request.parameters import Parameters
from renderers.scale import FEWEST_BANDS, MOST_BANDS, Rgba

DEFAULT_STYLE: Final = "default-scalar"
_STYLES: Final = ("", "default", DEFAULT_STYLE, "raster", "boxfill")
"""All mean one colour per cell; `boxfill` is the name of the first ncWMS."""
VECTOR_STYLE: Final = "default-vector"
_ARROWS: Final = (VECTOR_STYLE, "vector_arrows", "vector")
"""All mean arrows over the colours; `vector` is the name of the first ncWMS."""
_PALETTE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_HEX: Final = re.compile(r"(?:0[xX]|#)([0-9a-fA-F]{2})?([0-9a-fA-F]{6})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Colouring:
    """What a request says about colours; None everywhere means: as the layer's default."""

    palette: str | None = None
    """Well formed, but perhaps not one that there is."""
    low: float | None = None
    """Of the colour range, in the layer's units; given together with `high`, and below it."""
    high: float | None = None
    auto: bool = False
    """Whether the range is to be that of the values of the time and level shown; then without `low` and `high`."""
    log: bool | None = None
    bands: int | None = None
    """Number of colours, 2 to 250."""
    below: Rgba | Literal["extend"] | None = None
    """For values under the range; `extend` is the first colour of the palette."""
    above: Rgba | Literal["extend"] | None = None
    """For values over the range; `extend` is the last colour of the palette."""
    missing: Rgba | None = None
    """Where there is no value, in the grid or outside of it."""
    arrows: bool | None = None
    """Whether there are to be arrows over the colours."""


def colourings(parameters: Parameters, count: int) -> tuple[Colouring, ...]:
    """Return what STYLES and its companions say about each of `count` layers.

    STYLES may be empty as a whole or in parts (06-042, 7.3.3.4); the other parameters hold for all layers, PALETTE for
    those whose style names none.

    Raises:
        Problem: `unknown_style`, or `invalid_value` naming the parameter.

    """
    text = parameters.text("STYLES") or ""
    styles = text.split(",") if text else [""] * count
    if len(styles) != count:
        message = f"STYLES names {len(styles)} styles for {count} layers; leave it empty or name one for each"
        raise Problem("invalid_value", message, parameter="STYLES")
    rest = palette_of(parameters.text("PALETTE") or "", "PALETTE")
    return tuple(styled(parameters, style, "STYLES", rest) for style in styles)


def styled(parameters: Parameters, style: str, parameter: str, rest: str | None) -> Colouring:
    """Return what a style of the request's `parameter` and the companions of STYLES say; `rest` is PALETTE.

    Raises:
        Problem: `unknown_style`, or `invalid_value` naming the parameter.

    """
    palette = palette_of(style, parameter) or rest
    return replace(colouring(parameters, palette), arrows=_arrows(style.strip().lower().partition("/")[0]))


def colouring(parameters: Parameters, palette: str | None) -> Colouring:
    """Return what the companions of STYLES say, with a palette that is known already.

    Raises:
        Problem: `invalid_value`, naming the parameter.

    """
    low, high, auto = _range(parameters)
    return Colouring(
        palette=palette,
        low=low,
        high=high,
        auto=auto,
        log=parameters.flag("LOGSCALE"),
        bands=_bands(parameters),
        below=_outside(parameters, "BELOWMINCOLOR"),
        above=_outside(parameters, "ABOVEMAXCOLOR"),
        missing=_missing(parameters),
    )


def palette_of(style: str, parameter: str) -> str | None:
    """Return the palette that `STYLE/PALETTE`, `STYLE` or `PALETTE` names; None for the layer's own.

    Raises:
        Problem: `unknown_style`.

    """
    name, slash, palette = style.strip().rpartition("/")
    if not slash and palette.lower() in _STYLES + _ARROWS:
        return None
    if name.lower() not in _STYLES + _ARROWS or (palette and not _PALETTE.fullmatch(palette)):
        message = f"there is no style {shown(style)}; there is {DEFAULT_STYLE}, or {DEFAULT_STYLE}/PALETTE"
        message = f"{message}, and for vectors {VECTOR_STYLE}"
        raise Problem("unknown_style", message, parameter=parameter)
    return None if palette in ("", "default") else palette


def rgba(text: str, parameter: str) -> Rgba:
    """Read 0xRRGGBB, 0xAARRGGBB, either with # instead of 0x, `transparent`, or a colour name of CSS.

    Raises:
        Problem: `invalid_value`.

    """
    if text.lower() == "transparent":
        return 0, 0, 0, 0
    named = ImageColor.colormap.get(text.lower(), text)
    found = _HEX.fullmatch(named) if isinstance(named, str) else None
    if found is None:
        message = f"{parameter}={shown(text)} is not a colour such as 0x80FF00"
        raise Problem("invalid_value", message, parameter=parameter)
    red, green, blue = bytes.fromhex(found[2])
    return red, green, blue, int(found[1] or "ff", 16)


def _arrows(name: str) -> bool | None:
    """Return whether a style of this name has arrows; None where it leaves that to the layer."""
    if name in _ARROWS:
        return True
    return False if name in _STYLES and name not in ("", "default") else None


def _range(parameters: Parameters) -> tuple[float, float, Literal[False]] | tuple[None, None, bool]:
    """Return low and high end, and whether they are to be found by looking at the values."""
    text = parameters.text("COLORSCALERANGE")
    if text is None or text.lower() in ("auto", "default"):
        return None, None, text is not None and text.lower() == "auto"
    low, comma, high = text.partition(",")
    if not comma or "," in high:
        message = f"COLORSCALERANGE={shown(text)} is not MIN,MAX, auto or default"
        raise Problem("invalid_value", message, parameter="COLORSCALERANGE")
    ends = finite(low, "COLORSCALERANGE"), finite(high, "COLORSCALERANGE")
    if ends[0] >= ends[1]:
        message = f"COLORSCALERANGE={shown(text)} is empty: the minimum must be below the maximum"
        raise Problem("invalid_value", message, parameter="COLORSCALERANGE")
    return *ends, False


def _bands(parameters: Parameters) -> int | None:
    text = parameters.text("NUMCOLORBANDS")
    if text is None:
        return None
    bands = integer(text, "NUMCOLORBANDS")
    if bands < FEWEST_BANDS:
        message = f"NUMCOLORBANDS={bands} must be at least {FEWEST_BANDS}"
        raise Problem("invalid_value", message, parameter="NUMCOLORBANDS")
    # Clients of the first ncWMS ask for 254 by default.
    return min(bands, MOST_BANDS)


def _outside(parameters: Parameters, name: str) -> Rgba | Literal["extend"] | None:
    text = parameters.text(name)
    if text is None:
        return None
    return "extend" if text.lower() == "extend" else rgba(text, name)


def _missing(parameters: Parameters) -> Rgba | None:
    text = parameters.text("NODATACOLOR")
    return None if text is None else rgba(text, "NODATACOLOR")
