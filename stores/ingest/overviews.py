"""Coarser copies of a field, in packed codes: means of the valid cells, or the mode for flags.

Every level is worked out from the base: sums and counts are carried up, not means, so that a block in which cells
are missing has the mean of its valid cells. A block with any valid cell is valid; one without holds one of its own
missing codes. numpy's half-to-even rounding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attributes import Attributes
from core.packing import Packing

_BAND: Final = 2**20
"""Cells that are worked on at a time, about."""
_NONE: Final = np.empty((0, 2), dtype=np.int64)


def is_flag(attributes: Attributes) -> bool:
    """Tell whether codes are names rather than amounts (CF 3.5)."""
    return "flag_values" in attributes or "flag_masks" in attributes


def overviews(codes: NDArray[Any], packing: Packing, factors: tuple[int, ...], *, flags: bool) -> list[NDArray[Any]]:
    """Return one array for each of `factors`, which are 2, 4, 8, ...; blocks at the far edges may be ragged.

    `codes` has shape (ny, nx); the results have its type and shape (ceil(ny / factor), ceil(nx / factor)).
    """
    if not factors:
        return []
    if packing.read_as:
        levels = overviews(packing.counted(codes), packing.plain, factors, flags=flags)
        return [level.view(codes.dtype) for level in levels]
    if flags:
        return [level for _, level in zip(factors, _modes(codes, packing), strict=False)]
    # What stays in the processor's cache from one level to the next takes half the time.
    rows = max(1, _BAND // max(1, codes.shape[1] * factors[-1])) * factors[-1]
    bands = [_means(codes[start : start + rows], packing, factors) for start in range(0, codes.shape[0], rows)]
    return [np.concatenate(levels) for levels in zip(*bands, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Blocks:
    """What is carried from one level to the next; both of shape (ny, nx)."""

    sums: NDArray[Any]
    """Of the valid codes: int32 or int64 where they hold it, else float64."""
    counts: NDArray[Any]
    """Of valid cells: uint8 or int32."""


def _means(codes: NDArray[Any], packing: Packing, factors: tuple[int, ...]) -> list[NDArray[Any]]:
    """Return one level for each of `factors`."""
    missing = packing.is_missing(codes)
    valid = ~missing
    sums = codes.copy()
    np.copyto(sums, codes.dtype.type(0), where=missing)
    blocks = _Blocks(sums=sums, counts=valid.view(np.uint8))
    sum_type = _sum_type(codes.dtype, factors[-1] ** 2)
    levels = []
    with np.errstate(invalid="ignore", over="ignore"):
        for factor in factors:
            count_type = np.uint8 if factor**2 <= np.iinfo(np.uint8).max else np.int32
            blocks = _Blocks(sums=_total(blocks.sums, sum_type), counts=_total(blocks.counts, count_type))
            level, unusable = _mean(blocks, packing, codes[::factor, ::factor])
            for row, column in unusable:
                level[row, column] = _example(codes, valid, (row * factor, column * factor), factor)
            levels.append(level)
    return levels


def _sum_type(dtype: np.dtype[Any], cells: int) -> type[np.number[Any]]:
    """Return what holds the sum of so many codes; the smaller it is the quicker."""
    if dtype.kind not in "iu" or dtype.itemsize == 8:
        return np.float64
    return np.int32 if cells << 8 * dtype.itemsize <= np.iinfo(np.int32).max else np.int64


def _mean(blocks: _Blocks, packing: Packing, corners: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the means, and the (row, column) of those blocks with valid cells whose mean cannot be stored.

    `corners` are the first codes of the blocks: of one without a valid cell, a missing code of its own.
    """
    dtype = corners.dtype
    empty = blocks.counts == 0
    means = np.divide(blocks.sums, np.maximum(blocks.counts, 1), dtype=_quotient_type(dtype, blocks.counts.dtype))
    rounded = np.rint(means, out=means) if dtype.kind in "iu" else means
    found = rounded.astype(dtype)
    # The mean of valid codes may be a missing one (fill 0 between -1 and 1), or infinite sums may cancel to NaN.
    unusable = packing.is_missing(found)
    if dtype.kind in "iu" and dtype.itemsize == 8:
        # A double rounds up to 2**63, which no int64 holds.
        unusable |= found != rounded
    unusable &= ~empty
    np.copyto(found, corners, where=empty)
    return found, np.argwhere(unusable) if unusable.any() else _NONE


def _quotient_type(codes: np.dtype[Any], counts: np.dtype[Any]) -> type[np.floating[Any]]:
    """Return in what means are exact enough to be rounded.

    A mean of n integers is a half or at least 1 / 2n away from one. Of 64 in two bytes, that is eight times what a
    float32 may be wrong.
    """
    return np.float32 if codes.kind in "iu" and codes.itemsize <= 2 and counts == np.uint8 else np.float64


def _example(codes: NDArray[Any], valid: NDArray[np.bool_], corner: tuple[int, int], factor: int) -> Any:
    """Return the first valid code of one block."""
    block = (slice(corner[0], corner[0] + factor), slice(corner[1], corner[1] + factor))
    return codes[block][valid[block]][0]


def _total(values: NDArray[Any], dtype: type[np.number[Any]]) -> NDArray[Any]:
    """Add up blocks of 2 x 2."""
    # By rows first: they are contiguous.
    rows = values[::2].astype(dtype)
    rows[: values.shape[0] // 2] += values[1::2]
    total: NDArray[Any] = rows[:, ::2].copy()
    total[:, : rows.shape[1] // 2] += rows[:, 1::2]
    return total


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
