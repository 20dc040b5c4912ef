"""Where the repositories of a unit lie: a local folder or a prefix in an S3-compatible object store."""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import icechunk

from stores.layout import SLOT, checked_dataset_id

SLOTS_PER_MANIFEST: Final = 64
"""An append rewrites one manifest of each array, and a first read loads one: both stay small however long the data."""
_CACHED_CHUNK_REFERENCES: Final = 2_000_000
"""About 100 bytes each. The decoded chunks themselves are cached elsewhere."""
_LOCKS: Final = ".locks"
"""The folder of the files that writers lock: it is made before anything else, and stays."""


class LocationError(ValueError):
    """The text names no place for a store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """The folder or prefix that holds one repository per dataset."""

    folder: Path | None = None
    """Local folder, absolute; None for an object store."""
    bucket: str = ""
    prefix: str = ""
    """Within the bucket, without slashes at its ends."""

    @classmethod
    def parse(cls, text: str, *, base: Path | None = None) -> "Location":
        """Read a folder, relative to `base` (default: the working folder), or s3://bucket/prefix.

        Raises:
            LocationError: it is neither.

        """
        scheme, separator, rest = text.partition("://")
        if not separator:
            if not text.strip():
                raise LocationError("the store has no place: give a folder or s3://bucket/prefix")
            return cls(folder=((base or Path.cwd()) / text).absolute())
        bucket, _, prefix = rest.partition("/")
        if scheme != "s3" or not bucket:
            raise LocationError(f"{text!r} is neither a folder nor s3://bucket/prefix")
        return cls(bucket=bucket, prefix=prefix.strip("/"))

    def __str__(self) -> str:
        """Write it as it is given."""
        return str(self.folder) if self.folder else f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def repository_folder(self, dataset_id: str) -> Path | None:
        """Return the local folder of a dataset's repository; None in an object store."""
        return None if self.folder is None else self.folder / checked_dataset_id(dataset_id)

    def lock_file(self, dataset_id: str) -> Path | None:
        """Return the file that the writer of a dataset locks; None where conditional writes do its work."""
        return None if self.folder is None else self.folder / _LOCKS / f"{checked_dataset_id(dataset_id)}.lock"

    def is_written(self) -> bool:
        """Tell whether anything was ever written here: the folder in which a disk is not mounted is empty, or missing.

        True for an object store, which says itself when it is away.

        Raises:
            OSError: that cannot be told.

        """
        if self.folder is None:
            return True
        with suppress(FileNotFoundError):
            return stat.S_ISDIR((self.folder / _LOCKS).stat().st_mode)
        return False

    def storage(self, dataset_id: str) -> icechunk.Storage:
        """Return the storage of a dataset's repository; a local folder is made if it is absent."""
        folder = self.repository_folder(dataset_id)
        if folder is not None:
            # It warns at each opening that folders need one writer at a time, which the lock sees to.
            icechunk.set_logs_filter("error")
            return icechunk.local_filesystem_storage(str(folder))
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        return icechunk.s3_storage(
            bucket=self.bucket,
            prefix="/".join(filter(None, (self.prefix, checked_dataset_id(dataset_id)))),
            region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
            endpoint_url=endpoint,
            allow_http=endpoint is not None and endpoint.startswith("http://"),
            force_path_style=endpoint is not None,
            from_env=True,
        )


def settings() -> icechunk.RepositoryConfig:
    """Return how repositories are kept: bounded caches, manifests split along the slots."""
    slots = icechunk.ManifestSplitDimCondition.DimensionName(f"^{SLOT}$")
    splitting = icechunk.ManifestSplittingConfig.from_dict(
        {icechunk.ManifestSplitCondition.AnyArray(): {slots: SLOTS_PER_MANIFEST}}
    )
    return icechunk.RepositoryConfig(
        caching=icechunk.CachingConfig(num_chunk_refs=_CACHED_CHUNK_REFERENCES, num_bytes_chunks=0),
        # Manifests are read when asked for: a failure in the background reaches no caller.
        manifest=icechunk.ManifestConfig(
            preload=icechunk.ManifestPreloadConfig(
                max_total_refs=0, preload_if=icechunk.ManifestPreloadCondition.false()
            ),
            splitting=splitting,
        ),
    )
