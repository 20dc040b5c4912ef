"""How a field is cut anew: each cell once, in whole chunks of the new cut, with the values of the old."""

import numpy as np
import pytest

from core.chunking import sides
from core.dataset import Variable
from core.series import SLOTS, chunk_shape
from stores.arrays import ArrayMetadata
from stores.codec import ChunkFormat, decode, encode
from stores.ingest.recut import Block, Recut, windows


@pytest.mark.parametrize(("ny", "nx", "axes"), [(509, 1021, ()), (7, 13, (5,)), (1030, 70, (2, 3))])
def test_windows_and_their_boxes_cover_every_cell_once(ny, nx, axes):
    maps = (1, *(1 for _ in axes), *sides((ny, nx)))
    shape = (*axes, ny, nx)
    variable = Variable(
        name="v",
        dtype="f4",
        dimensions=("t", *(f"a{n}" for n in range(len(axes))), "y", "x"),
        shape=shape,
        chunks=maps,
        attributes={},
        stepped=True,
        series=chunk_shape(shape, maps, 4, SLOTS),
    )
    counts = np.zeros(shape, dtype=int)
    for window in windows(variable):
        assert all(span.start % side == 0 for span, side in zip(window, variable.series[1:], strict=True))
        counts[tuple(slice(span.start, span.stop) for span in window)] += 1
    assert (counts == 1).all()


class Maps:
    """The chunks of one array, cut from values."""

    def __init__(self, values: np.ndarray, chunks: tuple[int, ...], absent: int) -> None:
        self._values, self._chunks, self._absent = values, chunks, absent

    async def array(self, path: str) -> ArrayMetadata:
        assert path == "data/v"
        return ArrayMetadata(
            shape=self._values.shape, chunks=self._chunks, dtype="int16", dimensions=("slot", "y", "x"), fill=0
        )

    async def get(self, key: str, what: str) -> bytes | None:
        index = [int(part) for part in key.removeprefix("data/v/c/").split("/")]
        if index[0] == self._absent:
            return None
        whole = np.zeros(self._chunks, "i2")
        spans = (slice(at * side, (at + 1) * side) for at, side in zip(index, self._chunks, strict=True))
        part = self._values[tuple(spans)]
        whole[tuple(map(slice, part.shape))] = part
        return encode(whole)


def test_windows_that_lie_across_chunks_of_maps_hold_their_values():
    values = np.random.default_rng(2).integers(-999, 999, (6, 30, 41)).astype("i2")
    variable = Variable(
        name="v",
        dtype="i2",
        dimensions=("t", "y", "x"),
        shape=values.shape[1:],
        chunks=(1, 13, 17),
        attributes={},
        stepped=True,
        series=(3, 5, 4),
    )
    found = np.full((3, 30, 44), 77, "i2")
    with Recut(Maps(values, variable.chunks, absent=4)) as recut:
        for chunks in recut.cut(Block(variable=variable, number=1, slots=(3, 4))):
            for (block, row, column), encoded in chunks.items():
                assert block == 1
                place = (slice(None), slice(5 * row, 5 * row + 5), slice(4 * column, 4 * column + 4))
                found[place] = decode(encoded, ChunkFormat(shape=variable.series, dtype="int16"))
    expected = np.zeros_like(found)
    # Slot 4 was never written, and slot 5 is not asked for.
    expected[0, :, :41] = values[3]
    np.testing.assert_array_equal(found, expected)
