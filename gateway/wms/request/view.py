"""The place that a request looks at. The order of the axes is settled here, once. Source: OGC 06-042, 6.7 and 7.3.3."""

import math
import sys
from typing import Final

from core.crs import Crs
from core.numbers import finite, positive, shown
from core.problem import Problem
from core.view import View
from gateway.wms.request.limits import MapLimits
from gateway.wms.request.parameters import Parameters

_CORNERS: Final = 4
_BESIDE: Final = 64.0
"""Times as large a box can be measured too: what lies some pixels beside a picture is looked at as well."""


def view_of(parameters: Parameters, limits: MapLimits) -> View:
    """Read CRS or SRS, BBOX, WIDTH and HEIGHT (06-042, 7.3.3.5 to 7.3.3.8); the size is in pixels.

    Raises:
        Problem: naming the parameter that is missing or cannot be used.

    """
    version = parameters.version
    name, other = ("CRS", "SRS") if version == "1.3.0" else ("SRS", "CRS")
    text = parameters.text(name)
    if text is None:
        # Taking the other name for it would guess the order of the axes.
        hint = f": {other} is the name in another version than {version}" if parameters.text(other) else ""
        raise Problem("missing_parameter", f"{name} is required{hint}", parameter=name)
    crs = Crs.parse(text, name, limits.systems)
    return View(
        crs=crs,
        # 1.3.0 follows the definition of the system (06-042, 6.7.2), 1.1.1 is always x, y.
        bbox=_bbox(parameters.required("BBOX"), swap=version == "1.3.0" and crs.northing_first),
        width=positive(parameters.required("WIDTH"), "WIDTH", most=limits.max_width),
        height=positive(parameters.required("HEIGHT"), "HEIGHT", most=limits.max_height),
    )


def _bbox(text: str, *, swap: bool) -> tuple[float, float, float, float]:
    parts = [finite(part, "BBOX") for part in text.split(",")[: _CORNERS + 1]]
    if len(parts) != _CORNERS:
        raise Problem("invalid_value", f"BBOX={shown(text)} is not four numbers", parameter="BBOX")
    a, b, c, d = parts
    west, south, east, north = (b, a, d, c) if swap else (a, b, c, d)
    if west >= east or south >= north:
        message = f"BBOX={shown(text)} has no area: each minimum must be below its maximum"
        raise Problem("invalid_value", message, parameter="BBOX")
    if not math.isfinite(_BESIDE * max(east - west, north - south, *map(abs, parts))):
        raise Problem("invalid_value", f"BBOX={shown(text)} is too large to be measured", parameter="BBOX")
    if min(east - west, north - south) < sys.float_info.min:
        raise Problem("invalid_value", f"BBOX={shown(text)} is too small to be measured", parameter="BBOX")
    return west, south, east, north


def place_of(parameters: Parameters, name: str, size: int) -> int:
    """Read the column or row of a pixel among `size` (06-042, 7.4.3.7).

    Raises:
        Problem: `point_outside_image`, also where it is no number; `missing_parameter`.

    """
    text = parameters.required(name)
    try:
        # Some clients send fractions of a pixel.
        place = math.floor(finite(text, name))
    except Problem as problem:
        raise Problem("point_outside_image", str(problem), parameter=name) from problem
    if not 0 <= place < size:
        message = f"{name}={shown(text)} is outside the picture: 0 to {size - 1}"
        raise Problem("point_outside_image", message, parameter=name)
    return place
