"""Finds the range of a slice of a field by reading it: one for all tiles of a view, whatever they show."""

import math
from typing import Any, Final

from numpy.typing import NDArray

from core.chunking import sides
from core.layer import Layer, Selection
from core.packing import Packing
from core.spread import Ends, spread, usual_ends
from gateway.levels import pick_at_height
from gateway.opened import OpenDataset
from gateway.ranges import RangeKey
from gateway.sampling import Window, base_window, overview_window
from gateway.vectors import pick_vector

_CHUNKS: Final = 16
"""Read at most for one range: the coarsest overview is mostly one."""
_CELLS: Final = 2**20
"""Looked at for one range, about."""
_ON_THE_LOOP: Final = 2**14
"""Cells whose percentiles take about a millisecond."""


async def auto_ends(source: OpenDataset, layer: Layer, selection: Selection) -> Ends | None:
    """Return the range in which most values of the whole slice lie; None where it has none.

    The coarsest overview is read, so a range costs about as much as a tile; of a large field without overviews,
    cells of a few chunks that are evenly spread over it.

    Raises:
        OSError: a chunk cannot be read.
        VersionGoneError: the snapshot was collected.

    """
    sampler = source.sampler
    window = _window(source, layer, selection)
    height = "" if selection.sought is None else f"@{selection.sought!r}"
    key = RangeKey(
        dataset=sampler.dataset,
        array=f"{window.array}{height}",
        indices=selection.indices,
        revision=selection.revision,
    )

    async def read() -> Ends | None:
        cells = spread(window.shape, chunks=_affordable(window, sampler.most_cells), cells=_CELLS)
        if layer.components:
            factor = 1 if window.shape == source.grid(layer)[1].shape else max(layer.variable.overviews)
            picked = await pick_vector(source, layer, selection, cells, factor)
        elif selection.sought is None:
            picked = await sampler.pick(window, cells)
        else:
            picked = await pick_at_height(sampler, layer, selection, cells)
        if picked is None:
            return None
        # Where no chunk was written, `values` are any numbers.
        codes = picked.values if picked.absent is None else picked.values[~picked.absent]
        return await sampler.workers.do(_ends, codes, selection.packing, long=codes.size > _ON_THE_LOOP)

    return await source.ranges.of(sampler.reader.version, key, read)


def _window(source: OpenDataset, layer: Layer, selection: Selection) -> Window:
    """Return the coarsest copy of a slice."""
    variable, (_, grid) = layer.variable, source.grid(layer)
    if not variable.overviews or selection.sought is not None:
        return base_window(variable.name, grid.shape, selection)
    return overview_window(variable.name, grid.shape, selection, max(variable.overviews))


def _affordable(window: Window, most_cells: int | None) -> int:
    """Return how many chunks may be read."""
    return _CHUNKS if most_cells is None else max(1, min(_CHUNKS, most_cells // math.prod(sides(window.shape))))


def _ends(codes: NDArray[Any], packing: Packing) -> Ends | None:
    return usual_ends(packing.unpack(codes))
