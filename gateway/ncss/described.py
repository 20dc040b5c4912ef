"""What descriptions say about an open dataset. Pure: values in, values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np

from core.attributes import Attributes, text_of
from core.dataset import Axis, Dataset, GridDescription, MeshGrid, ProjectedGrid, RectilinearGrid, TimeAxis, Variable
from core.extent import Extent
from core.layer import Layer
from core.steps import StepTable
from core.time import EPOCH, counted, dates_of
from gateway.opened import OpenDataset

_PRESSURE: Final = ("pa", "hpa", "kpa", "dbar", "bar", "mbar", "decibar", "millibar")
_REGULAR: Final = 1e-6
"""Of the increment: how far values may lie from those of a regular axis that is written as such."""
_Coordinates = tuple[str, tuple[float, ...]]
_PLACES: Final = 2
"""Dimensions of a field that are rows and columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisInfo:
    """A coordinate axis."""

    name: str
    dtype: str
    """As `Variable.dtype`."""
    kind: str | None
    """Type in NcML: `Lon`, `Lat`, `GeoX`, `GeoY`, `Time`, `Height`, `Pressure`, `Ensemble`; None for any other."""
    shape: tuple[int, ...]
    attributes: Attributes
    values: tuple[float, ...]
    """In the units of the file; empty for an axis of two dimensions, and for months and years of time."""
    regular: tuple[float, float] | None
    """First value and increment of evenly spaced values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridInfo:
    """A field."""

    name: str
    """By which requests call it."""
    title: str
    units: str
    dtype: str
    """As `Variable.dtype`."""
    axes: tuple[str, ...]
    """Names, in the order of the file."""
    attributes: Attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSet:
    """Fields that lie on the same axes."""

    axes: tuple[str, ...]
    """Names, in the order of the file."""
    box: tuple[float, float, float, float] | None
    """West, south, east, north of the outermost centres as the file has them; None where these have two dimensions."""
    grids: tuple[GridInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInfo:
    """A dataset."""

    id: str
    title: str
    axes: tuple[AxisInfo, ...]
    sets: tuple[GridSet, ...]
    extent: Extent
    """Around all of its grids."""
    span: tuple[str, str] | None
    """First and last step, ISO 8601; None without time."""
    present: str | None
    """The step that is meant where none is asked for, ISO 8601."""


def dataset_info(source: OpenDataset) -> DatasetInfo:
    """Return what there is to say about a dataset that has at least one layer."""
    dataset, layers = source.dataset, source.layers()
    axes: dict[str, AxisInfo] = {}
    sets: dict[tuple[str, ...], list[Layer]] = {}
    for layer in layers:
        found = _axes(dataset, layer)
        axes |= {axis.name: axis for axis in found if axis.name not in axes}
        sets.setdefault(tuple(axis.name for axis in found), []).append(layer)
    timed = [layer for layer in layers if layer.has_time]
    steps = dataset.steps
    return DatasetInfo(
        id=dataset.id,
        title=source.title,
        axes=tuple(axes.values()),
        sets=tuple(_set(dataset, names, members) for names, members in sets.items()),
        extent=reduce(_around, (source.grid(layer)[1].extent for layer in layers)),
        span=(steps.iso(0), steps.iso(len(steps) - 1)) if timed else None,
        present=steps.iso(steps.nearest(dataset.published)) if timed else None,
    )


def _set(dataset: Dataset, names: tuple[str, ...], layers: Iterable[Layer]) -> GridSet:
    grids = tuple(
        GridInfo(
            name=layer.called,
            title=layer.variable.title,
            units=layer.variable.units,
            dtype=layer.variable.dtype,
            axes=names,
            attributes=layer.variable.attributes,
        )
        for layer in layers
    )
    grid = dataset.description.grids[next(iter(layers)).variable.grid or ""]
    box = None
    if (axes := _separate(grid)) is not None:
        (_, y), (_, x) = axes
        box = (min(x), min(y), max(x), max(y))
    return GridSet(axes=names, box=box, grids=grids)


def _axes(dataset: Dataset, layer: Layer) -> list[AxisInfo]:
    """Return the axes of a layer in the order of the file."""
    description, variable = dataset.description, layer.variable
    found = []
    if layer.has_time and description.time is not None:
        found.append(_time(dataset, description.time))
    found += [_level(description.axes[name], description.variables.get(name)) for name in variable.axes]
    grid = description.grids[variable.grid or ""]
    shape = variable.shape[-_PLACES:]
    if isinstance(grid, MeshGrid):
        x, y = grid.own or (grid.x, grid.y)
        pairs = ((y, "Lat", description.variables.get(y)), (x, "Lon", description.variables.get(x)))
        return found + [_axis(name, kind, one, (), one.shape if one else shape[-1:]) for name, kind, one in pairs]
    axes = _separate(grid) or (("Lat", ()), ("Lon", ()))
    for name, (kind, values) in zip((grid.y, grid.x), axes, strict=True):
        stored = description.variables.get(name)
        found.append(_axis(name, kind, stored, values, (len(values),) if values else shape))
    return found


def _separate(grid: GridDescription) -> tuple[_Coordinates, _Coordinates] | None:
    """Return kind and values of the axis of rows, and of that of columns; None where places have two dimensions."""
    if isinstance(grid, RectilinearGrid):
        return ("Lat", grid.latitudes), ("Lon", grid.longitudes)
    return (("GeoY", grid.ys), ("GeoX", grid.xs)) if isinstance(grid, ProjectedGrid) else None


def _level(axis: Axis, stored: Variable | None) -> AxisInfo:
    kind = None
    if axis.kind == "vertical":
        kind = "Pressure" if axis.units.lower() in _PRESSURE else "Height"
    elif stored is not None and text_of(stored.attributes, "standard_name") == "realization":
        kind = "Ensemble"
    return _axis(axis.name, kind, stored, axis.values, (len(axis.values),))


def _time(dataset: Dataset, time: TimeAxis) -> AxisInfo:
    stored = dataset.description.variables.get(time.variable)
    return _axis(time.variable, "Time", stored, _counts(dataset.steps, time), (len(dataset.steps),))


def _counts(steps: StepTable, time: TimeAxis) -> tuple[float, ...]:
    """Return the times of all steps in the units of the source; none where these are not all of one length (months)."""
    first, last = int(steps.times[0]), int(steps.times[-1])
    dates = [dates_of(at, EPOCH, time.calendar) for at in (first, last)]
    try:
        ends = [float(counted(date, time.units, time.calendar)) for date in dates]
    except ValueError:
        return ()
    if first == last:
        return (ends[0],)
    return tuple((ends[0] + (ends[1] - ends[0]) * ((steps.times - first) / (last - first))).round(9).tolist())


def _axis(
    name: str, kind: str | None, stored: Variable | None, values: Sequence[float], shape: tuple[int, ...]
) -> AxisInfo:
    return AxisInfo(
        name=name,
        dtype=stored.dtype if stored is not None else "f8",
        kind=kind,
        shape=shape,
        attributes=stored.attributes if stored is not None else {},
        values=tuple(values),
        regular=_regular(values),
    )


def _regular(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the first value and the increment of evenly spaced values; None where they are not."""
    if len(values) < _PLACES:
        return None
    given = np.asarray(values, dtype=np.float64)
    increment = (given[-1] - given[0]) / (given.size - 1)
    even = given[0] + increment * np.arange(given.size)
    if not np.isfinite(increment) or increment == 0 or np.abs(even - given).max() > _REGULAR * abs(increment):
        return None
    return float(given[0]), float(increment)


def _around(one: Extent, other: Extent) -> Extent:
    return Extent(
        west=min(one.west, other.west),
        south=min(one.south, other.south),
        east=max(one.east, other.east),
        north=max(one.north, other.north),
    )
