"""From the header of a file to the description of a dataset: which variables are fields, on which grid and axes.

Source: CF Conventions 1.11, 5 (coordinate systems), 5.6 (grid mappings), 7 (data about cells).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from core.chunking import coarse, side, sides
from core.dataset import Axis, Description, GridDescription, TimeAxis, Variable
from stores.ingest.clock import bounds_of_time, is_time, time_of
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.horizontal import Pair, direction_of, grid_of, pair_for, spread
from stores.ingest.nothing import why_nothing
from stores.ingest.packings import packing_in
from stores.ingest.refusal import Unreadable
from stores.ingest.vertical import axis_of, coordinate_of
from stores.layout import NodeNameError, data

SMALLEST: Final = 256
"""Cells along the longer side of the last overview, at most."""
_WHOLE: Final = 64 * 2**20
"""Bytes of a chunk of a variable that is no field, about."""
_POINTERS: Final = ("bounds", "climatology", "coordinates", "cell_measures", "nodes")
"""Attributes whose words name variables that describe others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What is settled before single variables are described."""

    pairs: Mapping[str, Pair]
    """By field."""
    time: TimeAxis | None
    grids: Mapping[str, GridDescription]
    axes: Mapping[str, Axis] = field(default_factory=dict)


def describe(file: RawFile, values: Values) -> Description:
    """Describe a dataset that consists of this one file.

    Raises:
        Unreadable: there is no field on a grid that can be served, or a coordinate cannot be used.

    """
    pairs = _placed(file, _pairs(file, values), values)
    rest = _other_dimensions(file, pairs)
    time = time_of(file, rest)
    reading = _Reading(
        pairs=pairs,
        time=time,
        grids={pair.id: grid_of(file, pair, values) for pair in dict.fromkeys(pairs.values())},
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
    places = [name for grid in description.grids.values() for name in (grid.x, grid.y)]
    axes = [found.name for name in description.axes if (found := coordinate_of(file, name)) is not None]
    return [*places, *([description.time.variable] if description.time else ()), *axes]


def _pairs(file: RawFile, values: Values) -> dict[str, Pair]:
    pointed = _pointed(file)
    found = {}
    for name, variable in file.variables.items():
        if not variable.numeric or len(variable.dimensions) < 2 or name in pointed:
            continue
        if direction_of(variable) or is_time(variable) or not _has_cells(file, variable):
            continue
        pair = pair_for(file, variable)
        if pair is not None:
            found[name] = pair
    if not found:
        raise Unreadable(file.name, why_nothing(file, values))
    return found


def _has_cells(file: RawFile, variable: RawVariable) -> bool:
    """Tell whether there is anything to show; a file without any step yet is refused for that, later.

    A variable that has a dimension twice, as covariances do, is no map.
    """
    empty = {name for name in variable.dimensions if file.dimensions[name] == 0}
    timed = {found.dimensions for found in file.variables.values() if is_time(found)}
    distinct = len(set(variable.dimensions)) == len(variable.dimensions)
    return distinct and all((name,) in timed for name in empty)


def _placed(file: RawFile, pairs: Mapping[str, Pair], values: Values) -> dict[str, Pair]:
    """Leave out fields whose cells all lie at one place: their coordinates were never filled in.

    They are kept for the copies, like what is no field.
    """
    usable = {pair: pair.rectilinear or spread(file, pair, values) for pair in set(pairs.values())}
    found = {name: pair for name, pair in pairs.items() if usable[pair]}
    if not found:
        pair = next(iter(pairs.values()))
        raise Unreadable(
            file.name, f"no georeference: all values of {pair.y} or {pair.x} are missing or one and the same"
        )
    return found


def _pointed(file: RawFile) -> set[str]:
    variables = file.variables.values()
    named = {found.name for variable in variables for pointer in _POINTERS for found in file.named(variable, pointer)}
    return named | {found.name for variable in variables for found in file.mappings(variable)}


def _other_dimensions(file: RawFile, pairs: Mapping[str, Pair]) -> list[str]:
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
        overviews=_factors((shape[-2], shape[-1])) if pair else (),
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
