"""Draws the arrows of a vector over a map, at places that do not depend on what part of the world a picture shows."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.arrow_places import ArrowPlaces, arrow_places
from core.cells import Cells
from core.crs import Crs
from core.extent import Extent
from core.vectors import bearing, magnitude, north_at
from core.view import View
from gateway.levels import factor_for
from gateway.slices import Slice
from gateway.vectors import Components, pick_components, turned_at
from renderers.arrows import REACH, arrow_lengths, arrows
from renderers.scale import Scale

Floats = NDArray[np.float64]

_ON_THE_LOOP: Final = 512
"""Arrows that are worked out in about a millisecond."""
_PLACED_ON_THE_LOOP: Final = 512 * 512
"""Pixels whose arrows, some hundreds, find their places on Earth in about a millisecond."""
_AT_ONCE: Final = 1 << 14
"""Arrows of which the vectors are looked up in one go."""
_SAMPLE: Final = 16
"""Pixels along each side that tell how many cells a pixel spans."""


async def draw_arrows(one: Slice, view: View) -> NDArray[np.uint8]:
    """Draw the arrows that lie in a view, wholly or in part: palette indices of `arrow_colours`, shape (h, w).

    Raises:
        OSError: a chunk cannot be read.
        VersionGoneError: the snapshot was collected.
        Problem: `too_large`.

    """
    workers = one.source.sampler.workers
    places = await workers.do(arrow_places, view, REACH, long=view.width * view.height > _PLACED_ON_THE_LOOP)
    factor = await _factor(one, view)
    count = places.rows.size
    parts = [places.some(slice(first, first + _AT_ONCE)) for first in range(0, count, _AT_ONCE)]
    found = [await _told(one, part, view.crs, factor) for part in parts]
    nothing = np.empty(0)
    how = (
        np.concatenate([nothing, *(each[0] for each in found)]),
        np.concatenate([nothing, *(each[1] for each in found)]),
    )
    shape, at = (view.height, view.width), (places.rows, places.columns)
    # However few they are: the first of each kind take much longer than those that are like others.
    return await workers.run(arrows, shape, at, how)


async def _told(one: Slice, places: ArrowPlaces, crs: Crs, factor: int) -> tuple[Floats, Floats]:
    """Return where arrows point to on the map, and how long they are, as `arrows` takes them."""
    sampler, (grid_id, grid) = one.source.sampler, one.source.grid(one.layer)
    cells = await sampler.locate_places(grid_id, grid, places.longitude, places.latitude)
    if one.selection.sought is not None:
        factor = factor_for(one.layer, one.selection, cells, factor)
    cells = _coarser(cells, factor)
    components = await pick_components(one.source, one.layer, one.selection, cells, factor)
    if components is None:
        nowhere = np.full(places.rows.shape, np.nan)
        return nowhere, nowhere
    # Near a pole north is not the same all over a cell: what was turned from the grid is turned back in the same place.
    centres = await turned_at(one.source, one.layer, cells, factor)
    at = (places.longitude, places.latitude) if centres is None else (centres[0][0], centres[1][0])
    return await sampler.workers.do(_drawn, components, at, crs, one.scale, long=places.rows.size > _ON_THE_LOOP)


def _drawn(components: Components, at: tuple[Floats, Floats], crs: Crs, scale: Scale) -> tuple[Floats, Floats]:
    east, north = (each[0] for each in components)
    towards = bearing(east, north) + north_at(crs, *at)
    return towards, arrow_lengths(magnitude(east, north), scale)


def _coarser(cells: Cells, factor: int) -> Cells:
    return cells if factor == 1 else cells.coarser(factor)


async def _factor(one: Slice, view: View) -> int:
    """Choose between the copy and its overviews for pixels of this size, wherever they are.

    What a pixel spans in the middle of the grid holds for all of a map: were it looked at where the view is, an arrow
    over the edge of two tiles might be of two lengths.
    """
    overviews, (grid_id, grid) = one.layer.variable.overviews, one.source.grid(one.layer)
    middle = _middle(grid.extent, view)
    if middle is None or not overviews:
        return 1
    apart = grid.cells_apart(middle, await one.source.sampler.locate(grid_id, grid, middle))
    return max((factor for factor in overviews if factor <= apart), default=1)


def _middle(extent: Extent, view: View) -> View | None:
    """Return a small view of the middle of an extent with pixels as large as those of `view`; None off the map."""
    west, south, east, north = view.bbox
    longitude, latitude = np.array([(extent.west + extent.east) / 2]), np.array([(extent.south + extent.north) / 2])
    x, y = (float(side[0]) for side in view.crs.from_geographic(longitude, latitude))
    if not (np.isfinite(x) and np.isfinite(y)):
        return None
    wide, high = (_SAMPLE / 2 * (east - west) / view.width, _SAMPLE / 2 * (north - south) / view.height)
    return View(crs=view.crs, bbox=(x - wide, y - high, x + wide, y + high), width=_SAMPLE, height=_SAMPLE)
