"""One value of an Icechunk store, with absent and unreadable kept apart."""

from typing import Final

import icechunk
from zarr.core.buffer import Buffer, default_buffer_prototype

_PROTOTYPE: Final = default_buffer_prototype()


async def fetch(store: icechunk.IcechunkStore, key: str) -> Buffer | None:
    """Return the value of a key; None only where there is none.

    Raises:
        icechunk.IcechunkError: it cannot be read.
        OSError: it is there and cannot be read.

    """
    found = await store.get(key, _PROTOTYPE)
    # Icechunk answers "no such key" for metadata when it cannot read the snapshot; `exists` raises then.
    if found is None and key.endswith("zarr.json") and await store.exists(key):
        raise OSError(f"{key} is there and cannot be read")
    return found
