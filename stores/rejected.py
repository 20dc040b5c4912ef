"""What rollbacks have rejected: the contents of files that no ingest is to take again."""

import json
from dataclasses import dataclass, replace

from stores.documents import DocumentError
from stores.layout import REJECTED
from stores.values import plain, typed
from stores.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """What one rollback has rejected."""

    version: str
    """That was served until then."""
    at: int
    """When, milliseconds since 1970-01-01T00:00:00Z."""
    checksums: tuple[str, ...]
    """Of the files that it had taken and the version gone back to has not."""


def write_rejections(rejections: tuple[Rejection, ...]) -> bytes:
    """Write `meta/rejected`, the last rollback last."""
    return json.dumps(plain(rejections)).encode("ascii")


def read_rejections(text: bytes | None) -> tuple[Rejection, ...]:
    """Read `meta/rejected`; where it is not there, nothing was rejected.

    Raises:
        DocumentError: it is something else.

    """
    try:
        found: tuple[Rejection, ...] = () if text is None else typed(tuple[Rejection, ...], json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise DocumentError(f"the document {REJECTED} cannot be read: {error!r}") from error
    return found


def rejected(writer: Writer) -> frozenset[str]:
    """Return the checksums of the files that the ingest is not to take."""
    found = read_rejections(writer.read_document(REJECTED))
    return frozenset(checksum for rejection in found for checksum in rejection.checksums)


def without(rejections: tuple[Rejection, ...], taken: frozenset[str]) -> tuple[Rejection, ...]:
    """Return the rejections of all but what is `taken`."""
    return tuple(
        replace(each, checksums=tuple(checksum for checksum in each.checksums if checksum not in taken))
        for each in rejections
    )
