"""Answers about a place: the exact value of the cell that contains it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.layer import Layer, Selection
from core.view import View
from gateway.opened import OpenDataset
from gateway.sampling import base_window


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceValue:
    """What a field holds at a place."""

    value: float | None
    """In the variable's own units and type; None where it is missing or there is no cell."""
    longitude: float | None
    """Degrees east of the cell's centre, -180 to 180; None where there is no cell."""
    latitude: float | None
    """Degrees north of the cell's centre; None where there is no cell."""


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
    picked = await source.sampler.pick(base_window(layer.variable.name, grid.shape, selection), cells)
    if picked is None or picked.absent is not None:
        return PlaceValue(value=None, longitude=longitude, latitude=latitude)
    code = picked.values[0, 0]
    missing = bool(selection.packing.is_missing(picked.values)[0, 0])
    value = None if missing else exact(selection.packing.scaled(code))
    return PlaceValue(value=value, longitude=longitude, latitude=latitude)


def exact(value: np.generic | Any) -> float | None:
    """Return a number as Python writes it back shortest in its own type: float32 0.1 is 0.1; None where not finite."""
    if np.issubdtype(value.dtype, np.integer):
        return int(value)
    if not np.isfinite(value):
        return None
    return float(str(value)) if value.dtype == np.float32 else float(value)
