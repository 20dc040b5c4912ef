"""What Icechunk complains of, in one line that names the dataset."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import icechunk

from stores.codec import DamagedChunkError
from stores.documents import DocumentError
from stores.location import Location

_CURE: Final = "`halocline verify` names what is damaged, and with --mend it is read again from the files"
_GONE: Final = re.compile(r"NoSuchKey|Object at location .* not found", re.DOTALL)
_ORNAMENT: Final = " \t|`->x\u00d7"


class StoreError(OSError):
    """A store cannot be read or written: the disk is full, it may not be touched, or what it holds is damaged."""


def reason_of(error: Exception) -> str:
    """Return what a message says first and, where that does not tell it, the cause at the end of the chain."""
    lines = str(error).splitlines()
    causes = [_bare(line) for line in lines if _is_cause(line)]
    first = " ".join(_first(lines)) or type(error).__name__
    return first if not causes or causes[-1] in first else f"{first}: {causes[-1]}"


def is_gone(error: icechunk.IcechunkError) -> bool:
    """Tell whether an object is not there: Icechunk says so in words alone. Otherwise the store cannot be read now."""
    return _GONE.search(str(error)) is not None


def _first(lines: list[str]) -> Iterator[str]:
    """Yield the lines over which the first statement is wrapped."""
    begun = False
    for line in lines:
        bare = _bare(line)
        if begun and (not bare or _is_cause(line)):
            return
        if bare:
            begun = True
            yield bare


def _is_cause(line: str) -> bool:
    return line.strip().startswith(("|->", "`->"))


def _bare(line: str) -> str:
    return line.lstrip(_ORNAMENT).strip()


@contextmanager
def named_failures(location: Location, dataset_id: str) -> Iterator[None]:
    """Let what goes wrong in the store of a dataset be a `StoreError` that names it.

    Raises:
        StoreError: something went wrong.

    """
    try:
        yield
    except icechunk.IcechunkError as error:
        raise StoreError(f"dataset {dataset_id} in {location}: {reason_of(error)}") from error
    except (DamagedChunkError, DocumentError) as error:
        raise StoreError(f"dataset {dataset_id} in {location}: {reason_of(error)}; {_CURE}") from error
    except icechunk.ConflictError as error:
        # Also where the answer to our own commit was lost on the way, and it was sent again.
        message = "something was committed since this process began, by another one or unheard of: run it again"
        raise StoreError(f"dataset {dataset_id} in {location}: {message}") from error
