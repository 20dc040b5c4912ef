"""Reads what is worked out from the components of a vector: its length, and where it points to.

Both components come through the same sampler and cache as everything else, and are unpacked to double precision.
"""

import asyncio
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Picked, Scattered, Separable
from core.chunking import coarse
from core.dataset import GridDescription, ProjectedGrid, RectilinearGrid
from core.layer import Layer, Selection
from core.vector_layers import part_of
from core.vectors import along_axis, bearing, magnitude, turned
from gateway.levels import pick_at_height
from gateway.opened import OpenDataset
from gateway.sampling import Sampler, base_window, overview_window

Floats = NDArray[np.float64]

_ON_THE_LOOP: Final = 4096
"""Pixels whose direction is worked out in about a millisecond."""
_AROUND: Final = ((0, 0), (0, -1), (0, 1), (-1, 0), (1, 0))
"""Rows and columns from a cell: itself, and its neighbours along rows and columns."""


async def pick_vector(
    source: OpenDataset, layer: Layer, selection: Selection, cells: Cells, factor: int = 1
) -> Picked | None:
    """Return what a layer of a vector holds in `cells` of the overview of `factor`, 1 for the copy.

    Values are float64, NaN where either component is missing. None where nothing was written of one of them.

    Raises:
        OSError: a chunk cannot be read.
        VersionGoneError: the snapshot was collected.
        Problem: `too_large`.

    """
    vector, sampler = layer.vector, source.sampler
    if vector is None:
        return None
    wanted = zip(layer.components, selection.components, vector.offsets, strict=True)
    read = await asyncio.gather(
        *(_component(sampler, part, chosen, (cells, factor, offset)) for part, chosen, offset in wanted)
    )
    u, v = read
    if u is None or v is None:
        return None
    if part_of(layer) == "mag":
        return Picked(values=magnitude(u, v), absent=None)
    if vector.along == "grid" and not isinstance(source.dataset.description.grids[vector.grid], RectilinearGrid):
        axes = await _axes(source, vector.grid, cells, factor)
        u, v = turned(u, v, axes)
    return Picked(values=bearing(u, v), absent=None)


async def _component(
    sampler: Sampler, layer: Layer, selection: Selection, where: tuple[Cells, int, tuple[float, float]]
) -> Floats | None:
    """Return a component in cells of the vector's grid, shape (h, w); at points between cells the mean of those around.

    None where nothing was written.
    """
    cells, factor, offset = where
    shape = (layer.variable.shape[-2], layer.variable.shape[-1])
    # Half a cell is little in an overview, where a pixel spans at least one of its cells.
    around = _beside(cells, coarse(shape, factor), offset if factor == 1 else (0.0, 0.0))
    read = [await _pick(sampler, layer, selection, (some, factor)) for some in around]
    there = [_unpacked(picked, selection) for picked in read if picked is not None]
    return sum(there[1:], there[0]) / len(there) if len(there) == len(around) else None


async def _pick(sampler: Sampler, layer: Layer, selection: Selection, where: tuple[Cells, int]) -> Picked | None:
    (cells, factor), name = where, layer.variable.name
    if selection.sought is not None:
        picked, _ = await pick_at_height(sampler, layer, selection, cells, factor)
        return picked
    shape = (layer.variable.shape[-2], layer.variable.shape[-1])
    plain = factor == 1
    window = base_window(name, shape, selection) if plain else overview_window(name, shape, selection, factor)
    return await sampler.pick(window, cells)


def _unpacked(picked: Picked, selection: Selection) -> Floats:
    values = selection.packing.scaled(picked.values).astype(np.float64)
    gone = selection.packing.is_missing(picked.values)
    return np.where(gone if picked.absent is None else gone | picked.absent, np.nan, values)


def _beside(cells: Cells, shape: tuple[int, int], offset: tuple[float, float]) -> list[Cells]:
    """Return the cells of a component, of `shape`, around each cell of the vector's grid: one, two or four."""
    if not isinstance(cells, Scattered | Separable):
        return [cells]
    found: list[Cells] = []
    for down in _steps(offset[0]):
        for across in _steps(offset[1]):
            rows, columns = _moved(cells.rows, down, shape[0]), _moved(cells.columns, across, shape[1])
            if isinstance(cells, Separable):
                found.append(Separable(rows=rows, columns=columns))
            else:
                nowhere = (rows < 0) | (columns < 0)
                found.append(Scattered(rows=np.where(nowhere, -1, rows), columns=np.where(nowhere, -1, columns)))
    return found


def _steps(offset: float) -> tuple[int, ...]:
    """Return how far the points on either side of a cell are from the one of its index."""
    if offset == 0.0:
        return (0,)
    return (-1, 0) if offset > 0.0 else (0, 1)


def _moved(indices: Indices, by: int, length: int) -> Indices:
    there = (indices >= 0) & (indices + by >= 0) & (indices + by < length)
    return np.where(there, indices + by, -1)


async def _axes(source: OpenDataset, grid_id: str, cells: Cells, factor: int) -> tuple[Floats, Floats]:
    """Return the directions of increasing x and of increasing y in cells, each (east, north), shape (2, h, w)."""
    grid, sampler = source.grids[grid_id], source.sampler
    rows, columns = _indices(cells, grid.shape, factor)
    places = []
    for down, across in _AROUND:
        beside = _beside_all(rows, columns, (down, across), grid.shape)
        found = await sampler.places(grid_id, grid, beside)
        places.append((found.longitude, found.latitude))
    here, west, east, low, high = places
    long = rows.size > _ON_THE_LOOP
    along_rows = await sampler.workers.do(along_axis, west, here, east, long=long)
    along_columns = await sampler.workers.do(along_axis, low, here, high, long=long)
    x, y = _signs(source.dataset.description.grids[grid_id])
    return along_rows * x, along_columns * y


def _indices(cells: Cells, shape: tuple[int, int], factor: int) -> tuple[Indices, Indices]:
    """Return row and column of a cell of the copy for each pixel, of those in the middle of a cell of the overview."""
    rows, columns = cells.rows, cells.columns
    if isinstance(cells, Separable):
        rows, columns = np.broadcast_to(rows[:, None], cells.shape), np.broadcast_to(columns[None, :], cells.shape)
    middles = (
        np.minimum(some * factor + factor // 2, size - 1) for some, size in zip((rows, columns), shape, strict=True)
    )
    down, across = (np.where((rows < 0) | (columns < 0), -1, middle) for middle in middles)
    return down, across


def _beside_all(rows: Indices, columns: Indices, by: tuple[int, int], shape: tuple[int, int]) -> Scattered:
    """Return cells so many rows and columns further; -1 beyond the grid."""
    down, across = _moved(rows, by[0], shape[0]), _moved(columns, by[1], shape[1])
    nowhere = (down < 0) | (across < 0)
    return Scattered(rows=np.where(nowhere, -1, down), columns=np.where(nowhere, -1, across))


def _signs(grid: GridDescription) -> tuple[int, int]:
    """Return whether x increases from column to column, and y from row to row: 1, or -1 where they fall."""
    if not isinstance(grid, ProjectedGrid):
        return 1, 1
    return tuple(-1 if len(axis) > 1 and axis[1] < axis[0] else 1 for axis in (grid.xs, grid.ys))  # type: ignore[return-value]  # two
