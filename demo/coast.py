"""Land and sea on a grid, and how far the land is."""

from dataclasses import dataclass

from demo import bodies, distance
from demo.grid import Field, Grid, Mask
from demo.raster import inside

_POND = 50_000.0
"""km2: closed waters smaller than this are no sea of this ocean (a half-resolved strait makes many)."""
_MAINLAND = 50_000.0
"""km2: land larger than this turns currents; smaller islands do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coast:
    """Where the land is."""

    land: Mask
    """True on land, shape (ny, nx)."""
    distance: Field
    """Kilometres to the nearest land, at most 1500."""
    mainland: Field
    """Kilometres to the nearest large land, at most 2500."""


def coast(grid: Grid, rings: list[Field]) -> Coast:
    """Draw the land inside `rings` on the grid."""
    land = inside(grid, rings)
    land |= bodies.areas(grid, ~land) < _POND
    mainland = bodies.areas(grid, land) > _MAINLAND
    return Coast(
        land=land,
        distance=distance.to_nearest(grid, land, reach=1500.0),
        mainland=distance.to_nearest(grid, mainland, reach=2500.0),
    )
