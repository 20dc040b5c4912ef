"""A layer: one field of one dataset version, and the choice of its time and levels that a request makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType
from typing import Final

import numpy as np

from core.asked.leeway import EXACT, Found, How, Leeway
from core.asked.steps import step_asked
from core.dataset import Axis, Dataset, Variable
from core.dimensions import Dimension, dimensions_of
from core.names import called
from core.packing import Packing
from core.steps import StepTable

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_WEEK: Final = 7 * 86_400_000
"""Milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One two-dimensional slice of a field: everything settled but the place."""

    indices: tuple[int, ...]
    """What stands before (row, column) in the index of a stored array: slot (where stepped) and levels."""
    revision: int
    """Of the content, for caches and ETags."""
    packing: Packing
    time: str | None
    """ISO 8601, of the step that was chosen; None without time."""
    elevation: float | None
    """Of the level that was chosen, counted upwards, in the axis' units; None without levels."""
    others: tuple[tuple[str, float], ...] = ()
    """Name and value chosen of every further dimension."""
    how: tuple[tuple[str, How], ...] = ()
    """Of `time`, `elevation` and every further dimension, why its value was chosen. It names nothing in any cache."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """What clients name `dataset/variable`."""

    dataset: Dataset
    variable: Variable
    steps: StepTable
    """The steps at which the field is there; the dataset's own table where that is all of them. Never empty."""
    dimensions: tuple[Dimension, ...]
    """One for each of the variable's axes, in stored order."""
    called: str
    """What requests call the variable: its name, where a request can hold it."""
    leeway: Leeway = EXACT
    """How near to what is asked for a value has to be."""

    @property
    def name(self) -> str:
        """As clients name it."""
        return f"{self.dataset.id}/{self.called}"

    @property
    def elevation(self) -> Dimension | None:
        """The levels, if the field has any."""
        return next((found for found in self.dimensions if found.name == "elevation"), None)

    @property
    def vertical(self) -> Axis | None:
        """The axis of the levels, if the field has any."""
        elevation = self.elevation
        return None if elevation is None else elevation.axis

    @property
    def others(self) -> tuple[Dimension, ...]:
        """The dimensions that are neither time, nor elevation, nor place."""
        return tuple(found for found in self.dimensions if found.name != "elevation")

    @property
    def has_time(self) -> bool:
        """Whether the field changes from step to step."""
        return self.variable.stepped and self.dataset.description.time is not None

    @property
    def kept_current(self) -> bool:
        """Whether the newest step was recent when this version was published: a week, or two of its steps."""
        times = self.steps.times
        spacing = float(np.median(np.diff(times))) if len(self.steps) > 1 else 0.0
        return self.has_time and self.dataset.published - int(times[-1]) <= max(_WEEK, 2 * spacing)

    @property
    def default_step(self) -> int:
        """The step that stands for the layer when no time is asked for.

        It is the one nearest to the publication of this version, which for a forecast is "now": it does not move
        with the clock, so that one version answers the same request alike.
        """
        return self.steps.nearest(self.dataset.published)

    def select(self, time: str | None, elevation: str | None, others: Mapping[str, str] = _NONE) -> Selection:
        """Settle time and levels as the client wrote them; None, "" and what is not named are the defaults.

        Args:
            time: as TIME.
            elevation: as ELEVATION.
            others: by name of a dimension in upper case; those that the layer does not have mean nothing here.

        Raises:
            Problem: `invalid_dimension`, naming what would be right; `too_large`.

        """
        when = self._step(time)
        index, step = when.index, self.steps[when.index]
        found = {
            one.name: one.find(elevation, self.leeway.elevation)
            if one.name == "elevation"
            else one.find(others.get(one.name.upper()))
            for one in self.dimensions
        }
        places = [place.index for place in found.values()]
        chosen = {one.name: one.values[found[one.name].index] for one in self.dimensions}
        timed = {"time": when} if self.has_time else {}
        return Selection(
            indices=(step.slot, *places) if self.variable.stepped else tuple(places),
            revision=step.revision if self.variable.stepped else self._revision_of_all(),
            packing=self.dataset.packings[step.packing][self.variable.name],
            time=self.steps.iso(index) if self.has_time else None,
            elevation=chosen.pop("elevation", None),
            others=tuple(chosen.items()),
            how=tuple((name, place.how) for name, place in (timed | found).items()),
        )

    def _revision_of_all(self) -> int:
        # A field without time may be rewritten by any source file.
        revisions = self.dataset.steps.rows[:, 2].tobytes()
        return int.from_bytes(blake2b(revisions, digest_size=8).digest())

    def _step(self, time: str | None) -> Found:
        if not self.variable.stepped:
            # What has no time is that of the newest file, which stands last among the sources.
            return Found(index=int(self.steps.rows[:, 4].argmax()), how="default")
        if not self.has_time:
            return Found(index=0, how="default")
        if time is None or not time.strip():
            return Found(index=self.default_step, how="default")
        return step_asked(self.steps, time, self.leeway)


def layers_of(dataset: Dataset, leeway: Leeway = EXACT) -> dict[str, Layer]:
    """Return the layers of a dataset by what requests call their variables, in source order.

    The packing of a step has an entry for each variable that is there at that step. A field that is there at no step,
    or has an axis without any place, is no layer.
    """
    description = dataset.description
    # Most packings have the same variables, though there may be one for each file.
    alike: dict[frozenset[str], list[int]] = {}
    for index, packing in enumerate(dataset.packings):
        alike.setdefault(frozenset(packing), []).append(index)
    tables: dict[tuple[frozenset[str], ...], StepTable] = {}
    layers = {}
    of_requests = called(variable.name for variable in description.fields)
    for variable in description.fields:
        having = tuple(names for names in alike if variable.name in names)
        if having not in tables:
            tables[having] = _steps_of(dataset, [index for names in having for index in alike[names]])
        axes = [description.axes[name] for name in variable.axes]
        if len(tables[having]) and all(axis.values for axis in axes):
            layers[of_requests[variable.name]] = Layer(
                dataset=dataset,
                variable=variable,
                steps=tables[having],
                dimensions=dimensions_of(axes),
                called=of_requests[variable.name],
                leeway=leeway,
            )
    return layers


def _steps_of(dataset: Dataset, packings: Sequence[int]) -> StepTable:
    """Return the steps that are packed in one of `packings`."""
    steps = dataset.steps
    kept = np.isin(steps.rows[:, 3], packings)
    return steps if kept.all() else StepTable(calendar=steps.calendar, rows=steps.rows[kept])
