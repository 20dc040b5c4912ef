"""Where the points along a dimension of a staggered grid lie, by the names that models give dimensions.

Source: ROMS, "Gridding" (Arakawa C grid): `xi_u` are the points between neighbours along `xi_rho`, and so on.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Final

_ROMS: Final = re.compile(r"(eta|xi)_(rho|u|v|psi)")
_BETWEEN: Final = {"eta": ("v", "psi"), "xi": ("u", "psi")}
"""Along each direction, the points that lie between a centre and the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where the points along one dimension lie."""

    centre: str
    """The dimension of the centres in the same direction."""
    offset: float
    """From a centre to the point of the same index: -0.5, 0 or 0.5."""


def point_named(dimension: str, there: Container[str]) -> Point | None:
    """Return what the path of a dimension says of its points; None where it says nothing, or there are no centres."""
    group, _, name = dimension.rpartition("/")
    found = _ROMS.fullmatch(name)
    if found is None:
        return None
    centre = f"{group}/{found[1]}_rho" if group else f"{found[1]}_rho"
    return Point(centre=centre, offset=0.5 * (found[2] in _BETWEEN[found[1]])) if centre in there else None
