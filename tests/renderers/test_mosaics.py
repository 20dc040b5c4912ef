"""Pixels round a pole have the colours of their cells, coloured before these are spread or afterwards."""

import numpy as np
import pytest

from core.cells import chunks_of
from core.crs import Crs
from core.grids.rectilinear import Rectilinear
from core.packing import Packing
from core.polar_blocks import mosaic_of
from core.view import View
from renderers.colour import MISSING, code_table, indices
from renderers.mosaics import mosaic_indices
from renderers.scale import Scale

GRID = Rectilinear(np.arange(0.25, 360.0, 0.5), np.arange(-70.0, 88.0, 0.5))
SIZE = (60, 110)
SCALE = Scale(palette="turbo", low=0.0, high=30.0)
VIEWS = {
    "fewer cells than pixels": ((2e5, -3e6, 1.2e6, -2.2e6), (90, 70)),
    "more, and a hole at the pole": ((-4e6, -3e6, 4e6, 3e6), (80, 60)),
    "across the seam": ((-3e6, 1e5, -1e6, 1.3e6), (60, 80)),
}
KINDS = {
    "packed": Packing(dtype="i2", scale=np.float32(0.001), missing=(-32767,)),
    "packed, every code data": Packing(dtype="i2", scale=np.float32(0.001)),
    "real": Packing(dtype="f4"),
    "of a foreign byte order": Packing(dtype="i2", scale=np.float32(0.001), missing=(-32767,)),
}


@pytest.mark.parametrize("gone", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", VIEWS)
def test_a_pixel_has_the_colour_of_its_cell(place, kind, gone):
    packing, (box, (width, height)) = KINDS[kind], VIEWS[place]
    random = np.random.default_rng(7)
    codes = random.integers(-3000, 33000 if kind != "real" else 33, GRID.shape).astype(packing.dtype)
    codes[random.random(GRID.shape) < 0.1] = np.nan if kind == "real" else -32767
    if kind.startswith("of a foreign"):
        codes = codes.astype(">i2")
    cells = GRID._cells(View(crs=Crs("EPSG:3413"), bbox=box, width=width, height=height))
    listed = chunks_of(cells, SIZE)
    chunks = {at: codes[tuple(np.s_[i * n : i * n + n] for i, n in zip(at, SIZE, strict=True))] for at in listed}
    for at in listed[:gone]:
        chunks[at] = None
    table = None if kind == "real" else code_table(packing, SCALE)
    mosaic = mosaic_of(cells, SIZE, chunks)
    if mosaic is None:
        assert len(listed) == gone
        return
    found = mosaic_indices(mosaic, cells, (packing, SCALE, table))
    rows, columns = cells.rows, cells.columns
    expected = indices(codes[rows, columns], packing, SCALE, table)
    expected[rows < 0] = MISSING
    for row, column in listed[:gone]:
        expected[(rows // SIZE[0] == row) & (columns // SIZE[1] == column)] = MISSING
    np.testing.assert_array_equal(found, expected)
