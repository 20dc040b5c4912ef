"""The files that a version was made of, as any reader of the store finds them."""

import json

from stores.documents import DocumentError, SourceFile, read_sources
from stores.layout import FILES, document
from stores.reader import IcechunkChunks


async def files_taken(chunks: IcechunkChunks) -> tuple[SourceFile, ...]:
    """Return the files of a version, the one that wins last.

    Raises:
        DocumentError: what is there is something else.
        OSError: it cannot be read.

    """
    path = document("sources")
    text = await chunks.read(path, (0,))
    if text is None:
        raise DocumentError(f"the document {path} is empty")
    parts = _parts(text.tobytes())
    if parts is None:
        return read_sources(text.tobytes())
    found: list[SourceFile] = []
    for place in parts:
        part = await chunks.read(FILES, (place,))
        if part is None:
            raise DocumentError(f"{FILES} has nothing in place {place}")
        found.extend(read_sources(str(part[0]).encode("utf-8")))
    return tuple(found)


def _parts(text: bytes) -> list[int] | None:
    """Return where the parts of the list lie; None where the document is the list itself."""
    try:
        found = json.loads(text)
        return None if isinstance(found, list) else [int(part["place"]) for part in found["parts"]]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise DocumentError(f"the document sources cannot be read: {error!r}") from error
