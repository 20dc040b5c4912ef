"""The files that were taken up, as `meta/sources` keeps them: in parts, so that one more file rewrites one part.

Files lie in the order in which they win. Which of them end a part follows from their paths alone: so a file that is
inserted or withdrawn changes the part that it is in and no other, and equal sets of files are cut alike.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice, pairwise
from typing import Final
from zlib import crc32

import numpy as np

from stores.codec import encode
from stores.documents import DocumentError
from stores.ingest.entries import read_entries, write_entries
from stores.ingest.manifest import Entry, State
from stores.layout import FILES, SLOT
from stores.values import plain, typed
from stores.writer import Writer

_FILES_IN_PART: Final = 16
"""On average: a part is written anew for one file, and each costs a read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where some files lie that follow one another."""

    place: int
    """In `meta/files`."""
    files: int
    """How many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What `meta/sources` holds."""

    parts: tuple[Part, ...]


def read_files(writer: Writer, names: Sequence[str]) -> tuple[Entry, ...]:
    """Return the files of a dataset that has the variables `names`, the one that wins last.

    Raises:
        DocumentError: what is there is something else.

    """
    text = writer.read_document("sources") or b"[]"
    parts = _parts(text)
    if parts is None:
        # All in one, as they were written before there were parts.
        return read_entries(text, names)
    found: list[Entry] = []
    for part, held in zip(parts, writer.read_texts(FILES, [part.place for part in parts]), strict=True):
        entries = read_entries((held or "").encode("ascii"), names)
        if len(entries) != part.files:
            raise DocumentError(f"{FILES} holds {len(entries)} files in place {part.place}, not {part.files}")
        found.extend(entries)
    if any(first.rank > second.rank for first, second in pairwise(found)):
        raise DocumentError(f"the files in {FILES} are not in the order in which they win")
    return tuple(found)


def write_files(writer: Writer, before: State, after: State) -> None:
    """Write the files of `after` where `before` is what the store holds; nothing is committed."""
    if after.description is None:
        return
    names = after.description.variables.keys()
    same = before.description is not None and before.description.variables.keys() == names
    held = _held(writer, before)
    cut = list(_cut(after.ranked))
    kept = {part[0].path: held[part[0].path][1] for part in cut if same and _unchanged(part, held.get(part[0].path))}
    used = set(kept.values())
    changed = [part for part in cut if part[0].path not in kept]
    free = (place for place in count() if place not in used)
    places = dict(zip((part[0].path for part in changed), free, strict=False))
    _put(writer, {places[part[0].path]: write_entries(part, names) for part in changed})
    left = {place for _, place in held.values()} - used - set(places.values())
    if left:
        writer.delete_chunks(FILES, ((place,) for place in left))
    index = Index(parts=tuple(Part(place=(kept | places)[part[0].path], files=len(part)) for part in cut))
    writer.put_document("sources", json.dumps(plain(index)).encode("ascii"))


def _held(writer: Writer, before: State) -> dict[str, tuple[tuple[Entry, ...], int]]:
    """Return the parts that are stored and their places, by the path of their first file."""
    parts = _parts(writer.read_document("sources") or b"[]") or ()
    files = iter(before.ranked)
    cut = [(tuple(islice(files, part.files)), part.place) for part in parts]
    return {entries[0].path: (entries, place) for entries, place in cut if entries}


def _unchanged(part: tuple[Entry, ...], held: tuple[tuple[Entry, ...], int] | None) -> bool:
    return held is not None and held[0] == part


def _cut(entries: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    part: list[Entry] = []
    for entry in entries:
        part.append(entry)
        if crc32(entry.path.encode("utf-8", "surrogatepass")) % _FILES_IN_PART == 0:
            yield tuple(part)
            part = []
    if part:
        yield tuple(part)


def _put(writer: Writer, texts: Mapping[int, bytes]) -> None:
    there = writer.array(FILES)
    places = 1 + max(texts, default=-1)
    if there is None:
        writer.create_array(FILES, shape=(places,), chunks=(1,), dtype="str", dimensions=(SLOT,), fill="")
    elif places > there.shape[0]:
        writer.resize(FILES, (places,))
    for place, text in texts.items():
        writer.put_chunks(FILES, {(place,): encode(np.array([text.decode("ascii")], dtype=object))})


def _parts(text: bytes) -> tuple[Part, ...] | None:
    """Return the parts; None where the document holds the files themselves."""
    try:
        document = json.loads(text)
        if isinstance(document, list):
            return None
        found: Index = typed(Index, document)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise DocumentError(f"the document sources cannot be read: {error!r}") from error
    return found.parts
