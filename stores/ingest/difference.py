"""Whether a file fits the dataset that it is to be part of. No I/O."""

from collections.abc import Iterator
from typing import Final

from core.attributes import text_of
from core.dataset import Axis, Description, GridDescription, MeshGrid, ProjectedGrid, RectilinearGrid, Variable
from stores.ingest.units import same_units

_VARIABLE: Final = ("dtype", "dimensions", "shape", "grid")
_BOUNDS: Final = ("longitude_bounds", "latitude_bounds")
_PLANE: Final = ("xs", "ys", "unit", "crs")


def difference(dataset: Description, file: Description) -> str | None:
    """Say what differs first in what both have of time, variables, axes and grids; None where the file fits.

    It may lack variables of the dataset and bring others.
    """
    return next(_differences(dataset, file), None)


def _differences(dataset: Description, file: Description) -> Iterator[str]:
    yield from _of_time(dataset, file)
    for name, variable in file.variables.items():
        if name in dataset.variables:
            yield from _of_variable(dataset.variables[name], variable)
    for name, axis in file.axes.items():
        if name in dataset.axes:
            yield from _of_axis(dataset.axes[name], axis)
    for name, grid in file.grids.items():
        if name in dataset.grids:
            yield from _of_grid(dataset.grids[name], grid)
    yield from _of_dimensions(dataset, file)


def _of_time(dataset: Description, file: Description) -> Iterator[str]:
    if dataset.time is None or file.time is None:
        return
    for name in ("dimension", "variable", "calendar"):
        old, new = getattr(dataset.time, name), getattr(file.time, name)
        if old != new:
            yield f"the {name} of its time is {new}, not {old}"


def _of_variable(dataset: Variable, file: Variable) -> Iterator[str]:
    if dataset.stepped != file.stepped:
        yield f"variable {file.name} has {'time' if file.stepped else 'no time'}, and others have it otherwise"
    for name in _VARIABLE:
        old, new = getattr(dataset, name), getattr(file, name)
        if old != new:
            yield f"variable {file.name}: its {name} is {new}, not {old}"
    before, now = text_of(dataset.attributes, "units"), text_of(file.attributes, "units")
    # Packings may differ from file to file, and so may times and other coordinates, which are compared as values.
    if file.grid is not None and not same_units(before, now):
        yield f"field {file.name}: its units are {now}, not {before}"


def _of_axis(dataset: Axis, file: Axis) -> Iterator[str]:
    for name in ("kind", "values"):
        if getattr(dataset, name) != getattr(file, name):
            yield f"axis {file.name}: other {name}"
    if not same_units(dataset.units, file.units):
        yield f"axis {file.name}: other units"


def _of_grid(dataset: GridDescription, file: GridDescription) -> Iterator[str]:
    if isinstance(dataset, MeshGrid) and isinstance(file, MeshGrid):
        same, what = dataset.places == file.places, f"its mesh ({file.connectivity or file.x}) is another"
    elif isinstance(dataset, ProjectedGrid) and isinstance(file, ProjectedGrid):
        same = all(getattr(dataset, name) == getattr(file, name) for name in _PLANE)
        what = f"its axes or their projection ({file.x}, {file.y}, {file.mapping}) are others"
    else:
        same, what = _same_places(dataset, file), f"its longitudes or latitudes ({file.x}, {file.y}) are others"
    if not same:
        yield what


def _same_places(dataset: GridDescription, file: GridDescription) -> bool:
    if not isinstance(dataset, RectilinearGrid) or not isinstance(file, RectilinearGrid):
        # Of curvilinear grids the digest of the coordinates is compared elsewhere.
        return dataset.kind == file.kind
    # A file may go without the edges that another one gives.
    edges = [(getattr(dataset, name), getattr(file, name)) for name in _BOUNDS]
    same = (dataset.longitudes, dataset.latitudes) == (file.longitudes, file.latitudes)
    return same and all(old == new for old, new in edges if old and new)


def _of_dimensions(dataset: Description, file: Description) -> Iterator[str]:
    times = {found.time.dimension for found in (dataset, file) if found.time is not None}
    added = [variable for name, variable in file.variables.items() if name not in dataset.variables]
    for name in dict.fromkeys(name for variable in added for name in variable.dimensions if name not in times):
        old, new = dataset.dimensions.get(name), file.dimensions[name]
        if old is not None and old != new:
            yield f"its dimension {name} is {new} long, not {old}"
