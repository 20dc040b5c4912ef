"""Where the cells of the last views lie, for grids that are searched: other times and levels show the same cells."""

from typing import NamedTuple

from cachetools import LRUCache

from core.cells import Cells, Scattered
from core.view import View


class ViewKey(NamedTuple):
    """Names the cells of a view: the same grid in another version, or in another dataset, has the same."""

    geometry: int
    """Names the content of the grid's arrays."""
    shape: tuple[int, int]
    """Of the grid."""
    view: View


class CellCache:
    """Bounded in bytes; the views that were asked for longest ago leave first."""

    def __init__(self, max_bytes: int) -> None:
        """Keep at most `max_bytes` of cells; one view that takes more is not kept."""
        self.hits = 0
        """Views whose cells were there."""
        self.misses = 0
        """Views that had to be searched."""
        self._kept: LRUCache[ViewKey, Scattered] = LRUCache(max_bytes, getsizeof=_bytes)

    @property
    def bytes(self) -> int:
        """What is kept now."""
        return int(self._kept.currsize)

    def held(self, key: ViewKey) -> Scattered | None:
        """Return the cells of a view; None where they are not there."""
        found = self._kept.get(key)
        if found is None:
            self.misses += 1
        else:
            self.hits += 1
        return found

    def keep(self, key: ViewKey, cells: Cells) -> None:
        """Keep the cells of a view, which nobody may change from now on."""
        if isinstance(cells, Scattered) and _bytes(cells) <= self._kept.maxsize:
            cells.rows.flags.writeable = cells.columns.flags.writeable = False
            self._kept[key] = cells


def _bytes(cells: Scattered) -> int:
    return cells.rows.nbytes + cells.columns.nbytes
