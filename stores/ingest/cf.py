"""From the header of a file to the description of a dataset: which variables are fields, on which grid and axes.

Source: CF Conventions 1.11, 5 (coordinate systems), 5.6 (grid mappings), 7 (data about cells).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np

from core.attributes import text_of
from core.chunking import coarse, side, sides
from core.dataset import Axis, Description, GridDescription, TimeAxis, Variable, placing
from stores.ingest.clock import bounds_of_time, is_time, time_of
from stores.ingest.grid_mapping import projected_grid, projected_pair
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.horizontal import Pair, direction_of, grid_of, pair_between, pair_for, spread
from stores.ingest.mesh import MeshPlaces, grid_on, mesh_elsewhere, meshes_of, places_on
from stores.ingest.nothing import why_nothing
from stores.ingest.packings import packing_in
from stores.ingest.refusal import NoMesh, Unreadable
from stores.ingest.vertical import axis_of, coordinate_of
from stores.layout import NodeNameError, data

SMALLEST: Final = 256
"""Cells along the longer side of the last overview, at most."""
_WHOLE: Final = 64 * 2**20
"""Bytes of a chunk of a variable that is no field, about."""
_POINTERS: Final = ("bounds", "climatology", "cell_measures", "nodes")
"""Attributes whose words name variables that do nothing but describe others, as coordinates may not."""


Placed = Pair | MeshPlaces


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What is settled before single variables are described."""

    pairs: Mapping[str, Placed]
    """By field."""
    time: TimeAxis | None
    grids: Mapping[str, GridDescription]
    axes: Mapping[str, Axis] = field(default_factory=dict)


def describe(file: RawFile, values: Values) -> Description:
    """Describe a dataset that consists of this one file.

    Raises:
        Unreadable: there is no field on a grid that can be served, or a coordinate cannot be used.

    """
    pairs = _pairs(file, values)
    rest = _other_dimensions(file, pairs)
    time = time_of(file, rest)
    reading = _Reading(
        pairs=pairs,
        time=time,
        grids={pair.id: _grid(file, pair, values) for pair in dict.fromkeys(pairs.values())},
        axes={name: axis_of(file, name, values) for name in rest if time is None or name != time.dimension},
    )
    return Description(
        attributes=file.attributes,
        dimensions=file.dimensions,
        variables={name: _variable(file, variable, reading) for name, variable in file.variables.items()},
        axes=reading.axes,
        grids=reading.grids,
        time=reading.time,
        unlimited=file.unlimited,
        groups=file.groups,
    )


def untaken(file: RawFile, description: Description) -> dict[str, str]:
    """Return the variables that cannot be stored, and why; the rest of the file can."""
    time = description.time.dimension if description.time else None
    found = {}
    for name, variable in file.variables.items():
        try:
            data(name)
            if variable.numeric:
                packing_in(file, variable)
        except NodeNameError as error:
            found[name] = str(error)
        except Unreadable as refusal:
            found[name] = refusal.reason.removeprefix(f"{name}: ")
        if variable.dimensions.count(time or "") > 1:
            found[name] = f"it has the dimension {time} twice, which is not taken"
    return found


def needed(file: RawFile, description: Description) -> list[str]:
    """Return the coordinates without which a file cannot be described."""
    places = [name for grid in description.grids.values() for name in placing(grid)]
    axes = [found.name for name in description.axes if (found := coordinate_of(file, name)) is not None]
    return [*places, *([description.time.variable] if description.time else ()), *axes]


def _grid(file: RawFile, pair: Placed, values: Values) -> GridDescription:
    if isinstance(pair, MeshPlaces):
        return grid_on(file, pair, values)
    return projected_grid(file, pair, values) if pair.mapping else grid_of(file, pair, values)


def _pairs(file: RawFile, values: Values) -> dict[str, Placed]:
    """Find the places of all fields.

    Fields whose cells all lie at one place, for their coordinates were never filled in, are placed between the centres
    of a staggered grid or left out: these are kept for the copies, like what is no field.
    """
    found: dict[str, Placed] = dict(_meshed(file, values))
    projections: dict[object, Pair | None] = {}

    def places_of(variable: RawVariable) -> Pair | None:
        own = pair_for(file, variable)
        alike = own, variable.group, variable.dimensions, text_of(variable.attributes, "grid_mapping")
        if alike not in projections:
            projections[alike] = projected_pair(file, variable, own, values)
        return projections[alike] or own

    named = {variable.name: places_of(variable) for variable in _candidates(file) if variable.name not in found}

    @cache
    def usable(pair: Pair) -> bool:
        return pair.rectilinear or bool(pair.mapping) or spread(file, pair, values)

    for name, own in named.items():
        pair = own if own is not None and usable(own) else pair_between(file, file.variables[name], own)
        if pair is not None and usable(pair):
            found[name] = pair
    if not found and (mesh := mesh_elsewhere(file)) is not None:
        raise NoMesh(file.name, why_nothing(file, values), mesh)
    if not found:
        raise Unreadable(file.name, _why_nothing(file, named.values(), values))
    return found


def _meshed(file: RawFile, values: Values) -> Iterator[tuple[str, MeshPlaces]]:
    """Yield the fields on meshes whose coordinates were filled in."""
    places = places_on(file, meshes_of(file))
    meshes = {one.mesh for one in places.values()}
    usable = {mesh for mesh in meshes if spread(file, mesh, values)}
    pointed = _pointed(file)
    for name, one in places.items():
        variable = file.variables[name]
        if one.mesh in usable and name not in pointed and not is_time(variable) and _has_cells(file, variable):
            yield name, one


def _candidates(file: RawFile) -> Iterator[RawVariable]:
    """Yield the variables that are fields if they have places."""
    pointed = _pointed(file)
    for name, variable in file.variables.items():
        if not variable.numeric or len(variable.dimensions) < 2 or name in pointed:
            continue
        if not direction_of(variable) and not is_time(variable) and _has_cells(file, variable):
            yield variable


def _why_nothing(file: RawFile, named: Iterable[Pair | None], values: Values) -> str:
    pair = next((pair for pair in named if pair is not None), None)
    if pair is None:
        return why_nothing(file, values)
    return f"no georeference: all values of {pair.y} or {pair.x} are missing or one and the same"


def _has_cells(file: RawFile, variable: RawVariable) -> bool:
    """Tell whether there is anything to show; a file without any step yet is refused for that, later.

    A variable that has a dimension twice, as covariances do, is no map.
    """
    empty = {name for name in variable.dimensions if file.dimensions[name] == 0}
    timed = {found.dimensions for found in file.variables.values() if is_time(found)}
    distinct = len(set(variable.dimensions)) == len(variable.dimensions)
    return distinct and all((name,) in timed for name in empty)


def _pointed(file: RawFile) -> set[str]:
    variables = file.variables.values()
    named = {found.name for variable in variables for pointer in _POINTERS for found in file.named(variable, pointer)}
    return named | {found.name for variable in variables for found in file.mappings(variable)}


def _other_dimensions(file: RawFile, pairs: Mapping[str, Placed]) -> list[str]:
    return list(
        dict.fromkeys(
            dimension
            for name, pair in pairs.items()
            for dimension in file.variables[name].dimensions
            if dimension not in pair.dimensions
        )
    )


def _variable(file: RawFile, variable: RawVariable, reading: _Reading) -> Variable:
    pair = reading.pairs.get(variable.name)
    stepped = _stepped(file, variable, reading)
    time = reading.time.dimension if reading.time else None
    rest = tuple(name for name in variable.dimensions if name != time)
    axes = tuple(name for name in rest if name not in pair.dimensions) if pair else ()
    shape = tuple(file.dimensions[name] for name in ((*axes, *pair.dimensions) if pair else rest))
    if isinstance(pair, MeshPlaces):
        shape = (*shape[:-1], 1, shape[-1])
    chunks = (*(1 for _ in axes), *sides((shape[-2], shape[-1]))) if pair else _whole(shape, variable.dtype)
    return Variable(
        name=variable.name,
        dtype=variable.dtype,
        dimensions=variable.dimensions,
        shape=shape,
        chunks=(1, *chunks) if stepped else chunks,
        attributes=variable.attributes,
        stepped=stepped,
        grid=pair.id if pair else None,
        axes=axes,
        overviews=_factors((shape[-2], shape[-1])) if isinstance(pair, Pair) else (),
    )


def _stepped(file: RawFile, variable: RawVariable, reading: _Reading) -> bool:
    time = reading.time
    if time is None or time.dimension in variable.dimensions:
        return time is not None
    if any(time.dimension in file.variables[name].dimensions for name in reading.pairs):
        return False
    # The steps of a single time are files, so each field has a slot for every file, and so has the time.
    moments = [time.variable, *(found.name for found in bounds_of_time(file, file.variables[time.variable]))]
    return variable.name in (*reading.pairs, *moments)


def _whole(shape: tuple[int, ...], dtype: str) -> tuple[int, ...]:
    if not shape:
        return ()
    row = max(1, int(np.prod(shape[1:], dtype=np.int64)) * (16 if dtype == "str" else np.dtype(dtype).itemsize))
    return (side(shape[0], max(1, _WHOLE // row)), *(max(1, size) for size in shape[1:]))


def _factors(shape: tuple[int, int]) -> tuple[int, ...]:
    factors: list[int] = []
    while max(coarse(shape, factors[-1] if factors else 1)) > SMALLEST:
        factors.append(2 * factors[-1] if factors else 2)
    return tuple(factors)
