"""A layer: one field of one dataset version, and the choice of its time and levels that a request makes."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from core.dataset import Axis, Dataset, Variable
from core.numbers import finite, shown
from core.packing import Packing
from core.problem import Problem

if TYPE_CHECKING:
    from core.steps import Step

_TOLERANCE = 1e-4
"""Relative: levels such as 0.49402499 are written back by clients with fewer digits."""


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """What clients name `dataset/variable`."""

    dataset: Dataset
    variable: Variable

    @property
    def name(self) -> str:
        """As clients name it."""
        return f"{self.dataset.id}/{self.variable.name}"

    @property
    def vertical(self) -> Axis | None:
        """The vertical axis, if the field has one."""
        axes = (self.dataset.description.axes[name] for name in self.variable.axes)
        return next((axis for axis in axes if axis.kind == "vertical"), None)

    @property
    def has_time(self) -> bool:
        """Whether the field changes from step to step."""
        return self.variable.stepped and self.dataset.description.time is not None

    @property
    def default_step(self) -> int:
        """The step that stands for the layer when no time is asked for.

        It is the one nearest to the publication of this version, which for a forecast is "now": it does not move
        with the clock, so that one version answers the same request alike.
        """
        return self.dataset.steps.nearest(self.dataset.published)

    @property
    def default_level(self) -> int:
        """The level nearest to the surface."""
        axis = self.vertical
        if axis is None:
            return 0
        return min(range(len(axis.values)), key=lambda level: abs(axis.values[level]))

    def select(self, time: str | None, elevation: str | None) -> Selection:
        """Settle time and level from TIME and ELEVATION as the client wrote them; None or "" is the default.

        Raises:
            Problem: `invalid_dimension`, naming what would be right.

        """
        index = self._step_index(time)
        step = self.dataset.steps[index]
        level = self._level_index(elevation)
        axis = self.vertical
        levels = tuple(level if axis is not None and name == axis.name else 0 for name in self.variable.axes)
        return Selection(
            indices=(step.slot, *levels) if self.variable.stepped else levels,
            revision=step.revision if self.variable.stepped else self._revision_of_all(),
            packing=self._packing(step),
            time=self.dataset.steps.iso(index) if self.has_time else None,
            elevation=None if axis is None else axis.elevations[level],
        )

    def _packing(self, step: "Step") -> Packing:
        packing = step.packing
        if not self.variable.stepped:
            # What has no time is that of the newest file, which stands last among the sources.
            rows = self.dataset.steps.rows
            packing = int(rows[rows[:, 4].argmax(), 3])
        return self.dataset.packings[packing][self.variable.name]

    def _revision_of_all(self) -> int:
        # A field without time may be rewritten by any source file.
        revisions = self.dataset.steps.rows[:, 2].tobytes()
        return int.from_bytes(blake2b(revisions, digest_size=8).digest())

    def _step_index(self, time: str | None) -> int:
        if not self.has_time:
            return 0
        if time is None or not time.strip():
            return self.default_step
        return self.dataset.steps.at(time)

    def _level_index(self, elevation: str | None) -> int:
        axis = self.vertical
        if axis is None or elevation is None or not elevation.strip():
            return self.default_level
        try:
            asked = finite(elevation, "ELEVATION")
        except Problem as problem:
            raise Problem("invalid_dimension", str(problem), parameter="ELEVATION") from problem
        offered = axis.elevations
        level = min(range(len(offered)), key=lambda index: abs(offered[index] - asked))
        if abs(offered[level] - asked) <= _TOLERANCE * max(abs(asked), abs(offered[level])):
            return level
        message = f"ELEVATION={shown(elevation)} is not a level; the nearest is {offered[level]!r}"
        raise Problem("invalid_dimension", message, parameter="ELEVATION")
