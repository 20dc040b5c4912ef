"""What the documents of a layer are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from renderers.kml.features import Size, Span
from renderers.kml.tiles import Pyramid


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A layer, in words."""

    title: str
    """What is shown: `Sea water potential temperature`."""
    dataset: str
    """What it is part of."""
    facts: Sequence[tuple[str, str]]
    """Name and text of what else a reader may want to know: units, source, licence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instant that is shown."""

    time: str | None
    """As TIME names it; None for a layer without time."""
    number: int
    """Its place among all steps of the layer: of several that are seen at once a later one lies above."""
    span: Span | None
    """Until the next one; None where viewers could not understand it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The steps that are shown, one after the other."""

    steps: Sequence[Step]
    """From the earliest to the latest; at least one."""
    pyramid: Pyramid
    legend: Size
    """Of the picture of the legend."""
    legends: bool
    """Whether each step has a legend of its own, since its range follows its values."""
