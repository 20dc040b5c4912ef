"""A request for a part of a dataset, as one value."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.numbers import finite, shown
from core.problem import Problem
from gateway.ncss.request.formats import Format, format_asked
from gateway.ncss.request.parameters import Parameters
from gateway.ncss.request.place import Place, Point, place_asked
from gateway.ncss.request.times import Times, times_asked

_ALL: Final = "all"
_MOST_VARIABLES: Final = 256
DIMENSION: Final = "dim_"
"""Begins the name of the parameter of a further dimension, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Which levels, in the values and units of the file: a depth counts downwards where the file's does."""

    low: float | None
    """None: from the first on."""
    high: float | None
    """At least `low`; the same for one level, the nearest; None: up to the last."""
    stride: int
    """Every so many of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """What is asked for, before any dataset is looked at."""

    variables: tuple[str, ...] | None
    """Names as requests call them, in the order asked for; None for all."""
    place: Place
    horizontal_stride: int
    """Every so many rows and columns."""
    times: Times
    time_stride: int
    """Every so many steps."""
    levels: Levels | None
    """None for all of them."""
    elevation: str | None
    """A height as WMS takes it, as it was written; None where no height is asked for."""
    others: tuple[tuple[str, str], ...]
    """Of further dimensions the name in lower case, and what was written."""
    format: Format
    dry_run: bool
    """Whether only the cost is asked for."""


def parse_subset(query: Iterable[tuple[str, str]]) -> Subset:
    """Read a request.

    Raises:
        Problem: naming the parameter that is missing or cannot be used.

    """
    given = Parameters.of(query)
    place = place_asked(given)
    return Subset(
        variables=_variables(given),
        place=place,
        horizontal_stride=given.stride("horizStride"),
        times=times_asked(given),
        time_stride=given.stride("timeStride"),
        levels=_levels(given),
        elevation=_elevation(given),
        others=_others(given),
        format=format_asked(given.text("accept"), point=isinstance(place, Point)),
        dry_run=given.flag("dry-run"),
    )


def _variables(given: Parameters) -> tuple[str, ...] | None:
    names = given.members("var")
    if not names:
        raise Problem("missing_parameter", "var is required: var=NAME,NAME or var=all", parameter="var")
    if len(names) > _MOST_VARIABLES:
        raise Problem("too_large", f"var lists more than {_MOST_VARIABLES} variables; use var=all", parameter="var")
    return None if names[0].lower() == _ALL else names


def _levels(given: Parameters) -> Levels | None:
    text, stride = given.text("vertCoord"), given.stride("vertStride")
    if text is None:
        return None if stride == 1 else Levels(low=None, high=None, stride=stride)
    ends = [finite(part, "vertCoord") for part in text.split("/", 2)]
    if len(ends) > 2:
        raise Problem("invalid_value", f"vertCoord={shown(text)} is neither LEVEL nor LOW/HIGH", parameter="vertCoord")
    return Levels(low=min(ends), high=max(ends), stride=stride)


def _elevation(given: Parameters) -> str | None:
    text = given.text("elevation")
    if text is not None and (given.text("vertCoord") or given.text("vertStride")):
        message = "elevation and vertCoord both name levels: ask with one of them"
        raise Problem("invalid_value", message, parameter="elevation")
    return text


def _others(given: Parameters) -> tuple[tuple[str, str], ...]:
    named = ((name, given.text(name)) for name in given.given if name.startswith(DIMENSION))
    return tuple((name.removeprefix(DIMENSION), text) for name, text in named if text is not None)
