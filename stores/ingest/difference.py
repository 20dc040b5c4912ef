"""Whether a file fits the dataset that it is to be part of. No I/O."""

from core.attributes import text_of
from core.dataset import Axis, Description, GridDescription, Variable

_VARIABLE = ("dtype", "dimensions", "shape", "stepped", "grid")
_AXIS = ("kind", "values", "units")


def difference(dataset: Description, file: Description) -> str | None:
    """Say what differs first in variables, types, grid or axes; None where the file fits."""
    missing = [name for name in dataset.variables if name not in file.variables]
    added = [name for name in file.variables if name not in dataset.variables]
    if missing or added:
        parts = (f"it lacks {', '.join(missing)}" if missing else "", f"it adds {', '.join(added)}" if added else "")
        return " and ".join(part for part in parts if part)
    return (
        _of_time(dataset, file)
        or next(
            filter(None, (_of_variable(dataset.variables[name], found) for name, found in file.variables.items())), None
        )
        or next(filter(None, (_of_axis(dataset.axes.get(name), found) for name, found in file.axes.items())), None)
        or next(filter(None, (_of_grid(dataset.grids.get(name), found) for name, found in file.grids.items())), None)
    )


def _of_time(dataset: Description, file: Description) -> str | None:
    if (dataset.time is None) != (file.time is None):
        return "it has no time" if file.time is None else "it has time, and the dataset has none"
    if dataset.time is None or file.time is None:
        return None
    for name in ("dimension", "variable", "calendar"):
        old, new = getattr(dataset.time, name), getattr(file.time, name)
        if old != new:
            return f"the {name} of its time is {new}, not {old}"
    return None


def _of_variable(dataset: Variable, file: Variable) -> str | None:
    for name in _VARIABLE:
        old, new = getattr(dataset, name), getattr(file, name)
        if old != new:
            return f"variable {file.name}: its {name} is {new}, not {old}"
    before, now = text_of(dataset.attributes, "units"), text_of(file.attributes, "units")
    # Packings may differ from file to file, and so may times and other coordinates, which are compared as values.
    if file.grid is not None and before != now:
        return f"field {file.name}: its units are {now}, not {before}"
    return None


def _of_axis(dataset: Axis | None, file: Axis) -> str | None:
    if dataset is None:
        return f"it has the axis {file.name}"
    return next(
        (f"axis {file.name}: other {name}" for name in _AXIS if getattr(dataset, name) != getattr(file, name)), None
    )


def _of_grid(dataset: GridDescription | None, file: GridDescription) -> str | None:
    # Of curvilinear grids the digest of the coordinates is compared elsewhere.
    if file.kind == "curvilinear" or dataset == file:
        return None
    return f"its longitudes or latitudes ({file.x}, {file.y}) are others"
