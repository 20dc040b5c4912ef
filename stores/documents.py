"""The documents of a store: the parts of a dataset as UTF-8 JSON texts, exact."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.dataset import Description, Statistics
from core.packing import Packing
from stores.values import plain, typed

_OPTIONAL: Final = ("unlimited", "groups")
"""Members of `meta/description` that are written only where there is something to say."""


class DocumentError(ValueError):
    """The bytes are not the document they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file that the ingest has taken up."""

    path: str
    """As found under the dataset's source."""
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    checksum: str
    """Algorithm and digest: crc32c:1a2b3c4d; empty where none was computed."""


def write_description(description: Description) -> bytes:
    """Write `meta/description`."""
    document = plain(description)
    return _text({name: member for name, member in document.items() if member or name not in _OPTIONAL})


def read_description(text: bytes) -> Description:
    """Read `meta/description`.

    Raises:
        DocumentError: it is something else.

    """
    found: Description = _read("description", Description, text)
    return found


def write_packings(packings: tuple[Mapping[str, Packing], ...]) -> bytes:
    """Write `meta/packings`: by packing index of a step, by variable."""
    return _text(plain(packings))


def read_packings(text: bytes) -> tuple[Mapping[str, Packing], ...]:
    """Read `meta/packings`.

    Raises:
        DocumentError: it is something else.

    """
    found: tuple[Mapping[str, Packing], ...] = _read("packings", tuple[Mapping[str, Packing], ...], text)
    return found


def write_statistics(statistics: Mapping[str, Statistics]) -> bytes:
    """Write `meta/statistics`: by field."""
    return _text(plain(statistics))


def read_statistics(text: bytes) -> Mapping[str, Statistics]:
    """Read `meta/statistics`.

    Raises:
        DocumentError: it is something else.

    """
    found: Mapping[str, Statistics] = _read("statistics", Mapping[str, Statistics], text)
    return found


def write_sources(sources: tuple[SourceFile, ...]) -> bytes:
    """Write `meta/sources`: by source index of a step."""
    return _text(plain(sources))


def read_sources(text: bytes) -> tuple[SourceFile, ...]:
    """Read `meta/sources`.

    Raises:
        DocumentError: it is something else.

    """
    found: tuple[SourceFile, ...] = _read("sources", tuple[SourceFile, ...], text)
    return found


def _text(document: Any) -> bytes:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # Half of a surrogate pair, from text that was never Unicode, has no UTF-8; JSON has an escape for it.
        return json.dumps(document, allow_nan=False).encode("ascii")


def _read(name: str, hint: Any, text: bytes) -> Any:
    try:
        return typed(hint, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, StopIteration, RecursionError) as error:
        raise DocumentError(f"the document {name} cannot be read: {error!r}") from error
