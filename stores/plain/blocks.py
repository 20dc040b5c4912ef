"""Which stored chunks hold a piece of an array, and where each part of them goes. Index arithmetic alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A rectangular piece of an array, in the order of its dimensions; it may end beyond the array."""

    start: Index
    """First place along each dimension."""
    size: Index
    """Places along each dimension."""
    shape: Index
    """Of the whole array."""

    @property
    def stop(self) -> Index:
        """The place behind the last one that the array has."""
        return tuple(
            min(first + size, length) for first, size, length in zip(self.start, self.size, self.shape, strict=True)
        )

    def blocks(self, unit: Index) -> list[Index]:
        """List the blocks of shape `unit` that hold the piece, in order."""
        ranges = (
            range(first // length, -(-last // length))
            for first, last, length in zip(self.start, self.stop, unit, strict=True)
        )
        return list(product(*ranges))

    def assembled(self, blocks: Mapping[Index, NDArray[Any]], unit: Index, fill: Any) -> NDArray[Any]:
        """Return the piece out of its blocks, shape `size`; `fill` where it ends beyond the array.

        Args:
            blocks: by index, each of shape `unit`, cut off where the array ends.
            unit: shape of a block.
            fill: of the type of the blocks.

        """
        dtype = next(iter(blocks.values())).dtype
        whole = self.stop == tuple(first + size for first, size in zip(self.start, self.size, strict=True))
        found = np.empty(self.size, dtype=dtype) if whole else np.full(self.size, fill, dtype=dtype)
        for index, block in blocks.items():
            into, out_of = zip(*self._overlaps(index, unit), strict=True) if index else ((), ())
            found[into] = block[out_of]
        return found

    def _overlaps(self, index: Index, unit: Index) -> Iterator[tuple[slice, slice]]:
        """Yield, by dimension, where a part of a block goes and where it is in the block."""
        for first, last, block, length in zip(self.start, self.stop, index, unit, strict=True):
            low, high = max(first, block * length), min(last, (block + 1) * length)
            yield slice(low - first, high - first), slice(low - block * length, high - block * length)


def block_slices(index: Index, unit: Index, shape: Index) -> tuple[slice, ...]:
    """Return where a block lies in its array, cut off where that ends."""
    return tuple(
        slice(place * length, min((place + 1) * length, whole))
        for place, length, whole in zip(index, unit, shape, strict=True)
    )
