"""Where things lie in a store: the names of arrays, documents and branches. `docs/store-format.md` is the promise.

Source: Zarr core specification v3.1 ("Node names", "Chunk key encoding").
"""

import re
from typing import Final

FORMAT: Final = "halocline-store"
FORMAT_VERSION: Final = 1
"""Raised when a reader of the version before would misread a store."""

MAIN: Final = "main"
"""The branch that readers open: the published version."""
INGEST: Final = "ingest"
"""The branch that the ingest commits to."""
ROLLBACK: Final = "rollback"
"""The branch on which a rollback is prepared; there only while one is under way, or was cut short."""

SLOT: Final = "slot"
"""Name of the first dimension of arrays that have slots."""

META: Final = "meta"
STEPS: Final = "meta/steps"
STEP_ROWS: Final = 4096
"""Rows of the step table in one chunk."""
FILES: Final = "meta/files"
"""The parts of the document `sources`."""
SERIES: Final = "meta/series"
"""What the blocks of the copies for series hold."""
SERIES_ROWS: Final = 64
"""Blocks of its record in one chunk."""
DOCUMENTS: Final = ("description", "packings", "sources", "statistics")
"""Under `meta/`, each the bytes of one JSON text."""
REJECTED: Final = "rejected"
"""A document that is there after a rollback only."""

_DATASET_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


class DatasetIdError(ValueError):
    """It does not name a dataset."""


class NodeNameError(ValueError):
    """It cannot name an array in a store."""


def checked_dataset_id(text: str) -> str:
    """Return `text` if it is a dataset id, which is never a path.

    Raises:
        DatasetIdError: it is not.

    """
    if _DATASET_ID.fullmatch(text):
        return text
    message = f"{text[:128]!r} is not a dataset id: letters, digits, '.', '_' and '-', the first a letter or digit"
    raise DatasetIdError(message)


def data(variable: str) -> str:
    """Return the path of the faithful copy of a variable."""
    return f"data/{_node_name(variable)}"


def overview(factor: int, variable: str) -> str:
    """Return the path of the overview with one cell for `factor` x `factor`."""
    return f"overviews/{factor}/{_node_name(variable)}"


def series(variable: str) -> str:
    """Return the path of the copy of a variable that is cut for series."""
    return f"series/{_node_name(variable)}"


def geometry(grid: str, array: str) -> str:
    """Return the path of an array that belongs to a grid."""
    return f"geometry/{_node_name(grid)}/{_node_name(array)}"


def document(name: str) -> str:
    """Return the path of a document.

    Raises:
        NodeNameError: there is no such document.

    """
    if name not in (*DOCUMENTS, REJECTED):
        raise NodeNameError(f"{name!r} is not a document of a store: {', '.join(DOCUMENTS)}")
    return f"{META}/{name}"


def metadata_key(path: str) -> str:
    """Return the key of the metadata of an array or group; "" is the root."""
    return f"{path}/zarr.json" if path else "zarr.json"


def chunk_key(array: str, chunk: tuple[int, ...]) -> str:
    """Return the key of a chunk: `data/t/c/0/1`, or `data/t/c` in an array without dimensions."""
    return "/".join((array, "c", *map(str, chunk)))


def _node_name(name: str) -> str:
    """Return a name, or a path of names for what is in a group, if Zarr can have each part.

    Raises:
        NodeNameError: it cannot.

    """
    for part in name.split("/"):
        if part in ("", "zarr.json") or part.strip(".") == "" or part.startswith("__"):
            raise NodeNameError(f"{name[:128]!r} cannot name an array in a Zarr store")
    return name
