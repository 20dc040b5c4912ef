"""How the rows and columns of a curvilinear grid lie on the Earth, as far as that was looked for."""

from dataclasses import dataclass

from core.curvilinear_grid import Straight
from core.grids.fold import Fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Found once, at ingest."""

    period: int = 0
    """Columns after which the grid begins again; 0 where it does not go round (see `core.grids.period`)."""
    fold: Fold | None = None
    """Behind its last row; None where there is none."""
    straight: Straight | None = None
    """Where it is straight; None where it is not."""
