"""Writes one dataset: commits on the branch `ingest`, publishes by moving `main` to it.

A process that is killed leaves whole commits only: what was not committed is not there, what was not published is
not served, and the next writer goes on from the last commit.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import icechunk
import numpy as np
from numpy.typing import NDArray

from core.steps import COLUMNS
from stores.arrays import (
    ArrayMetadata,
    Fill,
    array_metadata,
    read_array,
    require_same,
    write_array,
    write_group,
)
from stores.bridge import Bridge
from stores.codec import decode, encode
from stores.exclusive import exclusively
from stores.layout import DOCUMENTS, INGEST, META, STEP_ROWS, STEPS, chunk_key, document, metadata_key
from stores.location import Location
from stores.marker import Marker, read_marker, write_marker
from stores.retention import forget
from stores.step_rows import changed, require_table
from stores.working import WorkingState

Chunk = tuple[int, ...]


class NothingToPublishError(RuntimeError):
    """The dataset is not complete enough to be served."""


class UncommittedError(RuntimeError):
    """There are changes that were neither committed nor discarded."""


@contextmanager
def open_writer(location: Location, dataset_id: str, *, wait: float = 0.0) -> Iterator["Writer"]:
    """Open the one writer of a dataset, creating its repository if it is absent.

    What is not committed when the context ends is discarded. In a local folder a second writer waits `wait` seconds;
    in an object store its commits are refused instead.

    Raises:
        LockedError: another process writes the dataset.
        DatasetIdError: the id is not one.
        NewerFormatError: a later version of the software wrote the store.
        StoreError: the store cannot be read or written, now or later in the context.

    """
    with exclusively(location, dataset_id, wait=wait) as (repository, bridge):
        yield Writer(repository, dataset_id, bridge, folder=location.repository_folder(dataset_id))


class Writer:
    """The working state of one dataset. Not for use in several threads at once."""

    def __init__(
        self,
        repository: icechunk.Repository,
        dataset_id: str,
        bridge: Bridge,
        *,
        branch: str = INGEST,
        folder: Path | None = None,
    ) -> None:
        """Take up the last commit of a branch; whoever makes it holds the lock.

        `folder` is that of the repository: None in an object store.
        """
        self.dataset_id = dataset_id
        self._repository = repository
        self._state = WorkingState(repository, bridge, branch, folder=folder)
        self._arrays: dict[str, ArrayMetadata] = {}
        marker = self._state.get(metadata_key(META))
        if marker is not None:
            read_marker(marker, dataset_id)

    @property
    def version(self) -> str | None:
        """Name of the last commit; None before the first."""
        return self._state.tip if self._state.begun else None

    def array(self, path: str) -> ArrayMetadata | None:
        """Return the metadata of an array; None where there is none."""
        if path not in self._arrays:
            raw = self._state.get(metadata_key(path))
            if raw is None:
                return None
            try:
                self._arrays[path] = read_array(raw)
            except ValueError as error:
                raise OSError(f"dataset {self.dataset_id}: the array {path} cannot be read: {error}") from error
        return self._arrays[path]

    def create_array(  # noqa: PLR0913 -- the parts of an array's metadata, by name
        self,
        path: str,
        *,
        shape: tuple[int, ...],
        chunks: tuple[int, ...],
        dtype: str,
        dimensions: tuple[str, ...],
        fill: Fill,
    ) -> None:
        """Make an array, or accept the same one if it is there, whatever its number of slots.

        `dtype` is numpy's name; `S1` is stored as uint8, `str` as text. The first dimension is named
        `stores.layout.SLOT` where the array has slots. `fill` is for other Zarr software: ours tells absent chunks.

        Raises:
            ArrayMismatchError: another array has that name; the message names the difference.
            ValueError: a store holds no such array.

        """
        asked = array_metadata(shape=shape, chunks=chunks, dtype=dtype, dimensions=dimensions, fill=fill)
        there = self.array(path)
        if there is None:
            self._put_array(path, asked)
        else:
            require_same(path, there, asked)

    def resize(self, path: str, shape: tuple[int, ...]) -> None:
        """Give an array more slots.

        Raises:
            KeyError: there is no such array.
            ValueError: the shape differs in more than the slots, or has fewer.

        """
        there = self._existing(path)
        if not shape or shape[1:] != there.shape[1:] or shape[0] < there.shape[0]:
            raise ValueError(f"the array {path} of shape {there.shape} cannot become {shape}: only slots are added")
        if shape != there.shape:
            self._put_array(path, replace(there, shape=shape))

    def put_chunks(self, path: str, chunks: Mapping[Chunk, bytes]) -> None:
        """Write chunks that `stores.codec.encode` has encoded, each of the array's whole chunk shape.

        Raises:
            KeyError: there is no such array.
            IndexError: a chunk lies outside the array.

        """
        there = self._existing(path)
        for index in chunks:
            if not there.holds(index):
                raise IndexError(f"the array {path} of shape {there.shape} has no chunk {index}")
        self._state.put({chunk_key(path, index): encoded for index, encoded in chunks.items()})

    def delete_chunks(self, path: str, chunks: Iterable[Chunk]) -> None:
        """Remove chunks, so that they read as never written; those never written are passed over."""
        there = self._existing(path)
        self._state.delete([chunk_key(path, index) for index in chunks if there.holds(index)])

    def delete_array(self, path: str) -> None:
        """Remove an array with all that it holds; nothing happens where there is none."""
        if self.array(path) is not None:
            self._state.delete([metadata_key(path)])
            del self._arrays[path]

    def read_document(self, name: str) -> bytes | None:
        """Return a document of the working state; None where it was never written."""
        path = document(name)
        array = self.array(path)
        encoded = None if array is None else self._state.get(chunk_key(path, (0,)))
        return None if array is None or encoded is None else decode(encoded, array.chunk).tobytes()

    def read_texts(self, path: str, places: Sequence[int]) -> list[str | None]:
        """Return elements of a one-dimensional array of text in chunks of one; None where none was written."""
        array = self._existing(path)
        found = self._state.get_many(chunk_key(path, (place,)) for place in places)
        return [None if encoded is None else str(decode(encoded, array.chunk)[0]) for encoded in found]

    def put_document(self, name: str, content: bytes) -> None:
        """Write a document, UTF-8 JSON; nothing happens if it is there with the same content."""
        if self.read_document(name) == content:
            return
        path, size = document(name), (len(content),)
        self._put_array(path, array_metadata(shape=size, chunks=size, dtype="u1", dimensions=("byte",), fill=0))
        self._state.put({chunk_key(path, (0,)): encode(np.frombuffer(content, dtype=np.uint8))})

    def read_steps(self) -> NDArray[np.int64]:
        """Return the step table of the working state, shape (n, 5), columns `core.steps.COLUMNS`; n is 0 at first."""
        array = self.array(STEPS)
        rows = np.zeros((0 if array is None else array.shape[0], len(COLUMNS)), dtype=np.int64)
        for start in range(0, len(rows), STEP_ROWS):
            part = rows[start : start + STEP_ROWS]
            part[:] = self._step_chunk(start // STEP_ROWS)[: len(part)]
        return rows

    def put_steps(self, rows: NDArray[np.int64]) -> None:
        """Replace the step table; rows of shape (n, 5), times strictly increasing.

        Raises:
            ValueError: the rows are not a step table.

        """
        require_table(rows)
        before = self.read_steps()
        gone = range(-(-len(rows) // STEP_ROWS), -(-len(before) // STEP_ROWS))
        if gone:
            self.delete_chunks(STEPS, [(part, 0) for part in gone])
        size, cut = rows.shape, (STEP_ROWS, len(COLUMNS))
        table = array_metadata(shape=size, chunks=cut, dtype="i8", dimensions=("step", "column"), fill=0)
        self._put_array(STEPS, table)
        self._state.put({chunk_key(STEPS, (part, 0)): encode(new) for part, new in changed(rows, before)})

    def commit(self, message: str) -> str:
        """Make all changes permanent at once and return the version; without changes, the one there is."""
        return self._state.commit(message) if self._state.changed else self._state.tip

    def publish(self, *, at: datetime | None = None) -> str:
        """Serve the last commit from now on and return its version; nothing happens if it is served already.

        `at` is the time of publication, by default now.

        Raises:
            UncommittedError: there are uncommitted changes.
            NothingToPublishError: the step table or a document is not there yet.

        """
        self._require_committed()
        served = self._state.published
        if served == self.version:
            return served
        missing = [path for path in (STEPS, *map(document, DOCUMENTS)) if self.array(path) is None]
        if missing:
            raise NothingToPublishError(f"dataset {self.dataset_id} has no {', '.join(missing)} yet: ingest it first")
        version = self.stamp({}, at=at)
        self._state.publish(version, instead_of=served)
        return version

    def stamp(self, about: Mapping[str, str], *, at: datetime | None = None) -> str:
        """Commit the time of publication, so that the commit is a version, and return it; it is not served yet.

        `about` is kept with the commit.
        """
        moment = time.time_ns() // 1_000_000 if at is None else round(at.timestamp() * 1000)
        self._state.put({metadata_key(META): write_marker(Marker(published=moment))})
        return self._state.commit("publish", {"published": moment, **about})

    def discard(self) -> None:
        """Return to the last commit."""
        self._state.restart()
        self._arrays = {}

    def collect(self, older_than: datetime) -> None:
        """Forget versions that were no longer served at `older_than`, and delete what only they hold.

        The version that is served stays, and so does the one that was served at `older_than`, however old. Readers of
        the others are told that their version is gone; so `older_than` lies further back than the longest request.

        Raises:
            UncommittedError: there are uncommitted changes.

        """
        self._require_committed()
        forget(self._repository, older_than)
        self.discard()

    def _require_committed(self) -> None:
        if self._state.changed:
            raise UncommittedError(f"dataset {self.dataset_id} has changes: commit or discard them first")

    def _existing(self, path: str) -> ArrayMetadata:
        array = self.array(path)
        if array is None:
            raise KeyError(f"dataset {self.dataset_id} has no array {path}")
        return array

    def _put_array(self, path: str, array: ArrayMetadata) -> None:
        parts = path.split("/")[:-1]
        groups = {"/".join(parts[:depth]) for depth in range(len(parts) + 1)}
        absent = (group for group in groups if self._state.get(metadata_key(group)) is None)
        made = {
            metadata_key(group): write_marker(Marker(published=None)) if group == META else write_group({})
            for group in absent
        }
        self._state.put(made | {metadata_key(path): write_array(array)})
        self._arrays[path] = array

    def _step_chunk(self, part: int) -> NDArray[np.int64]:
        encoded = self._state.get(chunk_key(STEPS, (part, 0)))
        if encoded is None:
            raise OSError(f"dataset {self.dataset_id}: the step table lacks its part {part}")
        return decode(encoded, self._existing(STEPS).chunk)
