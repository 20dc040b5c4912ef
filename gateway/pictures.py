"""Draws maps: the one path from a layer and a view to an encoded picture."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from core.cells import Cells, Picked
from core.grids.adapters import Separated
from core.grids.base import Grid
from core.interpolation import Surroundings, mixed
from core.packing import Packing
from core.polar import Polar
from core.polar_blocks import Mosaic
from core.view import View
from gateway.admission import Admission
from gateway.arrows import draw_arrows
from gateway.http.conditional import SOFTWARE, entity_tag
from gateway.levels import factor_for, pick_at_height
from gateway.sampling import Window, base_window, overview_window
from gateway.slices import Slice
from gateway.vectors import pick_vector
from gateway.workers import Workers
from renderers.arrows import arrow_colours
from renderers.colour import MISSING, code_table, colours, indices
from renderers.encoders import encode_palette, encode_pixels
from renderers.images import Format, Indexed, dimmed, over, shade, shade_over
from renderers.mosaics import mosaic_indices
from renderers.scale import Scale

Mark = Callable[[str], None]
"""Called at the end of each step with its name, to time it."""

_ON_THE_LOOP: Final = 512 * 512
"""Pixels that are coloured and encoded in under about 2 ms."""
_COMPOSED_ON_THE_LOOP: Final = 256 * 256
"""Pixels that are composed and encoded without a palette in under about 2 ms."""
_MIXED_ON_THE_LOOP: Final = 256 * 256
"""Pixels whose cells are mixed in under about 2 ms, row by row."""
_MIXED_AT_ONCE: Final = 1 << 17
"""Pixels whose cells are mixed in one go: some 200 bytes are worked on for each."""
_TABLES: Final = 256
"""Look-up tables kept, of at most 64 KiB each."""


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
        parts = [
            (
                one.layer.name,
                one.selection.revision,
                one.selection.indices,
                _height(one),
                one.scale,
                one.opacity,
                one.interpolation,
                one.arrows,
            )
            for one in self.slices
        ]
        return entity_tag(SOFTWARE, parts, self.view, self.format, self.transparent, self.background)


def _nothing(_: str) -> None:
    """Mark nothing."""


@dataclass(slots=True, eq=False)
class _Drawing:
    """A picture that is being drawn."""

    task: asyncio.Task[bytes]
    waiting: int = 0
    """Callers who wait for it."""


class Painter:
    """Draws pictures; keeps the look-up tables of the packings and scales in use."""

    def __init__(self, workers: Workers, admission: Admission) -> None:
        """Draw where `admission` has a place, what is long in `workers`, the rest at once."""
        self.joined = 0
        """Requests that waited for a picture that was being drawn for another."""
        self.dropped = 0
        """Drawings that were stopped because nobody waited for them any more."""
        self._workers, self._admission = workers, admission
        self._in_flight: dict[str, _Drawing] = {}
        self._tables: LRUCache[tuple[Packing, Scale], NDArray[np.uint8] | None] = LRUCache(_TABLES)

    async def paint(self, picture: Picture, mark: Mark = _nothing, who: str = "") -> bytes:
        """Return the encoded picture; requests for one picture at the same time are one drawing.

        A caller that is cancelled disturbs no other that waits for the same picture. When all of them are, the
        drawing stops: what has begun in a thread ends there, nothing else is begun. A drawing takes a place, not a
        request: that of `who` asked first.

        Raises:
            Problem: `busy`.
            OSError: a chunk cannot be read; told to all who wait, and remembered by none.

        """
        tag = picture.tag
        drawing = self._in_flight.get(tag)
        if drawing is None:
            drawing = self._in_flight[tag] = _Drawing(asyncio.create_task(self._paint(picture, mark, who)))
            drawing.task.add_done_callback(lambda _: self._landed(tag, drawing))
        else:
            self.joined += 1
        drawing.waiting += 1
        try:
            return await asyncio.shield(drawing.task)
        finally:
            drawing.waiting -= 1
            if not drawing.waiting and not drawing.task.done():
                # At once: who asks from now on must not be handed what is being cancelled.
                del self._in_flight[tag]
                self.dropped += 1
                drawing.task.cancel()

    def _landed(self, tag: str, drawing: _Drawing) -> None:
        if self._in_flight.get(tag) is drawing:
            del self._in_flight[tag]
        if not drawing.task.cancelled():
            # Taken note of: asyncio would log a failure that nobody waited for any more.
            drawing.task.exception()

    async def _paint(self, picture: Picture, mark: Mark, who: str) -> bytes:
        pixels = picture.view.width * picture.view.height * len(picture.slices)
        async with self._admission.drawing(who, pixels):
            return await self._drawn(picture, mark)

    async def _drawn(self, picture: Picture, mark: Mark) -> bytes:
        drawn = [indexed for one in picture.slices for indexed in await self._layers(one, picture.view, mark)]
        encoded = await self._workers.do(encode, picture, drawn, long=_encodes_long(picture))
        mark("encode")
        return encoded

    async def _layers(self, one: Slice, view: View, mark: Mark) -> list[Indexed]:
        """Return what lies over each other of one layer."""
        drawn = [(await self._indices(one, view, mark), dimmed(colours(one.scale), one.opacity))]
        if one.arrows:
            drawn.append((await draw_arrows(one, view), dimmed(arrow_colours(), one.opacity)))
            mark("arrows")
        return drawn

    async def _indices(self, one: Slice, view: View, mark: Mark) -> NDArray[np.uint8]:
        grid_id, grid = one.source.grid(one.layer)
        cells = await one.source.sampler.locate(grid_id, grid, view)
        mark("locate")
        factor, cells = await self._workers.do(
            _coarsened, one, grid, (view, cells), long=_long(view) and not isinstance(cells, Polar)
        )
        window = _window(one, grid.shape, factor)
        if one.layer.components:
            picked = await pick_vector(one.source, one.layer, one.selection, cells, factor)
            mark("read")
            return await self._colour(one, view, picked, mark)
        if one.selection.sought is not None:
            picked = await pick_at_height(one.source.sampler, one.layer, one.selection, cells, factor)
            mark("read")
            return await self._colour(one, view, picked, mark)
        if one.interpolation == "bilinear" and isinstance(grid, Separated):
            bands = [await self._smooth(one, grid, window, (band, factor), mark) for band in view.bands(_MIXED_AT_ONCE)]
            return np.concatenate(bands)
        if isinstance(cells, Polar):
            mosaic = await one.source.sampler.mosaic(window, cells)
            mark("read")
            return await self._colour(one, view, None if mosaic is None else (mosaic, cells), mark)
        picked = await one.source.sampler.pick(window, cells)
        mark("read")
        return await self._colour(one, view, picked, mark)

    async def _colour(
        self, one: Slice, view: View, picked: Picked | tuple[Mosaic, Polar] | None, mark: Mark
    ) -> NDArray[np.uint8]:
        """Colour what was picked."""
        if picked is None:
            return _nowhere(view)
        table = self._table(one.selection.packing, one.scale)
        coloured = await self._workers.do(_coloured, picked, one, table, long=_long(view))
        mark("colour")
        return coloured

    async def _smooth(
        self, one: Slice, grid: Separated, window: Window, seen: tuple[View, int], mark: Mark
    ) -> NDArray[np.uint8]:
        """Draw what lies between the centres of cells, of the overview of that factor."""
        view, factor = seen
        long = not view.crs.separable or view.width * view.height > _MIXED_ON_THE_LOOP
        around, cells = await self._workers.do(_surrounded, grid, view, factor, long=long)
        mark("locate")
        picked = await one.source.sampler.pick(window, cells)
        mark("read")
        if picked is None:
            return _nowhere(view)
        coloured = await self._workers.do(_coloured_between, around, picked, one, long=long)
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


def _encodes_long(picture: Picture) -> bool:
    """Tell whether encoding takes more than about 2 ms: composing more than two layers does, and so does WebP."""
    count = sum(1 + one.arrows for one in picture.slices)
    if picture.format == "image/png" and count == 1:
        return _long(picture.view)
    small = picture.view.width * picture.view.height <= _COMPOSED_ON_THE_LOOP
    return not small or picture.format == "image/webp" or count > 2


def _coarsened(one: Slice, grid: Grid, seen: tuple[View, Cells]) -> tuple[int, Cells]:
    """Choose between the copy and its overviews: the coarsest that still has a cell for every pixel."""
    view, cells = seen
    step = grid.cells_apart(view, cells)
    factor = max((factor for factor in one.layer.variable.overviews if factor <= step), default=1)
    if one.selection.sought is not None:
        factor = factor_for(one.layer, one.selection, cells, factor)
    return factor, cells if factor == 1 else cells.coarser(factor)


def _window(one: Slice, shape: tuple[int, int], factor: int) -> Window:
    name = one.layer.variable.name
    return (
        base_window(name, shape, one.selection) if factor == 1 else overview_window(name, shape, one.selection, factor)
    )


def _height(one: Slice) -> object:
    """Return all that the levels shown hang on, where a height is sought; else nothing."""
    heights, sought = one.layer.heights, one.selection.sought
    if heights is None or sought is None:
        return None
    return sought, heights.levels.column.digest, [term.revision for term in one.selection.terms]


def _nowhere(view: View) -> NDArray[np.uint8]:
    return np.full((view.height, view.width), MISSING, dtype=np.uint8)


def _coloured(picked: Picked | tuple[Mosaic, Polar], one: Slice, table: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    if isinstance(picked, tuple):
        return mosaic_indices(*picked, (one.selection.packing, one.scale, table))
    found = indices(picked.values, one.selection.packing, one.scale, table)
    if picked.absent is not None:
        found[picked.absent] = MISSING
    return found


def _surrounded(grid: Separated, view: View, factor: int) -> tuple[Surroundings, Cells]:
    around = grid.around(view, factor)
    return around, around.cells()


def _coloured_between(around: Surroundings, picked: Picked, one: Slice) -> NDArray[np.uint8]:
    values = mixed(around, picked, one.selection.packing)
    return indices(values, Packing(dtype=values.dtype.str[1:]), one.scale, None)


def encode(picture: Picture, layers: Sequence[Indexed]) -> bytes:
    """Return the file: one layer by its palette where the format has one, anything else pixel by pixel."""
    ground, transparent = picture.background, picture.transparent
    if len(layers) == 1:
        encoded = encode_palette(*layers[0], picture.format, background=ground, transparent=transparent)
        if encoded is not None:
            return encoded
    pixels = shade(*layers[0]) if len(layers) == 1 else shade_over(*layers[:2])
    for found, table in layers[2:]:
        pixels = over(pixels, shade(found, table))
    return encode_pixels(pixels, picture.format, background=ground, transparent=transparent)
