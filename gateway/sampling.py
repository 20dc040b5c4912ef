"""Reads what a picture or an answer shows: the only bridge between index arithmetic and stored chunks."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Chunk, Picked, Scattered, Separable, chunks_of, pick
from core.chunking import coarse, sides
from core.grids.base import Grid, Locating, Places, Placing, Wanted
from core.grids.faces import SEARCH
from core.grids.projected import Projected
from core.grids.rectilinear import Rectilinear
from core.layer import Selection
from core.polar import Polar
from core.polar_blocks import Mosaic, mosaic_of
from core.problem import Problem
from core.view import View
from gateway.cell_cache import CellCache, ViewKey
from gateway.ranges import Ranges
from gateway.workers import Workers
from stores.base import ChunkReader
from stores.cache import CacheKey, ChunkCache

Floats = NDArray[np.float64]

_ON_THE_LOOP: Final = 4096
"""Pixels that are searched one by one in about a millisecond."""
_EDGES_ON_THE_LOOP: Final = 1 << 14
"""Pixels whose edges or the like are picked in about a millisecond."""
_GIVING_WAY: Final = 0.002
"""Seconds of a search after which others have their turn: between answers from the cache it waits for nothing."""
_PICKED_ON_THE_LOOP: Final = 256 * 256
"""Pixels whose values are picked one by one in half a millisecond: handing that over costs as much."""
_WORKED_ON_THE_LOOP: Final = 1 << 17
"""Numbers about places that are worked on in about a millisecond."""
_AT_ONCE: Final = 1 << 18
"""Pixels that are looked up one by one in one go."""
_ROWS_ON_THE_LOOP: Final = 512 * 512
"""Pixels that are taken row by row in about a millisecond."""
_BLOCKS_ON_THE_LOOP: Final = 1 << 20
"""Pixels round a pole, of which one in 256 tells in about a millisecond which chunks they lie in."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shared:
    """What all datasets of a process share."""

    cache: ChunkCache
    ranges: Ranges
    cells: CellCache
    workers: Workers
    """Where what takes longer than about 2 ms runs."""
    most_cells: int
    """That may be read for one layer of a picture where there are no overviews."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of a map-shaped array."""

    array: str
    """Path in the store."""
    shape: tuple[int, int]
    """Rows and columns of the whole array."""
    revision: int
    """Of the content."""
    before: tuple[int, ...] = ()
    """Index of the chunk in the dimensions before row and column."""
    after: int = 0
    """Number of dimensions behind row and column; each is one chunk."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampler:
    """Reads cells of one version of one dataset through the cache that all datasets share."""

    dataset: str
    """Id, for the cache's keys."""
    reader: ChunkReader
    cache: ChunkCache
    workers: Workers
    """Where what takes longer than about 2 ms runs."""
    geometry: Mapping[str, int]
    """By grid: names the content of its geometry, for the cache's keys; none for a grid that needs no arrays."""
    searches: Mapping[str, str] = field(default_factory=dict)
    """By grid: the one on the same mesh that has the arrays which find its faces, where that is another."""
    cells: CellCache = field(default_factory=lambda: CellCache(0))
    """Where the pixels of searched grids lie; nothing is kept of grids whose content has no name."""
    most_cells: int | None = None
    """That may be read for one layer of a picture where there are no overviews to keep them few; None: any number."""

    async def pick(self, window: Window, cells: Cells) -> Picked | None:
        """Return the stored values of `cells`; None where nothing was written or no pixel has a cell.

        Raises:
            OSError: a chunk cannot be read.
            VersionGoneError: the snapshot was collected.
            Problem: `too_large`: more than `most_cells` would be read.

        """
        size = sides(window.shape)
        height, width = cells.shape
        each = _EDGES_ON_THE_LOOP if window.after else _PICKED_ON_THE_LOOP
        long = height * width > (each if isinstance(cells, Scattered) else _ROWS_ON_THE_LOOP)
        places = await self.workers.do(chunks_of, cells, size, long=long)
        chunks = await self.chunks(window, places)
        return await self.workers.do(pick, cells, size, chunks, long=long)

    async def mosaic(self, window: Window, cells: Polar) -> Mosaic | None:
        """Return the stored values where the `lines` of cells round a pole cross, likewise, not yet put together."""
        size = sides(window.shape)
        height, width = cells.shape
        places = await self.workers.do(chunks_of, cells, size, long=height * width > _BLOCKS_ON_THE_LOOP)
        # This hangs on rows and columns alone, and hardly copies anything.
        return mosaic_of(cells, size, await self.chunks(window, places))

    async def chunks(self, window: Window, places: Sequence[Chunk]) -> dict[Chunk, NDArray[Any] | None]:
        """Return chunks of one part of an array, map-shaped; None where one was never written.

        Raises:
            OSError: a chunk cannot be read.
            VersionGoneError: the snapshot was collected.
            Problem: `too_large`: more than `most_cells` would be read.

        """
        return (await self.chunks_of_all([(window, places)]))[0]

    async def chunks_of_all(
        self, wanted: Sequence[tuple[Window, Sequence[Chunk]]]
    ) -> list[dict[Chunk, NDArray[Any] | None]]:
        """Return for each window what `chunks` does: those that are not in the cache are read at once."""
        found: list[dict[Chunk, NDArray[Any] | None]] = []
        absent: list[tuple[int, Chunk, CacheKey]] = []
        for at, (window, places) in enumerate(wanted):
            self._check_size(window, len(places))
            chunks: dict[Chunk, NDArray[Any] | None] = {}
            for place in places:
                key = self._key(window, place)
                chunk = self.cache.held(key)
                if chunk is None:
                    absent.append((at, place, key))
                else:
                    chunks[place] = _map_shaped(chunk, window)
            found.append(chunks)
        if absent:
            read = await self.cache.read_all(self.reader, [key for _, _, key in absent])
            for (at, place, _), chunk in zip(absent, read, strict=True):
                found[at][place] = None if chunk is None else _map_shaped(chunk, wanted[at][0])
        return found

    def _check_size(self, window: Window, chunks: int) -> None:
        size = sides(window.shape)
        if self.most_cells is not None and chunks * size[0] * size[1] > self.most_cells:
            message = f"the map is too large for a dataset without overviews, of which {self.most_cells} cells are read"
            raise Problem("too_large", f"{message}: ask for a smaller area", parameter="BBOX")

    async def locate(self, grid_id: str, grid: Grid, view: View) -> Cells:
        """Find the cell under each pixel, reading the grid's geometry as it asks for it."""
        # One axis at a time is quick, and so are tables of distances and directions; pixel by pixel takes from 3 ms on.
        if isinstance(grid, Rectilinear | Projected) and grid.by_tables(view):
            return await self._located(grid_id, grid, view, long=False)
        geometry = self.geometry.get(grid_id, 0)
        if not geometry:
            return await self._searched(grid_id, grid, view)
        key = ViewKey(geometry=geometry, shape=grid.shape, view=view)
        found = self.cells.held(key)
        if found is None:
            self.cells.keep(key, cells := await self._searched(grid_id, grid, view))
            return cells
        return found

    async def locate_places(self, grid_id: str, grid: Grid, longitude: Floats, latitude: Floats) -> Cells:
        """Find the cell that contains each of some places in degrees, shape (n,): scattered cells, shape (1, n)."""
        located: Cells = await self._drive(
            grid_id, grid.locate_places(longitude, latitude), long=longitude.size > _ON_THE_LOOP
        )
        return located

    async def _searched(self, grid_id: str, grid: Grid, view: View) -> Cells:
        # Pixel by pixel, some hundred bytes are worked on for each: band by band, memory stays bounded.
        long = view.width * view.height > _PICKED_ON_THE_LOOP
        bands = [await self._located(grid_id, grid, band, long=long) for band in view.bands(_AT_ONCE)]
        return bands[0] if len(bands) == 1 else await self.workers.do(_stacked, bands, long=long)

    async def _located(self, grid_id: str, grid: Grid, view: View, *, long: bool) -> Cells:
        located: Cells = await self._drive(grid_id, grid.locate(view), long=long)
        return located

    async def places(self, grid_id: str, grid: Grid, cells: Cells) -> Places:
        """Find the centres of cells."""
        # Those of a projection are worked out, some microseconds each.
        long = isinstance(grid, Projected) and cells.shape[0] * cells.shape[1] > _ON_THE_LOOP
        placed: Places = await self._drive(grid_id, grid.centres(cells), long=long)
        return placed

    async def _drive(self, grid_id: str, asking: Locating | Placing, *, long: bool) -> Any:
        answer: Picked | None = None
        begun = time.perf_counter()
        while True:
            # A step works on what was picked for it: for most tiles some hundred places, and only some ask for more.
            much = answer is not None and answer.values.size > _WORKED_ON_THE_LOOP
            step = await self.workers.do(_step, asking, answer, long=long or much)
            if not isinstance(step, Wanted):
                return step
            holder = self.searches.get(grid_id, grid_id) if step.array in SEARCH else grid_id
            array, revision = f"geometry/{holder}/{step.array}", self.geometry.get(holder, self.geometry[grid_id])
            answer = await self.pick(Window(array=array, shape=step.shape, after=1, revision=revision), step.cells)
            if time.perf_counter() - begun > _GIVING_WAY:
                await asyncio.sleep(0)
                begun = time.perf_counter()

    def _key(self, window: Window, place: Chunk) -> CacheKey:
        index = (*window.before, *place, *(0,) * window.after)
        return CacheKey(dataset=self.dataset, array=window.array, chunk=index, revision=window.revision)


def _step(asking: Locating | Placing, answer: Picked | None) -> Wanted | Cells | Places:
    """Return what is asked for next, or what was found in the end."""
    try:
        return asking.send(answer)
    except StopIteration as done:
        found: Cells | Places = done.value
        return found


def _stacked(bands: Sequence[Cells]) -> Cells:
    """Put the cells of bands under each other."""
    separable = [band for band in bands if isinstance(band, Separable)]
    if len(separable) == len(bands):
        # The columns of each are as good for the others.
        return Separable(rows=np.concatenate([band.rows for band in separable]), columns=separable[0].columns)
    scattered = [
        band.scattered() if isinstance(band, Separable) else band for band in bands if not isinstance(band, Polar)
    ]
    return Scattered(
        rows=np.concatenate([band.rows for band in scattered]),
        columns=np.concatenate([band.columns for band in scattered]),
    )


def _map_shaped(chunk: NDArray[Any], window: Window) -> NDArray[Any]:
    """Drop the dimensions before row and column, each of which is one long."""
    return chunk.reshape(chunk.shape[len(window.before) :])


def base_window(variable: str, shape: tuple[int, int], selection: Selection) -> Window:
    """Return where the faithful copy of a slice lies."""
    return Window(array=f"data/{variable}", shape=shape, before=selection.indices, revision=selection.revision)


def overview_window(variable: str, shape: tuple[int, int], selection: Selection, factor: int) -> Window:
    """Return where the overview of a slice lies, one cell for `factor` x `factor`."""
    return Window(
        array=f"overviews/{factor}/{variable}",
        shape=coarse(shape, factor),
        before=selection.indices,
        revision=selection.revision,
    )
