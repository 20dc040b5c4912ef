"""Vectors in two components: which fields make one, how long it is, and where it points.

Source: CF Conventions 1.11, 3.3 and the standard name table ("eastward", "northward": along the Earth; "x", "y": along
the axes of the grid, positive with increasing x and y).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.crs import Crs
from core.dataset import Description, MeshGrid, RectilinearGrid, Variable
from core.grids.sphere import vectors
from core.staggering import point_named

Floats = NDArray[np.float64]

_WORDS: Final[Mapping[str, tuple[str, Literal["earth", "grid"]]]] = {
    "eastward": ("northward", "earth"),
    "x": ("y", "grid"),
}
"""By a word of the standard name of one component: that of the other, and what they run along."""
_NAMES: Final[Mapping[str, str]] = {
    "u": "v", "ubar": "vbar", "uice": "vice", "uo": "vo", "ugos": "vgos", "ugosa": "vgosa", "u10": "v10", "uas": "vas",
    "water_u": "water_v", "vozocrtx": "vomecrty", "sustr": "svstr", "uwind": "vwind",
}  # fmt: skip
"""In lower case: what models call components, where the file gives no standard name."""
_MODIFIERS: Final = ("detection_minimum", "number_of_observations", "standard_error", "status_flag")
"""At the end of standard names of what is said about a component: no vector has such parts.

Source: CF Conventions 1.11, appendix C.
"""
_STEP: Final = 1e-4
"""Degrees of latitude towards north, to tell where on a map it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """Two fields that are the components of a vector."""

    u: str
    """Name of the variable eastward, or along rows with increasing x."""
    v: str
    """Name of the variable northward, or along columns with increasing y."""
    along: Literal["earth", "grid"]
    """What the components run along; on longitude and latitude axes both are one."""
    kind: str
    """The standard name without its direction: `sea_water_velocity`; empty where the file gives none."""
    grid: str
    """Key of the grid on which the vector lies: that of both, or that of the centres between them."""
    offsets: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))
    """Of u and of v: from a cell of `grid` to the point of the same index, in rows and in columns."""


def vectors_of(description: Description) -> tuple[Vector, ...]:
    """Return the vectors among the fields of a dataset, in the order of the source."""
    found = []
    for u in description.fields:
        named = _partner(description, u)
        if named is not None:
            v, along, kind = named
            placed = _placed(description, u, v)
            if placed is not None:
                found.append(Vector(u=u.name, v=v.name, along=along, kind=kind, grid=placed[0], offsets=placed[1]))
    return tuple(found)


def can_point(description: Description, vector: Vector) -> bool:
    """Tell whether the direction of a vector can be told: cells of a mesh are in no rows."""
    return vector.along == "earth" or not isinstance(description.grids[vector.grid], MeshGrid)


def magnitude(u: Floats, v: Floats) -> Floats:
    """Return the length of vectors; NaN where either component is."""
    length: Floats = np.hypot(u, v)
    # hypot takes an infinite component for an infinite length, whatever the other.
    return np.where(np.isnan(u) | np.isnan(v), np.nan, length)


def bearing(east: Floats, north: Floats) -> Floats:
    """Return where vectors point to, degrees clockwise from north, 0 to below 360; NaN for those without length."""
    degrees = np.mod(np.degrees(np.arctan2(east, north)), 360.0)
    # A hair below north is rounded to a whole turn.
    return np.where((east == 0.0) & (north == 0.0), np.nan, np.where(degrees == 360.0, 0.0, degrees))


def along_axis(before: tuple[Floats, Floats], here: tuple[Floats, Floats], after: tuple[Floats, Floats]) -> Floats:
    """Return the direction in which an axis of a grid runs, as unit vectors (east, north), shape (2, ...).

    Args:
        before: longitudes and latitudes in degrees, one cell back along the axis, or NaN.
        here: those of the cells.
        after: one cell further, or NaN.

    Returns:
        NaN where neither neighbour has a place, or the cell itself.

    """
    middle, (longitude, latitude) = vectors(*here), (np.radians(side) for side in here)
    steps = (
        vectors(*(np.where(np.isnan(side), own, side) for side, own in zip(place, here, strict=True)))
        for place in (before, after)
    )
    back, forth = steps
    x, y, z = forth - back
    east = -np.sin(longitude) * x + np.cos(longitude) * y
    north = -np.sin(latitude) * (np.cos(longitude) * x + np.sin(longitude) * y) + np.cos(latitude) * z
    length = np.hypot(east, north)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([east, north]) / np.where((length > 0.0) & np.isfinite(middle[0]), length, np.nan)


def turned(u: Floats, v: Floats, axes: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return the parts eastward and northward of components along two axes, each as `along_axis` gives it."""
    rows, columns = axes
    return u * rows[0] + v * columns[0], u * rows[1] + v * columns[1]


def north_at(crs: Crs, longitude: Floats, latitude: Floats) -> Floats:
    """Return where north is on a map at places in degrees, clockwise from the upper edge of the map, -180 to 180.

    NaN where the map does not show the place, and at the poles.
    """
    low, high = (crs.from_geographic(longitude, latitude + step) for step in (-_STEP, _STEP))
    across, up = high[0] - low[0], high[1] - low[1]
    return np.where(np.abs(latitude) + _STEP >= 90.0, np.nan, np.degrees(np.arctan2(across, up)))


_Partner = tuple[Variable, Literal["earth", "grid"], str]
"""The other component of a vector, what they run along, and its kind."""


def _partner(description: Description, u: Variable) -> _Partner | None:
    return _by_standard_name(description, u) if u.standard_name else _by_name(description, u)


def _by_standard_name(description: Description, u: Variable) -> _Partner | None:
    """Return what the standard names tell, in which one word is another."""
    name = _plain(u)
    words = name.split("_")
    word = next((each for each in _WORDS if words.count(each) == 1), None)
    if word is None or name.endswith(_MODIFIERS):
        return None
    other, along = _WORDS[word]
    sought = "_".join(other if each == word else each for each in words)
    v = _one_of(u, [each for each in description.fields if _plain(each) == sought and _fits(u, each)])
    return None if v is None else (v, along, "_".join(each for each in words if each != word))


def _by_name(description: Description, u: Variable) -> _Partner | None:
    """Return what the names of variables tell, beside each other in one group."""
    folder, slash, name = u.name.rpartition("/")
    if name.lower() not in _NAMES:
        return None
    sought = f"{folder}{slash}{_NAMES[name.lower()]}".lower()
    alike = (v for v in description.fields if v.name.lower() == sought and not v.standard_name)
    v = next((each for each in alike if _fits(u, each)), None)
    return None if v is None else (v, "grid", "")


def _plain(field: Variable) -> str:
    """Return the standard name in lower case, its words joined as they ought to be; empty without one."""
    return "_".join((field.standard_name or "").lower().split())


def _fits(u: Variable, v: Variable) -> bool:
    return (u.stepped, u.axes, u.units) == (v.stepped, v.axes, v.units)


def _one_of(u: Variable, fitting: Sequence[Variable]) -> Variable | None:
    """Return the one that is called as `u` is but for the letter of the component, else the only one."""
    swapped = u.name.translate(str.maketrans("uUxX", "vVyY"))
    named = [v for v in fitting if v.name == swapped]
    chosen = named or fitting
    return chosen[0] if len(chosen) == 1 else None


def _placed(
    description: Description, u: Variable, v: Variable
) -> tuple[str, tuple[tuple[float, float], tuple[float, float]]] | None:
    """Return the grid of a vector, and how its components are staggered on it; None where they do not meet."""
    if u.grid == v.grid and u.grid is not None:
        return u.grid, ((0.0, 0.0), (0.0, 0.0))
    first, second = _centred(description, u), _centred(description, v)
    if first is None or second is None or first[0] != second[0]:
        return None
    for name, grid in description.grids.items():
        curved = not isinstance(grid, RectilinearGrid | MeshGrid)
        if curved and description.grid_dimensions(name) == first[0] and _used(description, name):
            return name, (first[1], second[1])
    return None


def _centred(description: Description, field: Variable) -> tuple[tuple[str, ...], tuple[float, float]] | None:
    """Return the dimensions of the centres between which a field lies, and its offset from them."""
    points = [point_named(name, description.dimensions) for name in description.grid_dimensions(field.grid or "")]
    there = [point for point in points if point is not None]
    if len(there) != 2 or len(points) != 2:
        return None
    row, column = there
    return (row.centre, column.centre), (row.offset, column.offset)


def _used(description: Description, grid_id: str) -> bool:
    return any(field.grid == grid_id for field in description.fields)
