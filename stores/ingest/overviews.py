"""Coarser copies of a field, in packed codes: means of the valid cells, or the mode for flags.

Every level is worked out from the base: sums and counts are carried up, not means, so that a block in which cells
are missing has the mean of its valid cells. A block with any valid cell is valid; one without holds one of its own
missing codes. numpy's half-to-even rounding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.attributes import Attributes
from core.packing import Packing


def is_flag(attributes: Attributes) -> bool:
    """Tell whether codes are names rather than amounts (CF 3.5)."""
    return "flag_values" in attributes or "flag_masks" in attributes


def overviews(codes: NDArray[Any], packing: Packing, factors: tuple[int, ...], *, flags: bool) -> list[NDArray[Any]]:
    """Return one array for each of `factors`, which are 2, 4, 8, ...; blocks at the far edges may be ragged.

    `codes` has shape (ny, nx); the results have its type and shape (ceil(ny / factor), ceil(nx / factor)).
    """
    if not factors:
        return []
    levels = _modes(codes, packing) if flags else _means(codes, packing, factors[-1] ** 2)
    return [level for _, level in zip(factors, levels, strict=False)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Blocks:
    """What is carried from one level to the next; all of shape (ny, nx)."""

    sums: NDArray[Any]
    """Of the valid codes: int32 or int64 where they hold it, else float64."""
    counts: NDArray[np.int32]
    """Of valid cells."""
    examples: NDArray[Any]
    """A valid code where there is one, else a missing one."""


def _means(codes: NDArray[Any], packing: Packing, cells: int) -> Iterator[NDArray[Any]]:
    """Yield level after level; a block of the last one has so many cells."""
    valid = ~packing.is_missing(codes)
    sums = np.zeros(codes.shape, dtype=_sum_type(codes.dtype, cells))
    np.copyto(sums, codes, where=valid)
    blocks = _Blocks(sums=sums, counts=valid.astype(np.int32), examples=codes)
    with np.errstate(invalid="ignore", over="ignore"):
        while True:
            blocks = _halved(blocks)
            yield _mean(blocks, packing)


def _sum_type(dtype: np.dtype[Any], cells: int) -> type[np.number[Any]]:
    """Return what holds the sum of so many codes; the smaller it is the quicker."""
    if dtype.kind not in "iu" or dtype.itemsize == 8:
        return np.float64
    return np.int32 if cells << 8 * dtype.itemsize <= np.iinfo(np.int32).max else np.int64


def _mean(blocks: _Blocks, packing: Packing) -> NDArray[Any]:
    some = blocks.counts > 0
    means = np.divide(blocks.sums, blocks.counts, out=np.zeros(blocks.sums.shape), where=some)
    dtype = blocks.examples.dtype
    rounded = np.rint(means) if dtype.kind in "iu" else means
    found = np.where(some, rounded, 0).astype(dtype)
    # The mean of valid codes may be a missing one (fill 0 between -1 and 1), or infinite sums may cancel to NaN.
    usable = some & ~packing.is_missing(found)
    if dtype.kind in "iu" and dtype.itemsize == 8:
        # A double rounds up to 2**63, which no int64 holds.
        usable &= found == rounded
    return np.where(usable, found, blocks.examples)


def _halved(blocks: _Blocks) -> _Blocks:
    best = blocks.examples[::2, ::2].copy()
    known = blocks.counts[::2, ::2] > 0
    for example, count in zip(_quarters(blocks.examples)[1:], _quarters(blocks.counts)[1:], strict=True):
        ny, nx = example.shape
        take = ~known[:ny, :nx] & (count > 0)
        np.copyto(best[:ny, :nx], example, where=take)
        known[:ny, :nx] |= take
    return _Blocks(sums=_total(blocks.sums), counts=_total(blocks.counts), examples=best)


def _total(values: NDArray[Any]) -> NDArray[Any]:
    # By rows first: they are contiguous.
    rows = values[::2].copy()
    rows[: values.shape[0] // 2] += values[1::2]
    total: NDArray[Any] = rows[:, ::2].copy()
    total[:, : rows.shape[1] // 2] += rows[:, 1::2]
    return total


def _quarters(values: NDArray[Any]) -> list[NDArray[Any]]:
    """Return the four cells of each 2 x 2 block; the last three lack the blocks of which they lie beyond the edge."""
    return [values[row::2, column::2] for row in (0, 1) for column in (0, 1)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counted:
    """How often each code occurs in each block, sparse, shapes (n,)."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    codes: NDArray[np.int64]
    """Index into the distinct codes."""
    counts: NDArray[np.int64]


def _modes(codes: NDArray[Any], packing: Packing) -> Iterator[NDArray[Any]]:
    distinct, places = np.unique(codes, return_inverse=True)
    rows, columns = np.nonzero(~packing.is_missing(codes))
    places = places.reshape(codes.shape)
    counted = _Counted(
        rows=rows, columns=columns, codes=places[rows, columns], counts=np.ones(rows.size, dtype=np.int64)
    )
    level = codes
    while True:
        # The first cell of a block is a missing code of its own where the whole block is missing.
        level = level[::2, ::2].copy()
        counted = _merged(counted, level.shape, distinct.size)
        # Ascending by count, then by code downwards: the most frequent, the smallest of several, is written last.
        order = np.lexsort((-counted.codes, counted.counts))
        level[counted.rows[order], counted.columns[order]] = distinct[counted.codes[order]]
        yield level


def _merged(counted: _Counted, shape: tuple[int, ...], distinct: int) -> _Counted:
    keys = ((counted.rows // 2) * shape[1] + counted.columns // 2) * distinct + counted.codes
    unique, inverse = np.unique(keys, return_inverse=True)
    blocks, codes = np.divmod(unique, distinct)
    rows, columns = np.divmod(blocks, shape[1])
    counts = np.bincount(inverse, weights=counted.counts, minlength=unique.size).astype(np.int64)
    return _Counted(rows=rows, columns=columns, codes=codes, counts=counts)
