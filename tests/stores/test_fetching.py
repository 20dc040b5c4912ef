"""Values of a store: absent and unreadable are kept apart."""

import icechunk
import pytest

from stores.fetching import fetch


class Silent:
    """Answers "no such key" where it cannot read, as Icechunk's store does for metadata."""

    def __init__(self, *keys):
        self.keys = keys

    async def get(self, key, prototype):
        return None

    async def exists(self, key):
        return key in self.keys


async def test_metadata_that_is_there_and_is_not_given_is_unreadable_as_any_other():
    # Whoever reads a store puts the name of the dataset before what Icechunk raises.
    with pytest.raises(icechunk.IcechunkError, match=r"meta/zarr\.json is there and cannot be read"):
        await fetch(Silent("meta/zarr.json"), "meta/zarr.json")


async def test_metadata_that_is_not_there_is_absent():
    assert await fetch(Silent(), "meta/zarr.json") is None
