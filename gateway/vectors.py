"""Reads what is worked out from the components of a vector: its length, and where it points to.

Both components come through the same sampler and cache as everything else, and are unpacked to double precision.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Picked, Scattered, Separable
from core.chunking import coarse
from core.dataset import GridDescription, ProjectedGrid, RectilinearGrid
from core.layer import Layer, Selection
from core.polar import Polar
from core.vector_layers import part_of
from core.vectors import along_axis, bearing, magnitude, turned
from gateway.levels import pick_at_height
from gateway.opened import OpenDataset
from gateway.sampling import Sampler, base_window, overview_window

Floats = NDArray[np.float64]
Components = tuple[Floats, Floats]
"""Of vectors, in double precision, shape (h, w) each; NaN where there is none."""

_ON_THE_LOOP: Final = 4096
"""Pixels whose direction is worked out in about a millisecond."""
_AT_ONCE: Final = 1 << 16
"""Pixels that are worked out in one go."""
_DOWN: Final = np.array([[0], [0], [0], [-1], [1]])
_ACROSS: Final = np.array([[0], [-1], [1], [0], [0]])
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
    # Pixel by pixel, some hundred bytes are worked on for each: band by band, memory stays bounded.
    bands = list(_bands(cells))
    found = [await _of_band(source, layer, selection, (band, factor)) for band in bands]
    if all(values is None for values in found):
        return None
    whole = [
        np.full(band.shape, np.nan) if values is None else values for band, values in zip(bands, found, strict=True)
    ]
    values = whole[0] if len(whole) == 1 else await source.sampler.workers.run(np.concatenate, whole)
    return Picked(values=values, absent=None)


def _bands(cells: Cells) -> Iterator[Cells]:
    """Yield cells some rows of pixels at a time."""
    if isinstance(cells, Polar):
        yield cells
        return
    height = max(1, _AT_ONCE // max(1, cells.shape[1]))
    for first in range(0, cells.shape[0], height):
        band = slice(first, first + height)
        columns = cells.columns if isinstance(cells, Separable) else cells.columns[band]
        yield replace(cells, rows=cells.rows[band], columns=columns)


async def _of_band(source: OpenDataset, layer: Layer, selection: Selection, where: tuple[Cells, int]) -> Floats | None:
    read = await _components(source.sampler, layer, selection, where)
    if read is None:
        return None
    if part_of(layer) == "dir":
        return await source.sampler.workers.do(
            bearing, *(await _turned(source, layer, where, read)), long=_long(where[0])
        )
    return await source.sampler.workers.do(magnitude, *read, long=_long(where[0]))


async def pick_components(
    source: OpenDataset, layer: Layer, selection: Selection, cells: Cells, factor: int
) -> Components | None:
    """Return the parts eastward and northward of a vector in `cells` of the overview of `factor`, 1 for the copy.

    None where nothing was written of one of them; NaN where either component is missing.

    Raises:
        OSError: a chunk cannot be read.
        VersionGoneError: the snapshot was collected.
        Problem: `too_large`.

    """
    read = await _components(source.sampler, layer, selection, (cells, factor))
    return None if read is None else await _turned(source, layer, (cells, factor), read)


async def _components(
    sampler: Sampler, layer: Layer, selection: Selection, where: tuple[Cells, int]
) -> Components | None:
    """Return the components as they run in the source."""
    vector, (cells, factor) = layer.vector, where
    if vector is None:
        return None
    wanted = zip(layer.components, selection.components, vector.offsets, strict=True)
    read = await asyncio.gather(
        *(_component(sampler, part, chosen, (cells, factor, offset)) for part, chosen, offset in wanted)
    )
    u, v = read
    return None if u is None or v is None else (u, v)


async def turned_at(source: OpenDataset, layer: Layer, cells: Cells, factor: int) -> Components | None:
    """Return longitude and latitude where components are turned to east and north: their cells' centres, shape (h, w).

    None where they run along the Earth in the first place.

    Raises:
        OSError: a chunk cannot be read.
        VersionGoneError: the snapshot was collected.

    """
    grid_id, grid = source.grid(layer)
    if not _turns(source, layer):
        return None
    rows, columns = await source.sampler.workers.do(_indices, cells, grid.shape, factor, long=_long(cells))
    found = await source.sampler.places(grid_id, grid, Scattered(rows=rows, columns=columns))
    return found.longitude, found.latitude


def _turns(source: OpenDataset, layer: Layer) -> bool:
    """Tell whether the components of a vector run along the axes of a grid that are not those of the Earth."""
    vector = layer.vector
    if vector is None or vector.along == "earth":
        return False
    return not isinstance(source.dataset.description.grids[vector.grid], RectilinearGrid)


async def _turned(source: OpenDataset, layer: Layer, where: tuple[Cells, int], components: Components) -> Components:
    """Turn components that run along the axes of their cells to east and north."""
    vector, (cells, factor) = layer.vector, where
    if vector is None or not _turns(source, layer):
        return components
    axes = await _axes(source, vector.grid, cells, factor)
    return await source.sampler.workers.do(_along_axes, components, axes, long=_long(cells))


def _long(cells: Cells) -> bool:
    return cells.shape[0] * cells.shape[1] > _ON_THE_LOOP


def _along_axes(components: Components, axes: "_Axes") -> Components:
    """Return the parts eastward and northward of vectors whose components run along the axes of their cells."""
    u, v = components
    x, y = (axis[:, 0, axes.cell] for axis in (axes.x, axes.y))
    return turned(u, v, (x, y))


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
    there = [picked for picked in read if picked is not None]
    if len(there) < len(around):
        return None
    return await sampler.workers.do(_mean, there, selection, long=_long(cells))


async def _pick(sampler: Sampler, layer: Layer, selection: Selection, where: tuple[Cells, int]) -> Picked | None:
    (cells, factor), name = where, layer.variable.name
    if selection.sought is not None:
        return await pick_at_height(sampler, layer, selection, cells, factor)
    shape = (layer.variable.shape[-2], layer.variable.shape[-1])
    plain = factor == 1
    window = base_window(name, shape, selection) if plain else overview_window(name, shape, selection, factor)
    return await sampler.pick(window, cells)


def _mean(read: Sequence[Picked], selection: Selection) -> Floats:
    """Return the mean, NaN where one of them is missing."""
    first, *others = (_unpacked(picked, selection) for picked in read)
    return sum(others, first) / len(read)


def _unpacked(picked: Picked, selection: Selection) -> Floats:
    values = selection.packing.scaled(picked.values).astype(np.float64)
    gone = selection.packing.is_missing(picked.values)
    return np.where(gone if picked.absent is None else gone | picked.absent, np.nan, values)


def _beside(cells: Cells, shape: tuple[int, int], offset: tuple[float, float]) -> list[Cells]:
    """Return the cells of a component, of `shape`, around each cell of the vector's grid: one, two or four."""
    if isinstance(cells, Polar):
        if offset == (0.0, 0.0):
            return [cells]
        cells = Scattered(rows=cells.rows, columns=cells.columns)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Axes:
    """Which way the axes of a grid run in the cells of a picture."""

    x: Floats
    """Of increasing x, as unit vectors (east, north), shape (2, 1, cells)."""
    y: Floats
    """Of increasing y, likewise."""
    cell: Indices
    """Which of the cells each pixel shows, shape (h, w)."""


async def _axes(source: OpenDataset, grid_id: str, cells: Cells, factor: int) -> _Axes:
    """Find the directions of the axes, once for each cell however many pixels show it."""
    grid, sampler = source.grids[grid_id], source.sampler
    rows, columns, cell = await sampler.workers.do(_distinct, cells, grid.shape, factor, long=_long(cells))
    long = rows.size > _ON_THE_LOOP
    around = await sampler.workers.do(_all_around, rows, columns, grid.shape, long=long)
    found = await sampler.places(grid_id, grid, around)
    here, west, east, low, high = (
        (found.longitude[part : part + 1], found.latitude[part : part + 1]) for part in range(len(_DOWN))
    )
    along_rows = await sampler.workers.do(along_axis, west, here, east, long=long)
    along_columns = await sampler.workers.do(along_axis, low, here, high, long=long)
    x, y = _signs(source.dataset.description.grids[grid_id])
    return _Axes(x=along_rows * x, y=along_columns * y, cell=cell)


def _distinct(cells: Cells, shape: tuple[int, int], factor: int) -> tuple[Indices, Indices, Indices]:
    """Return row and column of each cell that is shown, shape (1, n), -1 for none, and which of them a pixel shows."""
    rows, columns = _indices(cells, shape, factor)
    codes, cell = np.unique(np.where(rows < 0, -1, rows * shape[1] + columns), return_inverse=True)
    down, across = (np.where(codes < 0, -1, some)[None] for some in np.divmod(codes, shape[1]))
    return down, across, cell.reshape(rows.shape)


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


def _all_around(rows: Indices, columns: Indices, shape: tuple[int, int]) -> Scattered:
    """Return cells and the four beside each, shape (5, n), of those in (1, n); -1 beyond the grid."""
    down, across = rows + _DOWN, columns + _ACROSS
    inside = (rows >= 0) & (down >= 0) & (down < shape[0]) & (across >= 0) & (across < shape[1])
    return Scattered(rows=np.where(inside, down, -1), columns=np.where(inside, across, -1))


def _signs(grid: GridDescription) -> tuple[int, int]:
    """Return whether x increases from column to column, and y from row to row: 1, or -1 where they fall."""
    if not isinstance(grid, ProjectedGrid):
        return 1, 1
    return tuple(-1 if len(axis) > 1 and axis[1] < axis[0] else 1 for axis in (grid.xs, grid.ys))  # type: ignore[return-value]  # two
