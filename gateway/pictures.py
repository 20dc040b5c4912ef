"""Draws maps: the one path from a layer and a view to an encoded picture."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from core.cells import Cells, Picked, steps_between
from core.layer import Layer, Selection
from core.packing import Packing
from core.view import View
from gateway.conditional import entity_tag
from gateway.opened import OpenDataset
from gateway.sampling import Window, base_window, overview_window
from gateway.workers import Workers
from renderers.colour import MISSING, code_table, colours, indices
from renderers.images import Format, jpeg, over, palette_png, rgba_png, shade
from renderers.scale import Scale

Mark = Callable[[str], None]
"""Called at the end of each step with its name, to time it."""

SOFTWARE: Final = version("halocline")
_ON_THE_LOOP: Final = 512 * 512
"""Pixels that are coloured and encoded in under about 2 ms."""
_TABLES: Final = 256
"""Look-up tables kept, of at most 64 KiB each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One layer of a picture, settled."""

    source: OpenDataset
    layer: Layer
    selection: Selection
    scale: Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What to draw, and how to hand it over."""

    slices: Sequence[Slice]
    """From the bottom to the top."""
    view: View
    format: Format
    transparent: bool
    background: tuple[int, int, int]
    """Under what is transparent, where the picture may not be."""

    @property
    def tag(self) -> str:
        """Strong entity tag, known before anything is read."""
        parts = [(one.layer.name, one.selection.revision, one.selection.indices, one.scale) for one in self.slices]
        return entity_tag(SOFTWARE, parts, self.view, self.format, self.transparent, self.background)


def _nothing(_: str) -> None:
    """Mark nothing."""


class Painter:
    """Draws pictures; keeps the look-up tables of the packings and scales in use."""

    def __init__(self, workers: Workers) -> None:
        """Draw what is long in `workers`, the rest at once."""
        self._workers = workers
        self._in_flight: dict[str, asyncio.Task[bytes]] = {}
        self._tables: LRUCache[tuple[Packing, Scale], NDArray[np.uint8] | None] = LRUCache(_TABLES)

    async def paint(self, picture: Picture, mark: Mark = _nothing) -> bytes:
        """Return the encoded picture; requests for one picture at the same time are one drawing.

        A caller that is cancelled disturbs no other that waits for the same picture.

        Raises:
            OSError: a chunk cannot be read; told to all who wait, and remembered by none.

        """
        tag = picture.tag
        task = self._in_flight.get(tag)
        if task is None:
            task = self._in_flight[tag] = asyncio.create_task(self._paint(picture, mark))
            task.add_done_callback(lambda done: self._landed(tag, done))
        return await asyncio.shield(task)

    def _landed(self, tag: str, done: asyncio.Task[bytes]) -> None:
        del self._in_flight[tag]
        if not done.cancelled():
            # Taken note of: asyncio would log a failure that nobody waited for any more.
            done.exception()

    async def _paint(self, picture: Picture, mark: Mark) -> bytes:
        drawn = [await self._indices(one, picture.view, mark) for one in picture.slices]
        scales = [one.scale for one in picture.slices]
        encoded = await self._workers.do(encode, picture, drawn, scales, long=_long(picture.view))
        mark("encode")
        return encoded

    async def _indices(self, one: Slice, view: View, mark: Mark) -> NDArray[np.uint8]:
        grid_id, grid = one.source.grid(one.layer)
        cells = await one.source.sampler.locate(grid_id, grid, view)
        mark("locate")
        window, cells = await self._workers.do(_window, one, grid.shape, cells, long=_long(view))
        picked = await one.source.sampler.pick(window, cells)
        mark("read")
        table = self._table(one.selection.packing, one.scale)
        shape = (view.height, view.width)
        if picked is None:
            return np.full(shape, MISSING, dtype=np.uint8)
        coloured = await self._workers.do(_coloured, picked, one.selection.packing, one.scale, table, long=_long(view))
        mark("colour")
        return coloured

    def _table(self, packing: Packing, scale: Scale) -> NDArray[np.uint8] | None:
        if np.dtype(packing.dtype).kind not in "iu" or np.dtype(packing.dtype).itemsize > 2:
            return None
        found = self._tables.get((packing, scale))
        if found is None:
            found = self._tables[packing, scale] = code_table(packing, scale)
        return found


def _long(view: View) -> bool:
    return view.width * view.height > _ON_THE_LOOP


def _window(one: Slice, shape: tuple[int, int], cells: Cells) -> tuple[Window, Cells]:
    """Choose between the copy and its overviews: the coarsest that still has a cell for every pixel."""
    variable = one.layer.variable
    step = steps_between(cells)
    factor = max((factor for factor in variable.overviews if factor <= step), default=1)
    if factor == 1:
        return base_window(variable.name, shape, one.selection), cells
    return overview_window(variable.name, shape, one.selection, factor), cells.coarser(factor)


def _coloured(picked: Picked, packing: Packing, scale: Scale, table: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    found = indices(picked.values, packing, scale, table)
    if picked.absent is not None:
        found[picked.absent] = MISSING
    return found


def encode(picture: Picture, drawn: Sequence[NDArray[np.uint8]], scales: Sequence[Scale]) -> bytes:
    """Return the file: one layer as a palette PNG, anything else from RGBA."""
    tables = [colours(scale) for scale in scales]
    if not picture.transparent:
        tables = [_opaque(table, picture.background) for table in tables] if len(tables) == 1 else tables
    if picture.format == "image/png" and len(drawn) == 1:
        return palette_png(drawn[0], tables[0])
    pixels = shade(drawn[0], tables[0])
    for found, table in zip(drawn[1:], tables[1:], strict=True):
        pixels = over(pixels, shade(found, table))
    if picture.format == "image/jpeg":
        return jpeg(pixels, picture.background)
    if not picture.transparent:
        ground = np.empty_like(pixels)
        ground[...] = (*picture.background, 255)
        pixels = over(ground, pixels)
    return rgba_png(pixels)


def _opaque(table: NDArray[np.uint8], background: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return a colour table composed over a background."""
    ground = np.empty_like(table)
    ground[...] = (*background, 255)
    composed: NDArray[np.uint8] = over(ground[None], table[None])[0]
    return composed
