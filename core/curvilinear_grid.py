"""What a grid is whose cells have a longitude and latitude each, as one immutable version describes it."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Staggered:
    """How the places of points between cells are worked out from the centres of the cells."""

    x: str
    """Name of the 2-D longitude variable of the centres."""
    y: str
    """Name of the 2-D latitude variable of the centres."""
    dimensions: tuple[str, str]
    """Row and column dimension of the points."""
    offset: tuple[float, float]
    """From a centre to the point of the same index, in rows and in columns: -0.5, 0 or 0.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Straight:
    """Rows of a curvilinear grid that are parallels, where its columns are meridians (see `core.grids.straight`)."""

    first: int
    """Of these rows."""
    latitudes: tuple[float, ...]
    """Degrees, of the edges of these rows, in their order: one more than there are."""
    longitudes: tuple[float, ...]
    """Degrees, of the edges of columns from the first on, up to 360 from one end to the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvilinearGrid:
    """Longitude and latitude of each cell; found through arrays under `geometry/ID/`."""

    x: str
    """Name of the 2-D longitude variable."""
    y: str
    """Name of the 2-D latitude variable."""
    shape: tuple[int, int]
    """Rows and columns."""
    buckets: int
    """Buckets along one side of a face of the cubed sphere."""
    depth: int
    """Candidates per bucket."""
    extent: tuple[float, float, float, float]
    """West, south, east, north in degrees."""
    digest: str = ""
    """Names the content of the arrays, 16 hexadecimal digits, for caches."""
    patched: bool = False
    """Whether the arrays are all that `core.grids.finished` makes, but for a chart."""
    charted: bool = field(default=False, repr=False)
    """Whether there is a chart of it (see `core.grids.chart`); stores of earlier releases have none."""
    period: int = field(default=0, repr=False)
    """Columns after which it begins again; 0 where it does not go round, or has no chart."""
    fold: tuple[int, int] | None = field(default=None, repr=False)
    """What rows and columns of two cells add up to that are the same, where it is folded behind its last row."""
    straight: Straight | None = field(default=None, repr=False)
    """Where it is; stores of earlier releases do not say."""
    zooms: int = field(default=0, repr=False)
    """Of how many zooms of web maps, from 0 on, there are pictures of it (see `core.grids.atlas`)."""
    staggered: Staggered | None = None
    """Where the file has no places for its points. `x` and `y` are then the variables that should have held them, or
    those of the centres."""
    kind: Literal["curvilinear"] = "curvilinear"
