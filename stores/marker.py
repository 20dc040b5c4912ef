"""What marks a repository as a store of ours: the attributes of its group `meta`."""

import json
from dataclasses import dataclass

from stores.arrays import write_group
from stores.layout import FORMAT, FORMAT_VERSION


class NewerFormatError(OSError):
    """A later version of the software wrote the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """Which format, and when this version was published."""

    published: int | None
    """Milliseconds since 1970-01-01T00:00:00Z; None before the first publication."""


def write_marker(marker: Marker) -> bytes:
    """Write the metadata of the group `meta`."""
    about = {"format": FORMAT, "format_version": FORMAT_VERSION}
    return write_group(about if marker.published is None else about | {"published": marker.published})


def read_marker(raw: bytes, dataset_id: str) -> Marker:
    """Read the metadata of the group `meta`.

    Raises:
        NewerFormatError: the store needs a later version of the software.
        OSError: it is no store of ours.

    """
    try:
        about = json.loads(raw)["attributes"]
        name, version, published = about["format"], int(about["format_version"]), about.get("published")
        published = None if published is None else int(published)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise OSError(f"dataset {dataset_id}: its repository is not a {FORMAT}: {error!r}") from error
    if name != FORMAT:
        raise OSError(f"dataset {dataset_id}: its repository is a {name!r}, not a {FORMAT}")
    if version > FORMAT_VERSION:
        message = (
            f"dataset {dataset_id}: its store has format version {version}, and this software reads up to version "
            f"{FORMAT_VERSION}: update the software, or ingest the dataset again under another id"
        )
        raise NewerFormatError(message)
    return Marker(published=published)
