"""A dataset opened for use: one version of it, ready to be drawn and asked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.dataset import CurvilinearGrid, Dataset, MeshGrid, Variable
from core.grids.adapters import Separated, grid_of
from core.grids.base import Grid
from core.interpolation import Interpolation, can_mix
from core.layer import Layer, layers_of
from core.numbers import shown
from core.problem import Problem
from core.vector_layers import is_vector, part_of, vector_layers
from gateway.config.dataset import DatasetConfig
from gateway.http.conditional import SOFTWARE, entity_tag
from gateway.ranges import Ranges
from gateway.sampling import Sampler, Shared
from renderers.defaults import Look, category_look, default_scale, look_for
from renderers.palettes import palette_names
from renderers.scale import Scale
from stores.base import ChunkReader

_UNKNOWN_RANGE: Final = (0.0, 1.0)
"""For a field without any valid value."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenDataset:
    """One version of one dataset with what is needed to answer for it."""

    dataset: Dataset
    config: DatasetConfig
    grids: Mapping[str, Grid]
    sampler: Sampler
    scales: Mapping[str, Scale]
    """By field: its colours when nobody asks for others."""
    ranges: Ranges
    """Found by reading, of all datasets of the process."""
    offered: Mapping[str, Layer]
    """By what requests call the variable, in the order of the file: the fields that at least one step has."""
    worked_out: Mapping[str, Layer]
    """Likewise what is shown of vectors, and in no file: maps and values at places have it, copies do not."""
    revision: str
    """Names all that pictures of it depend on beside the request: version, configuration, software. Letters, digits."""

    @property
    def title(self) -> str:
        """What the provider calls it: the configuration overrides the file."""
        return self.config.title or self.dataset.title

    def layers(self) -> tuple[Layer, ...]:
        """Return all layers that are fields, in the order of the file."""
        return tuple(self.offered.values())

    def shown(self) -> tuple[Layer, ...]:
        """Return all layers that maps can show: the fields, then what is worked out from them."""
        return (*self.offered.values(), *self.worked_out.values())

    def layer(self, variable: str) -> Layer:
        """Return one layer.

        Raises:
            Problem: `unknown_layer`.

        """
        found = self.offered.get(variable) or self.worked_out.get(variable)
        if found is None:
            name = shown(f"{self.dataset.id}/{variable}")
            raise Problem("unknown_layer", f"there is no layer {name}", parameter="LAYERS")
        return found

    def told(self, layer: Layer) -> tuple[Layer, ...]:
        """Return the layers of which the values at a place are told: of a vector also direction and components."""
        if not is_vector(layer):
            return (layer,)
        return layer, self.worked_out[layer.called.removesuffix("group") + "dir"], *layer.components

    def grid(self, layer: Layer) -> tuple[str, Grid]:
        """Return the grid of a layer and its id."""
        grid_id = layer.variable.grid or ""
        return grid_id, self.grids[grid_id]

    def scale(self, layer: Layer) -> Scale:
        """Return the colours of a layer when the client asks for none."""
        return self.scales[layer.variable.name]

    def look(self, layer: Layer) -> Look:
        """Return how the kind of quantity of a layer is shown."""
        return _look_of(layer)

    def interpolation(self, layer: Layer, asked: Interpolation | None) -> Interpolation:
        """Return how a layer is drawn when a client asks so; None where it does not.

        Only what lies on two axes is interpolated, and neither codes nor angles ever are.
        """
        config = self.config.variables.get(layer.variable.name)
        wanted = asked or (config.interpolation if config else "nearest")
        _, grid = self.grid(layer)
        return wanted if not layer.components and can_mix(layer.variable) and isinstance(grid, Separated) else "nearest"


def opened(dataset: Dataset, reader: ChunkReader, config: DatasetConfig, shared: Shared) -> OpenDataset:
    """Make a version ready for use."""
    offered = layers_of(dataset, config.leeway)
    worked_out = vector_layers(dataset, offered)
    every = [*offered.values(), *worked_out.values()]
    return OpenDataset(
        dataset=dataset,
        config=config,
        grids={name: grid_of(grid) for name, grid in dataset.description.grids.items()},
        sampler=Sampler(
            dataset=dataset.id,
            reader=reader,
            cache=shared.cache,
            workers=shared.workers,
            cells=shared.cells,
            geometry=_digests(dataset),
            searches=_searches(dataset),
            most_cells=shared.most_cells if config.plain else None,
        ),
        scales={layer.variable.name: _scale(layer, config) for layer in every},
        ranges=shared.ranges,
        offered=offered,
        worked_out=worked_out,
        revision=entity_tag(SOFTWARE, dataset.id, dataset.version, config).strip('"'),
    )


def prepare() -> None:
    """Load what the first dataset that is opened would have to wait for: palettes, and what numpy's median imports."""
    palette_names()
    np.median(np.zeros(2))


def _digests(dataset: Dataset) -> dict[str, int]:
    grids = dataset.description.grids
    return {
        name: int(grid.digest or "0", 16)
        for name, grid in grids.items()
        if isinstance(grid, CurvilinearGrid | MeshGrid)
    }


def _searches(dataset: Dataset) -> dict[str, str]:
    grids = dataset.description.grids
    return {name: grid.search for name, grid in grids.items() if isinstance(grid, MeshGrid) and grid.search}


def _scale(layer: Layer, config: DatasetConfig) -> Scale:
    low, high = _usual(layer) or _UNKNOWN_RANGE
    scale = default_scale(_look_of(layer), low, high)
    asked = config.variables.get(layer.variable.name)
    if asked is None and is_vector(layer):
        # Its colours are those of its length.
        asked = config.variables.get(layer.variable.name.removesuffix("group") + "mag")
    return scale if asked is None else asked.applied_to(scale)


def _usual(layer: Layer) -> tuple[float, float] | None:
    """Return the range in which most values lie; for the length of a vector, about."""
    found = [layer.dataset.statistics.get(part.variable.name) for part in layer.components or (layer,)]
    known = [(one.low, one.high) for one in found if one is not None]
    if not layer.components or not known:
        return known[0] if known else None
    return 0.0, math.hypot(*(max(map(abs, ends)) for ends in known))


def _look_of(layer: Layer) -> Look:
    if layer.components:
        kind = "direction" if part_of(layer) == "dir" else "speed"
        return look_for(None, kind, layer.variable.units)
    return _look(layer.variable)


def _look(variable: Variable) -> Look:
    codes = variable.attributes.get("flag_values")
    # Where bits are masked, several flags hold at once, and a value is no category.
    if codes is not None and "flag_masks" not in variable.attributes:
        found = category_look(codes.numbers.tolist())
        if found is not None:
            return found
    return look_for(variable.standard_name, variable.name, variable.units, variable.title)
