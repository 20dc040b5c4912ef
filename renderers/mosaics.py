"""Colours what was picked round a pole: before it is spread over the pixels where that is less work, else after."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.packing import Packing
from core.polar import Polar
from core.polar_blocks import Mosaic
from renderers.colour import MISSING, indices
from renderers.scale import Scale

_MORE: Final = 1.5
"""Cells for each pixel up to which they are coloured: about what putting them together uncoloured takes less."""
_ROWS: Final = 64
"""Of a part that are coloured at once: what is in between then stays in the cache of the processor."""

Meaning = tuple[Packing, Scale, NDArray[np.uint8] | None]
"""Of stored codes, with the table of `renderers.colour.code_table` where there is one."""


def mosaic_indices(mosaic: Mosaic, cells: Polar, meaning: Meaning) -> NDArray[np.uint8]:
    """Return the palette index of each pixel, shape (h, w)."""
    packing, (rows, columns), (height, width) = meaning[0], mosaic.shape, cells.shape
    gone = _gone(packing, mosaic.parts[0][1].dtype)
    if gone is not None and rows * columns > _MORE * height * width:
        return indices(cells.spread(mosaic.joined(gone), mosaic.lines), *meaning)
    block = np.empty(mosaic.shape, dtype=np.uint8)
    if not mosaic.whole:
        block.fill(MISSING)
    for (down, across), part in mosaic.parts:
        for start in range(down.start, down.stop, _ROWS):
            some = slice(start - down.start, start - down.start + _ROWS)
            block[start : min(start + _ROWS, down.stop), across] = indices(part[some], *meaning)
    return cells.spread(block, mosaic.lines)


def _gone(packing: Packing, dtype: np.dtype) -> float | None:
    """Return a code that is missing; None where every one may be data."""
    if dtype.kind == "f":
        return np.nan
    return packing.missing[0] if packing.missing else None
