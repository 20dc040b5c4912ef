"""Which parameters a log and a history may hold: those that NCSS defines, none of which is a secret."""

import re
from typing import Final

_KNOWN: Final = frozenset(
    (
        "VAR", "NORTH", "SOUTH", "EAST", "WEST", "MINX", "MINY", "MAXX", "MAXY", "LATITUDE", "LONGITUDE",
        "HORIZSTRIDE", "TIME", "TIME_START", "TIME_END", "TIME_DURATION", "TIMESTRIDE", "TEMPORAL", "VERTCOORD",
        "VERTSTRIDE", "ELEVATION", "ADDLATLON", "ACCEPT", "DRY-RUN",
    )
)  # fmt: skip
_DIMENSION: Final = re.compile(r"DIM_[A-Z0-9_.-]{1,64}", re.ASCII)


def logged(name: str) -> bool:
    """Tell whether the value of a parameter, its name in upper case, may be written down."""
    return name in _KNOWN or _DIMENSION.fullmatch(name) is not None
