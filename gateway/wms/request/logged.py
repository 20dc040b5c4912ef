"""Which parameters an access log may hold: those that WMS and its clients define, none of which is a secret."""

import re
from typing import Final

_KNOWN: Final = frozenset(
    (
        "SERVICE", "VERSION", "WMTVER", "REQUEST", "FORMAT", "UPDATESEQUENCE", "EXCEPTIONS", "LAYERS", "STYLES", "CRS",
        "SRS", "BBOX", "WIDTH", "HEIGHT", "TRANSPARENT", "BGCOLOR", "TIME", "ELEVATION", "QUERY_LAYERS", "INFO_FORMAT",
        "FEATURE_COUNT", "I", "J", "X", "Y", "LAYER", "STYLE", "ITEM", "LAYERNAME", "DATASET", "COLORSCALERANGE",
        "NUMCOLORBANDS", "LOGSCALE", "ABOVEMAXCOLOR", "BELOWMINCOLOR", "NODATACOLOR", "OPACITY", "PALETTE",
        "INTERPOLATION", "INTERPOLATIONS", "COLORBARONLY", "VERTICAL", "REVISION", "DPI", "MAP_RESOLUTION",
        "FORMAT_OPTIONS", "SCALE", "HORIZONTAL", "SHOWLABEL", "FONTCOLOR",
    )
)  # fmt: skip
_DIMENSION: Final = re.compile(r"DIM_[A-Z0-9_.-]{1,64}", re.ASCII)


def logged(name: str) -> bool:
    """Tell whether the value of a parameter, its name in upper case, may be written to a log."""
    return name in _KNOWN or _DIMENSION.fullmatch(name) is not None
