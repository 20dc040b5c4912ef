"""Reads one cell at many steps: from the copy that is cut for series where it holds them, else from the maps."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core import series
from core.dataset import Variable
from gateway.blocks import digest
from gateway.sampling import Sampler
from stores.cache import CacheKey
from stores.layout import SERIES, SERIES_ROWS, data
from stores.layout import series as series_path

_AT_ONCE: Final = 32
"""Chunks that are read together: half a megabyte each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellSeries:
    """One cell at many steps."""

    codes: NDArray[Any]
    """As stored, still packed, shape (steps, axes...)."""
    written: NDArray[np.bool_]
    """Whether there is anything at a step and place on the axes; same shape. Elsewhere `codes` mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """One chunk to read, and what of it goes where."""

    key: CacheKey
    inside: tuple[Any, ...]
    """Index into the chunk."""
    into: tuple[Any, ...]
    """Index into the result."""


async def cell_series(
    sampler: Sampler, variable: Variable, rows: NDArray[np.int64], cell: tuple[int, int]
) -> CellSeries:
    """Return the stored values of one cell of a field at some steps, on all levels.

    Args:
        sampler: of the version of the dataset.
        variable: a field with slots.
        rows: of its step table, shape (n, 5), in any order.
        cell: row and column of the grid.

    Raises:
        OSError: a chunk cannot be read.
        VersionGoneError: the snapshot was collected.

    """
    codes = np.zeros((len(rows), *variable.shape[:-2]), dtype=np.dtype(variable.dtype))
    written = np.zeros(codes.shape, dtype=np.bool_)
    blocked = variable.series and len(rows)
    record = await read_record(sampler, variable.series[0], rows) if blocked else series.empty(1)
    held = series.held(rows, record)
    found = CellSeries(codes=codes, written=written)
    columns = [*_cuts(variable, variable.series[1:], cell)] if held.any() else []
    absent = await _fill(found, sampler, [*_of_blocks(sampler.dataset, variable, (rows, held, record), columns)])
    # The record is for all variables: of one that was gone for a while its blocks may not be there.
    for piece in absent:
        held[piece.into[0]] = False
    columns = [*_cuts(variable, variable.chunks[1:], cell)]
    await _fill(found, sampler, [*_of_maps(sampler.dataset, variable, (rows, held), columns)])
    return found


async def _fill(found: CellSeries, sampler: Sampler, pieces: Sequence[_Piece]) -> list[_Piece]:
    """Read pieces into the result; return those that are not there."""
    absent = []
    for start in range(0, len(pieces), _AT_ONCE):
        some = pieces[start : start + _AT_ONCE]
        chunks = await asyncio.gather(*(sampler.cache.read(sampler.reader, piece.key) for piece in some))
        for piece, chunk in zip(some, chunks, strict=True):
            if chunk is None:
                absent.append(piece)
            else:
                found.codes[piece.into] = chunk[piece.inside]
                found.written[piece.into] = True
    return absent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A chunk of one slot or block that has the cell, on some levels."""

    index: tuple[int, ...]
    """Of the chunk, without slot or block."""
    inside: tuple[int | slice, ...]
    """What of it is the cell."""
    levels: tuple[slice, ...]
    """Where these levels are in the result."""


def _cuts(variable: Variable, size: tuple[int, ...], cell: tuple[int, int]) -> Iterator[_Cut]:
    """Yield the chunks of shape `size`, (axes..., ny, nx), that hold a cell."""
    row, column = (at // side for at, side in zip(cell, size[-2:], strict=True))
    place = tuple(at % side for at, side in zip(cell, size[-2:], strict=True))
    axes = list(zip(variable.shape[:-2], size[:-2], strict=True))
    for index in product(*(range(-(-length // side)) for length, side in axes)):
        starts = [(at * side, min(length, (at + 1) * side)) for at, (length, side) in zip(index, axes, strict=True)]
        yield _Cut(
            index=(*index, row, column),
            inside=(*(slice(0, end - start) for start, end in starts), *place),
            levels=tuple(slice(start, end) for start, end in starts),
        )


async def read_record(sampler: Sampler, slots: int, rows: NDArray[np.int64]) -> series.Record:
    """Return what the blocks of so many slots hold, as far as some steps, at least one, reach.

    Raises:
        OSError: a part of it cannot be read.
        VersionGoneError: the snapshot was collected.

    """
    last = int(rows[:, 1].max()) // slots // SERIES_ROWS
    parts = await asyncio.gather(*(sampler.reader.read(SERIES, (part, 0)) for part in range(last + 1)))
    # What was never written lies at the end.
    return np.concatenate([series.empty(slots), *(part for part in parts if part is not None)])


def _of_blocks(
    dataset: str,
    variable: Variable,
    steps: tuple[NDArray[np.int64], NDArray[np.bool_], series.Record],
    cuts: Sequence[_Cut],
) -> Iterator[_Piece]:
    """Yield what is read from blocks: each chunk holds many steps."""
    rows, held, record = steps
    places, slots = np.flatnonzero(held), record.shape[1]
    blocks = rows[places, 1] // slots
    for block in np.unique(blocks).tolist():
        into = places[blocks == block]
        # Content is named by all that the block holds: where that is equal, the chunk is equal in every version.
        revision = digest(record[block])
        for cut in cuts:
            index, array = (block, *cut.index), series_path(variable.name)
            yield _Piece(
                key=CacheKey(dataset=dataset, array=array, chunk=index, revision=revision),
                inside=(rows[into, 1] % slots, *cut.inside),
                into=(into, *cut.levels),
            )


def _of_maps(
    dataset: str, variable: Variable, steps: tuple[NDArray[np.int64], NDArray[np.bool_]], cuts: Sequence[_Cut]
) -> Iterator[_Piece]:
    """Yield what is read from the maps: a chunk for each step and level."""
    rows, held = steps
    for step in np.flatnonzero(~held).tolist():
        slot, revision = int(rows[step, 1]), int(rows[step, 2])
        for cut in cuts:
            key = CacheKey(dataset=dataset, array=data(variable.name), chunk=(slot, *cut.index), revision=revision)
            yield _Piece(key=key, inside=(0, *cut.inside), into=(step, *cut.levels))
