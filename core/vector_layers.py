"""Layers that are worked out from the two components of a vector: itself, its length, and where it points to.

They are named as ncWMS names them: `uo:vo-group`, `uo:vo-mag` and `uo:vo-dir`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from core.attributes import Attribute, Attributes
from core.dataset import Dataset, Variable
from core.layer import Layer
from core.steps import StepTable
from core.vectors import Vector, can_point, vectors_of

Part = Literal["group", "mag", "dir"]
"""Of the vector itself the value is its length."""

_ALL: Final[tuple[Part, ...]] = ("group", "mag", "dir")
_STANDARD_NAMES: Final[Mapping[tuple[str, Part], str]] = {
    ("sea_water_velocity", "mag"): "sea_water_speed",
    ("sea_water_velocity", "dir"): "sea_water_velocity_to_direction",
    ("wind", "mag"): "wind_speed",
    ("wind", "dir"): "wind_to_direction",
    ("sea_ice_velocity", "mag"): "sea_ice_speed",
}
"""Of the CF standard name table, by the kind of vector."""


def vector_layers(dataset: Dataset, layers: Mapping[str, Layer]) -> dict[str, Layer]:
    """Return the layers of the vectors of a dataset, by what requests call them.

    `layers` are those of its fields, likewise. There is none for a vector whose components are never there together.
    """
    by_field = {layer.variable.name: layer for layer in layers.values()}
    found = {}
    for vector in vectors_of(dataset.description):
        components = [by_field[name] for name in (vector.u, vector.v) if name in by_field]
        if len(components) == 2:
            u, v = components
            steps = _together(u.steps, v.steps)
            for part in _parts(dataset, vector) if len(steps) else ():
                called = f"{u.called}:{v.called}-{part}"
                if called not in layers:
                    found[called] = replace(
                        u,
                        variable=_variable(dataset, vector, (u.variable, v.variable), part),
                        steps=steps,
                        called=called,
                        vector=vector,
                        components=(replace(u, steps=steps), replace(v, steps=steps)),
                    )
    return found


def part_of(layer: Layer) -> Part:
    """Return what of its vector a layer shows."""
    return next(part for part in _ALL if layer.called.endswith(f"-{part}"))


def is_vector(layer: Layer) -> bool:
    """Tell whether a layer is a vector itself, of which arrows can be drawn."""
    return bool(layer.components) and part_of(layer) == "group"


def _parts(dataset: Dataset, vector: Vector) -> tuple[Part, ...]:
    return _ALL if can_point(dataset.description, vector) else ("mag",)


def _together(one: StepTable, other: StepTable) -> StepTable:
    """Return the steps that are in both tables."""
    kept = np.isin(one.times, other.times)
    return one if kept.all() else StepTable(calendar=one.calendar, rows=one.rows[kept])


def _variable(dataset: Dataset, vector: Vector, components: tuple[Variable, Variable], part: Part) -> Variable:
    """Return what is said of a layer as of a variable: that no file holds, on the grid of the vector."""
    u, v = components
    grid = next(field for field in dataset.description.fields if field.grid == vector.grid)
    shape = (*u.shape[:-2], *grid.shape[-2:])
    return replace(
        u,
        name=f"{u.name}:{v.name}-{part}",
        dtype="f8",
        dimensions=(*u.dimensions[:-2], *dataset.description.grid_dimensions(vector.grid)),
        shape=shape,
        attributes=_attributes(vector, components, part),
        grid=vector.grid,
        overviews=tuple(factor for factor in u.overviews if factor in v.overviews),
        series=(),
    )


def _attributes(vector: Vector, components: tuple[Variable, Variable], part: Part) -> Attributes:
    u, v = components
    of = vector.kind.replace("_", " ") or f"{u.title} and {v.title}"
    titles: Mapping[Part, str] = {"group": of, "mag": f"magnitude of {of}", "dir": f"direction of {of}, towards"}
    said = {
        "long_name": titles[part],
        "units": "degree" if part == "dir" else u.units,
        "standard_name": _STANDARD_NAMES.get((vector.kind, "dir" if part == "dir" else "mag"), ""),
    }
    return {
        name: Attribute(type="char", data=text.encode("utf-8", "surrogateescape"))
        for name, text in said.items()
        if text
    }
