"""Whether the files of an ingest are of one dataset, each compared with all before it. No I/O."""

from typing import Final

from core.dataset import CurvilinearGrid, Description
from stores.ingest.difference import difference
from stores.ingest.header import Header
from stores.ingest.manifest import State
from stores.ingest.union import united
from stores.layout import NodeNameError, data

CURE: Final = "give files that differ so a dataset of their own"
"""What a provider can do about files that are not of one dataset."""


class Fitting:
    """The dataset as far as it is known, growing with every file that fits."""

    def __init__(self, state: State) -> None:
        """Begin with what is stored."""
        self._description = state.description
        self._coordinates: dict[frozenset[str], set[str]] = {}
        """By grids: the digests of their coordinates."""
        grids: dict[frozenset[str], frozenset[str]] = {}
        # How coordinates are compared is part of the format.
        for entry in (entry for entry in state.entries.values() if not entry.outdated):
            if state.description is not None and entry.variables not in grids:
                grids[entry.variables] = _grids(state.description, entry.variables)
            self._coordinates.setdefault(grids[entry.variables], set()).add(entry.coordinates)

    def misfit(self, header: Header) -> str | None:
        """Say why a file cannot be part of the dataset, with the cure; None makes it part of it."""
        try:
            for name in header.description.variables:
                data(name)
        except NodeNameError as error:
            return str(error)
        found = self._difference(header)
        if found is not None:
            return f"it does not fit the dataset: {found}; {CURE}"
        self._description = united(self._description, header.description)
        self._coordinates.setdefault(frozenset(header.description.grids), set()).add(header.coordinates)
        return None

    def _difference(self, header: Header) -> str | None:
        if self._description is None:
            return None
        return difference(self._description, header.description) or self._other_places(header)

    def _other_places(self, header: Header) -> str | None:
        """Compare the coordinates of curvilinear grids, which are known by the digest of all grids of a file."""
        grids = frozenset(header.description.grids)
        curvilinear = {name for name, grid in header.description.grids.items() if isinstance(grid, CurvilinearGrid)}
        known = self._coordinates.get(grids)
        if not curvilinear or (known is not None and header.coordinates in known):
            return None
        if known is not None:
            return "its horizontal coordinates are others"
        shared = [name for there in self._coordinates for name in curvilinear & there]
        return f"its grid {shared[0]} cannot be compared, for it comes with other grids" if shared else None


def _grids(description: Description, names: frozenset[str]) -> frozenset[str]:
    found = (description.variables[name].grid for name in names)
    return frozenset(grid for grid in found if grid is not None)
