"""What Icechunk complains of, in one line that names the dataset."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import icechunk

from stores.codec import DamagedChunkError
from stores.documents import DocumentError
from stores.location import Location

_ORNAMENT: Final = " \t|`->x\u00d7"


class StoreError(OSError):
    """A store cannot be read or written: the disk is full, it may not be touched, or what it holds is damaged."""


def reason_of(error: Exception) -> str:
    """Return the first line of a message and, where that does not say it, the cause at the end of the chain."""
    lines = [line.lstrip(_ORNAMENT).strip() for line in str(error).splitlines()]
    said = [line for line in lines if line] or [type(error).__name__]
    return said[0] if said[-1] in said[0] else f"{said[0]}: {said[-1]}"


@contextmanager
def named_failures(location: Location, dataset_id: str) -> Iterator[None]:
    """Let what goes wrong in the store of a dataset be a `StoreError` that names it.

    Raises:
        StoreError: something went wrong.

    """
    try:
        yield
    except (icechunk.IcechunkError, DamagedChunkError, DocumentError) as error:
        raise StoreError(f"dataset {dataset_id} in {location}: {reason_of(error)}") from error
