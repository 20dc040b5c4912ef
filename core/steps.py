"""The step table: the time axis of a dataset, apart from where the data lie.

Arrays have append-only slots; a step says which slot holds its data. Replacing, inserting and withdrawing edit the
table alone, and no client ever sees a slot.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.time import Calendar, iso

COLUMNS: Final = ("time", "slot", "revision", "packing", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instant of a dataset."""

    time: int
    """Milliseconds since 1970-01-01T00:00:00 in the dataset's calendar."""
    slot: int
    """Index along the first dimension of the arrays."""
    revision: int
    """Names the content: equal revisions hold equal data. 63 bits."""
    packing: int
    """Index into the packings of the dataset."""
    source: int
    """Index into the source manifest."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepTable:
    """All steps, times strictly increasing."""

    calendar: Calendar
    rows: NDArray[np.int64]
    """Shape (n, 5), columns as in `COLUMNS`."""

    def __len__(self) -> int:
        """Return the number of steps."""
        return int(self.rows.shape[0])

    @property
    def times(self) -> NDArray[np.int64]:
        """Milliseconds, shape (n,), strictly increasing."""
        return self.rows[:, 0]

    def __getitem__(self, index: int) -> Step:
        """Return one step by its place in time; negative from the end."""
        time, slot, revision, packing, source = (int(value) for value in self.rows[index])
        return Step(time=time, slot=slot, revision=revision, packing=packing, source=source)

    def iso(self, index: int) -> str:
        """Write the time of a step as ISO 8601."""
        return iso(int(self.rows[index, 0]), self.calendar)

    def nearest(self, time: int) -> int:
        """Return the index of the step nearest to `time`, the earlier of two; the table must not be empty."""
        after = int(np.searchsorted(self.times, time))
        if after == 0:
            return 0
        if after == len(self):
            return after - 1
        return after if self.times[after] - time < time - self.times[after - 1] else after - 1
