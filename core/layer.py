"""A layer: one field of one dataset version, and the choice of its time and levels that a request makes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from core.problem import Problem
from core.steps import Step, StepTable
from core.vectors import Vector
from core.vertical.heights import Heights, TermSlice
from core.vertical.terms import Term, levels_of

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_WORKED_OUT: Final = Packing(dtype="f8")
"""Of what no file holds: NaN is missing."""
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
    """Of the level that was chosen, counted upwards, in the axis' units; None without levels.

    Of levels that follow the surface and the bottom it is the height that was chosen, 0 the uppermost level; None where
    one was named by its number.
    """
    others: tuple[tuple[str, float], ...] = ()
    """Name and value chosen of every further dimension."""
    sought: float | None = None
    """The height at which the level is sought, place by place: that in `indices` stands for all of them. Metres."""
    terms: tuple[TermSlice, ...] = ()
    """Of levels that follow the surface and the bottom: the depth of the bottom then, and the height of the surface."""
    how: tuple[tuple[str, How], ...] = ()
    """Of `time`, `elevation` and every further dimension, why its value was chosen. It names nothing in any cache."""
    components: tuple["Selection", ...] = ()
    """Of a layer that is worked out from the components of a vector: what is taken of each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """What clients name `dataset/variable`."""

    dataset: Dataset
    variable: Variable
    steps: StepTable
    """The steps at which the field is there; the dataset's own table where that is all of them. Never empty."""
    dimensions: tuple[Dimension, ...]
    """One for each of the variable's axes, in stored order."""
    heights: Heights | None = None
    """Of levels that follow the surface and the bottom: by number they are a further dimension."""
    called: str
    """What requests call the variable: its name, where a request can hold it."""
    leeway: Leeway = EXACT
    """How near to what is asked for a value has to be."""
    vector: Vector | None = None
    """Which the layer is worked out from; None for one that is a field of the source."""
    components: tuple["Layer", ...] = ()
    """The two of `vector`, eastward or along rows first, at the steps of this layer."""

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
    def elevation_units(self) -> str:
        """The units of the elevation, as the file writes them; "" where there are none."""
        if self.heights is not None:
            return "m"
        return "" if self.vertical is None else self.vertical.units

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
        if self.components:
            parts = tuple(part.select(time, elevation, others) for part in self.components)
            return replace(parts[0], packing=_WORKED_OUT, components=parts)
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
        selection = Selection(
            indices=(step.slot, *places) if self.variable.stepped else tuple(places),
            revision=step.revision if self.variable.stepped else self._revision_of_all(),
            packing=self.dataset.packings[step.packing][self.variable.name],
            time=self.steps.iso(index) if self.has_time else None,
            elevation=chosen.pop("elevation", None),
            others=tuple(chosen.items()),
            how=tuple((name, place.how) for name, place in (timed | found).items()),
        )
        return selection if self.heights is None else self._at_height(self.heights, selection, elevation, step)

    def _at_height(self, heights: Heights, selection: Selection, elevation: str | None, step: Step) -> Selection:
        """Settle whether a level is meant by its number or by its height."""
        height, how = heights.find(elevation)
        axis = self.dimensions[heights.levels.place]
        level = dict(selection.others)[axis.name]
        named = dict(selection.how)[axis.name] == "asked"
        default = level == axis.values[axis.default]
        if height and named and not default:
            message = f"ELEVATION={height:g} and {axis.parameter}={level:g} are two levels: name one of them"
            raise Problem("invalid_dimension", message, parameter=axis.parameter)
        terms = self._terms(heights, selection.indices, step)
        if named and not height and (how == "default" or not default):
            return replace(selection, terms=terms)
        if height and not terms:
            names = " and ".join(term.variable.name for term in heights.levels.terms)
            message = f"at this time there is no {names} to tell heights by: name a level by {axis.parameter}"
            raise Problem("invalid_dimension", message, parameter="ELEVATION")
        # At the surface no depth is needed: it is the uppermost level that is there.
        return replace(
            selection,
            elevation=height,
            sought=height or None,
            terms=terms,
            others=tuple((name, value) for name, value in selection.others if name != axis.name),
            how=tuple(("elevation", how) if name == axis.name else (name, why) for name, why in selection.how),
        )

    def _terms(self, heights: Heights, indices: tuple[int, ...], step: Step) -> tuple[TermSlice, ...]:
        """Return the slices of the terms that go with a slice of the field; none where one is not there."""
        found = [self._term(term, indices, step) for term in heights.levels.terms]
        there = tuple(term for term in found if term is not None)
        return there if len(there) == len(found) else ()

    def _term(self, term: Term, indices: tuple[int, ...], step: Step) -> TermSlice | None:
        variable = term.variable
        steps = self.dataset.steps
        # What has no time is that of the newest file, which stands last among the sources.
        holder = step if variable.stepped else steps[int(steps.rows[:, 4].argmax())]
        packing = self.dataset.packings[holder.packing].get(variable.name)
        if packing is None:
            return None
        levels = dict(zip(self.variable.axes, indices[len(indices) - len(self.variable.axes) :], strict=True))
        slot = (step.slot,) if variable.stepped else ()
        return TermSlice(
            name=variable.name,
            shape=(variable.shape[-2], variable.shape[-1]),
            between=term.between,
            overviews=variable.overviews,
            indices=(*slot, *(levels[name] for name in variable.axes)),
            revision=step.revision if variable.stepped else self._revision_of_all(),
            packing=packing,
            corners=term.corners,
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
            dimensions = dimensions_of(axes)
            heights = None if any(one.name == "elevation" for one in dimensions) else _heights(dataset, variable)
            layers[of_requests[variable.name]] = Layer(
                dataset=dataset,
                variable=variable,
                steps=tables[having],
                dimensions=_with_top(dimensions, heights),
                heights=heights,
                called=of_requests[variable.name],
                leeway=leeway,
            )
    return layers


def _heights(dataset: Dataset, variable: Variable) -> Heights | None:
    """Return the heights at which a field can be asked for; None without such levels, or a bottom below the surface."""
    levels = levels_of(dataset.description, variable)
    deep = None if levels is None else dataset.statistics.get(levels.depth.variable.name)
    if levels is None or deep is None:
        return None
    high = None if levels.eta is None else dataset.statistics.get(levels.eta.variable.name)
    lowest, highest = _outwards(-deep.maximum), _outwards(max(0.0, high.maximum if high else 0.0))
    return Heights(levels=levels, lowest=lowest, highest=highest) if lowest < highest else None


def _outwards(height: float) -> float:
    """Return a height in whole millimetres that is no nearer to the datum."""
    millimetres = height * 1000
    return (math.floor(millimetres) if height < 0 else math.ceil(millimetres)) / 1000


def _with_top(dimensions: tuple[Dimension, ...], heights: Heights | None) -> tuple[Dimension, ...]:
    """Return dimensions of which that of the levels has the uppermost for its default."""
    if heights is None:
        return dimensions
    place, top = heights.levels.place, heights.levels.column.top
    return tuple(replace(one, default=top) if at == place else one for at, one in enumerate(dimensions))


def _steps_of(dataset: Dataset, packings: Sequence[int]) -> StepTable:
    """Return the steps that are packed in one of `packings`."""
    steps = dataset.steps
    kept = np.isin(steps.rows[:, 3], packings)
    return steps if kept.all() else StepTable(calendar=steps.calendar, rows=steps.rows[kept])
