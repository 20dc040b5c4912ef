"""What a dataset is whose files hold different variables: the union of what they describe. No I/O."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from core.dataset import Description, Variable, placing


def united(dataset: Description | None, file: Description) -> Description:
    """Return the description of a dataset with what a file adds to it, which fits."""
    if dataset is None:
        return file
    if file.variables.keys() <= dataset.variables.keys():
        return dataset
    return replace(
        dataset,
        dimensions={**file.dimensions, **dataset.dimensions},
        variables={**dataset.variables, **_added(file, dataset)},
        axes={**dataset.axes, **{name: axis for name, axis in file.axes.items() if name not in dataset.axes}},
        grids={**dataset.grids, **{name: grid for name, grid in file.grids.items() if name not in dataset.grids}},
        time=dataset.time or file.time,
        unlimited=tuple(dict.fromkeys((*dataset.unlimited, *file.unlimited))),
        groups={**file.groups, **dataset.groups},
    )


def _added(file: Description, dataset: Description) -> dict[str, Variable]:
    return {name: variable for name, variable in file.variables.items() if name not in dataset.variables}


def restricted(description: Description, names: AbstractSet[str]) -> Description:
    """Return a description with those of its variables that are in `names`, and what they lie on."""
    if description.variables.keys() <= names:
        return description
    variables = {name: variable for name, variable in description.variables.items() if name in names}
    time = description.time
    axes = {axis for variable in variables.values() for axis in variable.axes}
    grids = {variable.grid for variable in variables.values()}
    return replace(
        description,
        variables=variables,
        axes={name: axis for name, axis in description.axes.items() if name in axes},
        grids={name: grid for name, grid in description.grids.items() if name in grids},
        time=time if time is not None and time.variable in variables else None,
    )


def needed(description: Description) -> frozenset[str]:
    """Return the variables that a file cannot be taken without: those that say where and when its fields are."""
    places = (name for grid in description.grids.values() for name in placing(grid))
    times = () if description.time is None else (description.time.variable,)
    return frozenset((*places, *times, *(name for name in description.axes if name in description.variables)))


def all_of(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the union of many sets, of which most are one and the same."""
    return frozenset().union(*set(sets))
