"""Writes states and chunks through the store's writer, and reads back what was written."""

import asyncio
import struct
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import islice, product
from typing import Final

import google_crc32c
import icechunk
import numpy as np
from zarr.core.buffer import default_buffer_prototype

from core.chunking import coarse, sides
from core.dataset import Description, Variable
from core.packing import Packing
from stores.arrays import ArrayMetadata, ArrayMismatchError
from stores.bridge import Bridge
from stores.codec import stored_dtype
from stores.documents import read_description, read_packings, write_description, write_packings, write_statistics
from stores.failures import is_gone
from stores.ingest.geometry import Built
from stores.ingest.manifest import Placed, State
from stores.ingest.parts import array_order
from stores.ingest.pieces import held_by, offered, steps_of
from stores.ingest.reading import Chunks
from stores.ingest.register import read_files, write_files
from stores.ingest.statistics import Contribution, statistics_of
from stores.layout import SLOT, chunk_key, data, geometry, overview, series
from stores.location import Location, settings
from stores.writer import Writer

_BATCH: Final = 512
"""Chunks that are asked for together."""
_AT_ONCE: Final = 8
"""Of these, read at the same time: more gain nothing."""
_CRC: Final = 4
"""Bytes of the checksum at the end of a chunk."""


class LostChunkError(OSError):
    """The store does not give back what was written to it."""


_UNKNOWN: Final = b"{}"
"""Statistics that are still to be worked out; those of a dataset without any valid value look alike."""


def load(writer: Writer) -> State:
    """Return the state of the last commit."""
    described, packings = (writer.read_document(name) for name in ("description", "packings"))
    if described is None or packings is None:
        return State()
    description = read_description(described)
    found = read_files(writer, tuple(description.variables))
    packed = tuple(read_packings(packings))
    return State(
        description=description,
        entries={entry.path: entry for entry in found},
        steps=steps_of(writer.read_steps(), found, offered(description), packed),
        packings=packed,
    )


def save(writer: Writer, before: State, after: State) -> None:
    """Write what differs between two states, but statistics; nothing is committed."""
    if after.description is None:
        return
    if after.description != before.description:
        writer.put_document("description", write_description(after.description))
        _remove_arrays(writer, before.description, after.description)
    if after.packings != before.packings:
        writer.put_document("packings", write_packings(after.packings))
    if after.entries != before.entries or after.description != before.description:
        write_files(writer, before, after)
        writer.put_document("statistics", _UNKNOWN)
    writer.put_steps(after.rows())


def _remove_arrays(writer: Writer, before: Description | None, after: Description) -> None:
    """Remove the arrays of variables that no file holds any more; versions that are kept keep them."""
    for name, variable in before.variables.items() if before is not None else ():
        if name not in after.variables:
            for path in (data(name), *(overview(factor, name) for factor in variable.overviews), series(name)):
                writer.delete_array(path)


def save_statistics(writer: Writer, state: State) -> bool:
    """Work out the statistics of all steps, and say so, if that is not done yet; nothing is committed."""
    if state.description is None or writer.read_document("statistics") not in (None, _UNKNOWN):
        return False
    found = statistics_of(_contributions(state))
    writer.put_document("statistics", write_statistics(found))
    return bool(found)


def _contributions(state: State) -> Iterator[Mapping[str, Contribution]]:
    """Yield what each step contributes, of each field what the file contributes that gives it, and what has no time."""
    for time, step in sorted(state.steps.items()):
        for piece in step.pieces:
            fields = state.entries[piece.path].by_time.get(time, {})
            yield {name: part for name, part in fields.items() if name in piece.variables}
    yield {name: entry.statistics[name] for name, entry in state.fixed.items() if name in entry.statistics}


def clear(writer: Writer, before: State, steps: Mapping[int, Placed], description: Description) -> None:
    """Remove what steps no longer have and what was in the slots of new ones: no software sees what was there before.

    `before` is what the store holds, `description` that of the dataset as it will be.
    """
    stepped = frozenset(name for name, variable in description.variables.items() if variable.stepped)
    known = frozenset() if before.description is None else before.description.variables.keys()
    # The array of a variable that was gone for a while holds what it held then.
    back = frozenset(name for name in stepped - known if writer.array(data(name)) is not None)
    for time, step in steps.items():
        old = before.steps.get(time)
        gone = back
        if old is not step:
            gone = stepped if old is None or not old.pieces else back | held_by(old)
        if gone:
            _clear_slot(writer, description, (gone & stepped) - held_by(step), step.slot)


def _clear_slot(writer: Writer, description: Description, names: AbstractSet[str], slot: int) -> None:
    for name in names:
        variable = description.variables[name]
        if variable.stepped:
            for path in (data(name), *(overview(factor, name) for factor in variable.overviews)):
                array = writer.array(path)
                if array is not None:
                    counts = [-(-size // side) for size, side in zip(array.shape[1:], array.chunks[1:], strict=True)]
                    writer.delete_chunks(path, ((slot, *at) for at in product(*map(range, counts))))


def make_arrays(writer: Writer, description: Description, packings: Mapping[str, Packing], slots: int) -> None:
    """Make all arrays of a dataset, or give those that are there room for `slots`.

    Raises:
        ArrayMismatchError: one is there that a variable had which is gone, and it is another.

    """
    for variable in description.variables.values():
        packing = packings.get(variable.name)
        base = ArrayMetadata(
            shape=variable.shape,
            chunks=variable.chunks,
            dtype=variable.dtype,
            dimensions=array_order(description, variable),
            fill=_fill(variable, packing),
        )
        _make(writer, data(variable.name), base, slots if variable.stepped else None)
        for factor in variable.overviews:
            plane = coarse((variable.shape[-2], variable.shape[-1]), factor)
            coarser = replace(base, shape=(*variable.shape[:-2], *plane), chunks=(*variable.chunks[:-2], *sides(plane)))
            _make(writer, overview(factor, variable.name), coarser, slots if variable.stepped else None)


def _make(writer: Writer, path: str, array: ArrayMetadata, slots: int | None) -> None:
    """Make an array, whose `shape` and `dimensions` are without the slot."""
    there = writer.array(path)
    before = () if slots is None else (max(slots, 0 if there is None or not there.shape else there.shape[0]),)
    shape = (*before, *array.shape)
    if there is None:
        names = array.dimensions if slots is None else (SLOT, *array.dimensions)
        writer.create_array(
            path, shape=shape, chunks=array.chunks, dtype=array.dtype, dimensions=names, fill=array.fill
        )
        return
    if (there.dtype, there.chunks, there.shape[len(before) :]) != (
        stored_dtype(array.dtype),
        array.chunks,
        array.shape,
    ):
        # Nothing describes it any more, but versions that are kept do.
        raise ArrayMismatchError(f"the array {path} is in the store from before, with another type or shape")
    if there.shape != shape:
        writer.resize(path, shape)


def _fill(variable: Variable, packing: Packing | None) -> int | float | str:
    if variable.dtype == "str":
        return ""
    return 0 if packing is None or not packing.missing else packing.missing[0]


def put_geometry(writer: Writer, grid: str, built: Built) -> None:
    """Write the arrays of one curvilinear grid."""
    for array in built.arrays:
        path = geometry(grid, array.name)
        writer.create_array(
            path,
            shape=array.shape,
            chunks=array.chunk,
            dtype=array.dtype,
            dimensions=("y", "x", *(f"part{number}" for number in range(len(array.shape) - 2))),
            fill=0,
        )
        writer.put_chunks(path, array.chunks)


class Written:
    """Remembers what was written since the last commit, to compare it with what the store gives back."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._digests: dict[str, bytes] = {}

    def add(self, path: str, chunks: Chunks) -> None:
        """Remember chunks."""
        for index, encoded in chunks.items():
            self._digests[chunk_key(path, index)] = _digest(encoded)

    def check(self, location: Location, dataset_id: str, version: str) -> None:
        """Read everything back from a commit, and forget it.

        Raises:
            LostChunkError: a chunk is absent or other than written.
            icechunk.IcechunkError: the store cannot be read.

        """
        if not self._digests:
            return
        repository = icechunk.Repository.open(location.storage(dataset_id), config=settings())
        store = repository.readonly_session(snapshot_id=version).store
        bridge = Bridge()
        try:
            for keys in batched(self._digests, _BATCH):
                for key, digest in zip(keys, bridge.run(_digests(store, keys)), strict=True):
                    if digest != self._digests[key]:
                        raise LostChunkError(f"dataset {dataset_id}: {key} of {version} is not what was written")
        finally:
            bridge.close()
            self._digests = {}


def batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield the items in lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


async def _digests(store: icechunk.IcechunkStore, keys: list[str]) -> list[bytes | None]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def read_back(key: str) -> bytes | None:
        async with gate:
            try:
                found = await store.get(key, default_buffer_prototype())
            except icechunk.IcechunkError as error:
                # A store that does not answer has lost nothing: the next writer reads this commit before it goes on.
                if not is_gone(error):
                    raise
                return None
        return None if found is None else _digest(found.as_numpy_array().data)

    return list(await asyncio.gather(*map(read_back, keys)))


def _digest(encoded: bytes | memoryview) -> bytes:
    """Return the checksum at the end of a chunk, and that of all before it: the whole's own says nothing."""
    content = np.frombuffer(encoded, dtype=np.uint8)
    checksum: int = google_crc32c.value(content[:-_CRC])
    return struct.pack("<QI", len(content), checksum) + content[-_CRC:].tobytes()
