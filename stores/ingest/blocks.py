"""Keeps the copy of fields that is cut for series: `core.series` says which blocks are due."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import icechunk
import numpy as np
from numpy.typing import NDArray

from core import series
from core.dataset import Description, Variable
from stores.arrays import Fill
from stores.codec import encode
from stores.documents import write_description
from stores.ingest.ledger import LostChunkError, Written
from stores.ingest.manifest import State
from stores.ingest.parts import array_order
from stores.ingest.recut import Block, Recut
from stores.layout import SERIES, SERIES_ROWS, SLOT
from stores.layout import series as series_path
from stores.location import Location, settings
from stores.reader import IcechunkChunks
from stores.writer import Writer


class Blocks:
    """The copy for series of one dataset."""

    def __init__(self, location: Location, writer: Writer, slots: int = series.SLOTS) -> None:
        """Take up what the last commit holds; a store without any such copy gets blocks of `slots` slots."""
        self._location, self._writer = location, writer
        self.record = self._recorded(slots)

    def renewed(self, state: State, *, again: bool) -> tuple[State, str]:
        """Write and commit the blocks that are due; return the state after that, and why not all could be written.

        Without `again` only blocks that are full for the first time are due, with it also those half outdated.
        Nothing may be left uncommitted before.

        Raises:
            LostChunkError: the store does not give back what was written.

        """
        if not again and not self._may_be_full(state):
            return state, ""
        rows = state.rows()
        for block in series.due(rows, self.record, again=again):
            try:
                state = self._written(state, block, series.wanted(rows, self.record.shape[1])[block])
            except LostChunkError:
                raise
            except OSError as error:
                self._writer.discard()
                return state, str(error)
        return state, ""

    def drop(self, chunks: Iterable[tuple[str, tuple[int, ...]]]) -> None:
        """Remove damaged chunks, by path and index; commit that nothing is read of their blocks until they are due."""
        for path, index in chunks:
            self._writer.delete_chunks(path, [index])
            if index[0] < len(self.record):
                nothing = np.full(self.record.shape[1], series.NOTHING)
                self._commit(series.renewed(self.record, index[0], nothing), f"drop series, block {index[0]}")

    def _may_be_full(self, state: State) -> bool:
        """Tell quickly whether there may be a block that is full for the first time."""
        written = int((self.record != series.NOTHING).any(axis=1).sum())
        return bool(len(state.steps) // self.record.shape[1] > written)

    def _written(self, state: State, block: int, revisions: NDArray[np.int64]) -> State:
        slots, written = self.record.shape[1], Written()
        if state.description is None:
            return state
        parts = {part.variable.name: part for part in _parts(state, block, slots)}
        variables = {name: parts[name].variable if name in parts else old for name, old in _variables(state).items()}
        description = replace(state.description, variables=variables)
        with self._recut() as source:
            for name, part in parts.items():
                path = series_path(name)
                self._make(path, description, part, _fill(state, part))
                for chunks in source.cut(part):
                    self._writer.put_chunks(path, chunks)
                    written.add(path, chunks)
        self._writer.put_document("description", write_description(description))
        version = self._commit(series.renewed(self.record, block, revisions), f"series, block {block}")
        try:
            written.check(self._location, self._writer.dataset_id, version)
        except LostChunkError:
            # So that nobody reads it, and the next ingest writes it anew.
            self._commit(series.renewed(self.record, block, np.full(slots, series.NOTHING)), "drop what was lost")
            raise
        return replace(state, description=description)

    def _make(self, path: str, description: Description, part: Block, fill: Fill) -> None:
        """Make the array of a field, or give the one that is there room for a block."""
        variable = part.variable
        there = self._writer.array(path)
        slots = variable.series[0] * (part.number + 1)
        shape = (max(slots, there.shape[0] if there else 0), *variable.shape)
        self._writer.create_array(
            path,
            shape=shape,
            chunks=variable.series,
            dtype=variable.dtype,
            dimensions=(SLOT, *array_order(description, variable)),
            fill=fill,
        )
        self._writer.resize(path, shape)

    def _recut(self) -> Recut:
        """Return what reads the last commit."""
        repository = icechunk.Repository.open(self._location.storage(self._writer.dataset_id), config=settings())
        session = repository.readonly_session(snapshot_id=self._writer.version)
        return Recut(IcechunkChunks(session, self._writer.dataset_id, is_kept=_always))

    def _recorded(self, slots: int) -> series.Record:
        array = self._writer.array(SERIES)
        if array is None:
            return series.empty(slots)
        with self._recut() as source:
            parts = [source.read(SERIES, (part, 0)) for part in range(-(-array.shape[0] // SERIES_ROWS))]
        if any(part is None for part in parts):
            raise OSError(f"dataset {self._writer.dataset_id}: {SERIES} is not whole")
        found: series.Record = np.concatenate([part for part in parts if part is not None])[: array.shape[0]]
        return found

    def _commit(self, record: series.Record, message: str) -> str:
        """Write the record, and make all changes permanent."""
        size, cut = record.shape, (SERIES_ROWS, record.shape[1])
        if self._writer.array(SERIES) is None:
            names, fill = ("block", "place"), series.NOTHING
            self._writer.create_array(SERIES, shape=size, chunks=cut, dtype="i8", dimensions=names, fill=fill)
        self._writer.resize(SERIES, size)
        for start in range(0, len(record), SERIES_ROWS):
            rows = record[start : start + SERIES_ROWS]
            if not np.array_equal(rows, self.record[start : start + SERIES_ROWS]):
                whole = np.full(cut, series.NOTHING, dtype=np.int64)
                whole[: len(rows)] = rows
                self._writer.put_chunks(SERIES, {(start // SERIES_ROWS, 0): encode(whole)})
        version = self._writer.commit(message)
        self.record = record
        return version


def _variables(state: State) -> Mapping[str, Variable]:
    return state.description.variables if state.description else {}


def _parts(state: State, block: int, slots: int) -> Iterator[Block]:
    """Yield the fields that one block has, each with the slots that hold it."""
    there = {step.slot: step.packing for step in state.steps.values() if step.slot // slots == block}
    for variable in _variables(state).values():
        # A step has the variables that its packing names.
        held = tuple(sorted(slot for slot, packing in there.items() if variable.name in state.packings[packing]))
        if variable.grid is not None and variable.stepped and held:
            cut = variable.series or _chunk_shape(variable, slots)
            yield Block(variable=replace(variable, series=cut), number=block, slots=held)


def _chunk_shape(variable: Variable, slots: int) -> tuple[int, ...]:
    return series.chunk_shape(variable.shape, variable.chunks, np.dtype(variable.dtype).itemsize, slots)


def _fill(state: State, part: Block) -> Fill:
    """Return what other Zarr software sees where there is no block."""
    packing = next(step.packing for step in state.steps.values() if step.slot == part.slots[0])
    missing = state.packings[packing][part.variable.name].missing
    return missing[0] if missing else 0


async def _always() -> bool:
    """Tell that a version is still there: nobody collects it but the writer that reads it."""
    return True
