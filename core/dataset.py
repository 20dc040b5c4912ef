"""What a dataset is: its variables, axes and grids, as one immutable version describes them. No data.

Words: a *field* is a variable that lies on a grid and becomes a layer; every other variable is *auxiliary*
(coordinates, bounds, grid mappings) and is kept for the copies. Source: CF Conventions 1.11, 2-5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.attributes import Attributes, text_of
from core.curvilinear_grid import CurvilinearGrid as CurvilinearGrid  # noqa: PLC0414 -- one of the grids of a dataset
from core.mesh_grid import MeshGrid as MeshGrid  # noqa: PLC0414 -- one of the grids of a dataset
from core.packing import Packing
from core.steps import StepTable
from core.time import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """How the levels of an axis follow the surface and the bottom of the sea: `core.vertical` turns them into metres.

    Source: CF Conventions 1.11, 4.3.3 and appendix D.
    """

    name: str
    """Standard name of the coordinate."""
    terms: Mapping[str, tuple[float, ...]]
    """By term: one number, or one for each level in stored order; NaN where a level has none."""
    edges: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """The terms of the interfaces between levels, one more than these; empty where the file gives none."""
    depth: str
    """Name of the field that holds the depth of the bottom."""
    eta: str = ""
    """Name of the field that holds the height of the surface; empty where that is the datum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A dimension of a field that is neither time nor place: depth levels, ensemble members."""

    name: str
    """Of the dimension."""
    kind: Literal["vertical", "other"]
    values: tuple[float, ...]
    """Coordinates in source order and source units; 0, 1, 2, ... where the file gives none."""
    units: str = ""
    """As the file writes them; empty where it does not."""
    positive: Literal["up", "down"] | None = None
    """Which way the values of a vertical axis grow."""
    title: str = ""
    dimensionless: bool = False
    """Whether the values are neither lengths nor pressures, as those of s and sigma levels."""
    formula: Formula | None = None
    """What turns such values into metres; None where the file does not say all that this takes."""

    @property
    def elevations(self) -> tuple[float, ...]:
        """The values counted upwards, as ELEVATION is: a depth of 5 m is -5."""
        return tuple(-value + 0.0 for value in self.values) if self.positive == "down" else self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class RectilinearGrid:
    """Longitude by column, latitude by row."""

    x: str
    """Name of the longitude variable."""
    y: str
    """Name of the latitude variable."""
    longitudes: tuple[float, ...]
    """Cell centres, degrees east, in column order, shape (nx,)."""
    latitudes: tuple[float, ...]
    """Cell centres, degrees north, in row order, shape (ny,)."""
    longitude_bounds: tuple[tuple[float, float], ...] = ()
    """Edges of each column, where the file gives them."""
    latitude_bounds: tuple[tuple[float, float], ...] = ()
    kind: Literal["rectilinear"] = "rectilinear"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectedGrid:
    """X by column and y by row in the plane of a map projection, or longitude and latitude about another pole."""

    x: str
    """Name of the variable along columns."""
    y: str
    """Name of the variable along rows."""
    xs: tuple[float, ...]
    """Cell centres as the file has them, in column order, shape (nx,)."""
    ys: tuple[float, ...]
    """Cell centres as the file has them, in row order, shape (ny,)."""
    unit: float
    """Units of `crs` for one of the file: 1000 for kilometres, the height of the satellite for radians."""
    crs: str
    """The system in which the axes count: WKT2, ISO 19162:2019."""
    mapping: str
    """Name of the grid mapping variable."""
    extent: tuple[float, float, float, float]
    """West, south, east, north in degrees."""
    x_bounds: tuple[tuple[float, float], ...] = ()
    """Edges of each column, where the file gives them."""
    y_bounds: tuple[tuple[float, float], ...] = ()
    digest: str = ""
    """Names axes and projection, 16 hexadecimal digits, for caches."""
    kind: Literal["projected"] = "projected"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.ys), len(self.xs)


GridDescription = RectilinearGrid | ProjectedGrid | CurvilinearGrid | MeshGrid


def placing(grid: GridDescription) -> tuple[str, ...]:
    """Return the names of the variables that say where the cells of a grid lie, each once."""
    staggered = grid.staggered if isinstance(grid, CurvilinearGrid) else None
    more: tuple[str, ...] = () if staggered is None else (staggered.x, staggered.y)
    if isinstance(grid, MeshGrid):
        more = tuple(name for name in (grid.connectivity, grid.topology, grid.edges, *grid.own) if name)
    return tuple(dict.fromkeys((grid.x, grid.y, *more)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """The time coordinate of the source."""

    dimension: str
    """That the slots replace."""
    variable: str
    """Which holds the time (not always the one named like the dimension)."""
    units: str
    """"UNIT since DATE", as the source writes it; kept for the copies."""
    calendar: Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable as the source has it, and how it is stored."""

    name: str
    dtype: str
    """Stored type: numpy's name without byte order (`i2`, `f4`), `S1` for characters, `str` for strings."""
    dimensions: tuple[str, ...]
    """In source order."""
    shape: tuple[int, ...]
    """As stored, without slots: (axes..., ny, nx) for a field, source order for others."""
    chunks: tuple[int, ...]
    """As stored, with a leading 1 for the slot where `stepped`."""
    attributes: Attributes
    stepped: bool
    """Whether it has the time dimension: the array then has slots first."""
    grid: str | None = None
    """For a field: key into `Description.grids`."""
    axes: tuple[str, ...] = ()
    """For a field: dimensions between slot and row in stored order; keys into `Description.axes`."""
    overviews: tuple[int, ...] = ()
    """For a field: factors of the stored overviews, ascending: 2, 4, 8."""
    series: tuple[int, ...] = ()
    """For a field that has a copy cut for series: (slots, axes..., ny, nx) of its chunks."""

    @property
    def title(self) -> str:
        """What to call it before people."""
        return text_of(self.attributes, "long_name", "title", "standard_name") or self.name

    @property
    def units(self) -> str:
        """As the file writes them; empty where it does not."""
        return text_of(self.attributes, "units") or ""

    @property
    def standard_name(self) -> str | None:
        """CF standard name."""
        return text_of(self.attributes, "standard_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Of the valid values of a field over all steps, unpacked; for default colour ranges."""

    minimum: float
    maximum: float
    low: float
    """About the 2nd percentile."""
    high: float
    """About the 98th percentile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the ingest learned from the source files."""

    attributes: Attributes
    """Of the file."""
    dimensions: Mapping[str, int]
    """Sizes in source order; time has the number of steps of one file, and means nothing here."""
    variables: Mapping[str, Variable]
    """In source order."""
    axes: Mapping[str, Axis] = field(default_factory=dict)
    grids: Mapping[str, GridDescription] = field(default_factory=dict)
    time: TimeAxis | None = None
    """None for a dataset without time."""
    unlimited: tuple[str, ...] = ()
    """The dimensions that may grow in the source."""
    groups: Mapping[str, Attributes] = field(default_factory=dict)
    """Attributes of each group but the root, by path (`data_01/ku`), outer groups first."""

    @property
    def fields(self) -> tuple[Variable, ...]:
        """The variables that become layers."""
        return tuple(variable for variable in self.variables.values() if variable.grid is not None)

    def grid_dimensions(self, grid_id: str) -> tuple[str, ...]:
        """Return the row and the column dimension of a grid; of a mesh, which has one row, its only one."""
        grid = self.grids[grid_id]
        if isinstance(grid, MeshGrid):
            return (grid.dimension,)
        x, y = (self.variables[name].dimensions for name in (grid.x, grid.y))
        if isinstance(grid, RectilinearGrid | ProjectedGrid):
            return y[0], x[0]
        return (x[0], x[1]) if grid.staggered is None else grid.staggered.dimensions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """One immutable version of one dataset."""

    id: str
    version: str
    """Name of the snapshot."""
    published: int
    """When this version became the served one: milliseconds since 1970-01-01T00:00:00Z."""
    description: Description
    steps: StepTable
    """One row with time 0 for a dataset without time."""
    packings: tuple[Mapping[str, Packing], ...]
    """By packing index of a step: the packing of each numeric variable that slot holds."""
    statistics: Mapping[str, Statistics]
    """By field; none for a field without any valid value."""

    @property
    def title(self) -> str:
        """What to call it before people."""
        return text_of(self.description.attributes, "title", "long_name", "description") or self.id
