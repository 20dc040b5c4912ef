"""Reads a whole version with zarr-python, to compare it with another and with what a server answers."""

from dataclasses import dataclass, replace

import icechunk
import numpy as np
import zarr
from numpy.typing import NDArray

from core.dataset import Dataset, Description
from stores.location import Location, settings
from stores.repository import StoredDataset


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Whole:
    """All that one version holds."""

    dataset: Dataset
    arrays: dict[str, NDArray[np.generic]]

    @property
    def truth(self) -> dict[str, int]:
        """Return the one value of each time, by time."""
        found = {}
        for time, slot in self.dataset.steps.rows[:, :2].tolist():
            values = np.unique(np.round(np.asarray(self.arrays["data/t"][slot], dtype="f8")))
            if len(values) != 1:
                raise ValueError(f"version {self.dataset.version} holds {values} at {time}")
            found[f"{np.datetime64(time, 'ms').astype('datetime64[s]')}Z"] = int(values[0])
        return found

    def differences(self, other: "Whole") -> list[str]:
        """Name what differs: slots and packings may be numbered otherwise, content and revisions may not."""
        ours, theirs = self.dataset.steps, other.dataset.steps
        found = [] if np.array_equal(ours.rows[:, [0, 2]], theirs.rows[:, [0, 2]]) else ["steps"]
        if sorted(self.arrays) != sorted(other.arrays):
            found.append("arrays")
        if self.dataset.statistics != other.dataset.statistics:
            found.append("statistics")
        mine, its = described(self.dataset.description), described(other.dataset.description)
        found += [f"{name} of the description" for name in mine.__slots__ if getattr(mine, name) != getattr(its, name)]
        if found:
            return found
        stepped = {name for name, each in self.dataset.description.variables.items() if each.stepped}
        for path, left in self.arrays.items():
            if path.startswith(("meta/", "series/")):
                continue
            by_slot = path.rpartition("/")[2] in stepped
            places = (ours.rows[:, 1], theirs.rows[:, 1]) if by_slot else (..., ...)
            if not np.array_equal(left[places[0]], other.arrays[path][places[1]]):
                found.append(path)
        return found


def described(description: Description) -> Description:
    """Leave out how long the time was in the first file that was ever taken."""
    time = description.time.dimension if description.time else ""
    return replace(description, dimensions={name: n for name, n in description.dimensions.items() if name != time})


async def whole(location: Location, dataset_id: str) -> Whole:
    """Read all arrays of the version that is served."""
    dataset, reader = await StoredDataset(location, dataset_id).open()
    repository = await icechunk.Repository.open_async(location.storage(dataset_id), config=settings())
    session = await repository.readonly_session_async(snapshot_id=reader.version)
    root = await zarr.api.asynchronous.open_group(session.store, mode="r")
    arrays = {
        path: np.asarray(await found.getitem(...))
        async for path, found in root.members(max_depth=None)
        if isinstance(found, zarr.AsyncArray)
    }
    return Whole(dataset=dataset, arrays=arrays)
