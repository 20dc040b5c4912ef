"""Answers about a place: the exact value of the cell that contains it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cells import Cells, Picked
from core.layer import Layer, Selection
from core.packing import Packing
from core.vertical.column import NOWHERE
from core.view import View
from gateway.levels import level_of, pick_at_height, read_place
from gateway.opened import OpenDataset
from gateway.sampling import base_window
from gateway.vectors import pick_vector


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceValue:
    """What a field holds at a place."""

    value: float | None
    """In the variable's own units and type; None where it is missing or there is no cell."""
    longitude: float | None
    """Degrees east of the cell's centre, -180 to 180; None where there is no cell."""
    latitude: float | None
    """Degrees north of the cell's centre; None where there is no cell."""
    level: int | None = None
    """Number of the level that the value is from, where levels follow the surface and the bottom; None elsewhere."""
    height: float | None = None
    """Of that level here, metres above the datum; None where it is not known."""


async def value_at(source: OpenDataset, layer: Layer, selection: Selection, pixel: View) -> PlaceValue:
    """Return the value of the cell that contains the centre of `pixel`, a view of one pixel.

    Always from the faithful copy, never from an overview.

    Raises:
        OSError: the chunk cannot be read.

    """
    grid_id, grid = source.grid(layer)
    cells = await source.sampler.locate(grid_id, grid, pixel)
    places = await source.sampler.places(grid_id, grid, cells)
    longitude, latitude = float(places.longitude[0, 0]), float(places.latitude[0, 0])
    if np.isnan(longitude):
        return PlaceValue(value=None, longitude=None, latitude=None)
    if layer.components:
        picked = await pick_vector(source, layer, selection, cells)
        value = None if picked is None else exact(picked.values[0, 0])
        return PlaceValue(value=value, longitude=longitude, latitude=latitude)
    level, height = await _level(source, layer, selection, cells)
    if level == NOWHERE:
        return PlaceValue(value=None, longitude=longitude, latitude=latitude)
    if selection.sought is not None:
        picked = await pick_at_height(source.sampler, layer, selection, cells)
    else:
        picked = await source.sampler.pick(base_window(layer.variable.name, grid.shape, selection), cells)
    there = picked is not None and picked.absent is None
    value = _value(picked, selection.packing) if picked is not None and there else None
    return PlaceValue(value=value, longitude=longitude, latitude=latitude, level=level, height=height)


async def _level(
    source: OpenDataset, layer: Layer, selection: Selection, cells: Cells
) -> tuple[int | None, float | None]:
    """Return the level that is shown at a place and its height; `NOWHERE` where none holds the height that is sought.

    Both None for a layer whose levels do not follow the surface and the bottom.
    """
    if layer.heights is None:
        return None, None
    column, level = layer.heights.levels.column, level_of(layer, selection)
    place = await read_place(source.sampler, selection.terms, cells)
    if place is None:
        return (level if selection.sought is None else NOWHERE), None
    if selection.sought is not None:
        level = int(column.holding(selection.sought, place.eta, place.depth)[0, 0])
    if level == NOWHERE:
        return NOWHERE, None
    height = column.height(level, float(place.eta[0, 0]), float(place.depth[0, 0]))
    return level, height if np.isfinite(height) else None


def _value(picked: Picked, packing: Packing) -> float | None:
    missing = bool(packing.is_missing(picked.values)[0, 0])
    return None if missing else exact(packing.scaled(picked.values[0, 0]))


def exact(value: np.generic | Any) -> float | None:
    """Return a number as Python writes it back shortest in its own type: float32 0.1 is 0.1; None where not finite."""
    if np.issubdtype(value.dtype, np.integer):
        return int(value)
    if not np.isfinite(value):
        return None
    return float(str(value)) if value.dtype == np.float32 else float(value)
