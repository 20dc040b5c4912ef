"""What a check has found of one dataset: pure, from what its files say of themselves."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

from core.attributes import text_of
from core.dataset import Dataset, Description, MeshGrid, Variable
from core.dataset import placing as places_of
from core.layer import layers_of
from core.time import iso
from stores.ingest.manifest import Entry, State
from stores.ingest.survey import Survey

Kind = Literal["served", "not served", "note"]
_ITEM = {"i1": 1, "u1": 1, "S1": 1, "i2": 2, "u2": 2, "i4": 4, "u4": 4, "f4": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a check."""

    kind: Kind
    text: str


def findings(survey: Survey) -> Iterator[Finding]:
    """Say what of some files will be served, what not, and why."""
    for name, reason in survey.refused:
        yield Finding(kind="not served", text=f"file {name}: {reason}")
    for entry in survey.files.values():
        for name, reason in entry.left_out.items():
            yield Finding(kind="not served", text=f"{name} of file {entry.name}: {reason}")
    description = survey.description(State())
    if description is None:
        return
    yield from _layers(description, list(survey.files.values()))
    yield from _unseen(description)
    for path, header in survey.headers.items():
        for remark in header.remarks:
            yield Finding(
                kind="note", text=f"file {survey.files[path].name}: {remark}" if path in survey.files else remark
            )
    yield from _doubles(description, list(survey.files.values()))


def layers(dataset: Dataset) -> Iterator[Finding]:
    """Say which layers a dataset has that can be opened."""
    for layer in layers_of(dataset).values():
        parts = _shape(dataset.description, layer.variable)
        if layer.has_time:
            parts.append(_span(len(layer.steps), layer.steps.iso(0), layer.steps.iso(len(layer.steps) - 1)))
        yield Finding(kind="served", text=f"layer {layer.variable.name}: {', '.join(parts)}")


def unknown(description: Description | None, named: Collection[str]) -> Iterator[Finding]:
    """Say which variables a configuration names that are no layers."""
    layers = [] if description is None else [field.name for field in description.fields]
    for name in named:
        if name not in layers:
            there = ", ".join(layers) or "none"
            yield Finding(kind="not served", text=f"variables.{name}: there is no such layer; there are {there}")


def too_large(description: Description | None, cache: int) -> Iterator[Finding]:
    """Say which layers have chunks of more than `cache` bytes, which are read anew each time."""
    for field in () if description is None else description.fields:
        size = prod(field.chunks) * _ITEM.get(field.dtype, 8)
        if size > cache:
            text = f"layer {field.name}: chunks of {size} bytes are never kept: limits.chunk_cache is {cache}"
            yield Finding(kind="note", text=text)


def _layers(description: Description, entries: Sequence[Entry]) -> Iterator[Finding]:
    for field in description.fields:
        parts = _shape(description, field)
        times = sorted({time for entry in entries if field.name in entry.variables for time in entry.times})
        if field.stepped and description.time is not None and times:
            calendar = description.time.calendar
            parts.append(_span(len(times), iso(times[0], calendar), iso(times[-1], calendar)))
        yield Finding(kind="served", text=f"layer {field.name}: {', '.join(parts)}")


def _shape(description: Description, field: Variable) -> list[str]:
    """Say which grid and axes a field has."""
    grid = description.grids[field.grid or ""]
    parts = [f"{grid.kind} grid of {field.shape[-2]} x {field.shape[-1]}"]
    if isinstance(grid, MeshGrid):
        parts = [f"mesh of {grid.faces} faces, on {field.shape[-1]} {grid.location}s"]
    for name in field.axes:
        axis = description.axes[name]
        ends = f" {axis.values[0]:g}..{axis.values[-1]:g} {axis.units}".rstrip() if axis.values else ""
        parts.append(f"{len(axis.values)} of {name}{ends}")
    return parts


def _span(count: int, first: str, last: str) -> str:
    return f"{count} step{'' if count == 1 else 's'} {first}..{last}"


def _unseen(description: Description) -> Iterator[Finding]:
    """Say which variables are kept for the copies and are no layers."""
    placing = {name for grid in description.grids.values() for name in places_of(grid)} | set(description.axes)
    if description.time is not None:
        placing |= {description.time.variable, description.time.dimension}
    placing |= {
        bounds
        for name in placing & set(description.variables)
        if (bounds := text_of(description.variables[name].attributes, "bounds", "climatology"))
    }
    for variable in description.variables.values():
        if variable.grid is not None or variable.name in placing:
            continue
        reason = "no latitude and longitude belong to it"
        if variable.dtype in ("S1", "str"):
            reason = "it is text"
        elif not variable.dimensions:
            reason = "it is one value"
        yield Finding(kind="note", text=f"no layer: {variable.name}: {reason}")


def _doubles(description: Description, entries: Sequence[Entry]) -> Iterator[Finding]:
    """Say which files hold the same time of the same variable, and which of them wins."""
    stepped = {variable.name for variable in description.variables.values() if variable.stepped}
    placing = set() if description.time is None else {description.time.variable, description.time.dimension}
    winners: dict[tuple[int, str], Entry] = {}
    lost: dict[tuple[str, str], set[int]] = {}
    for entry in sorted(entries, key=lambda entry: entry.rank):
        for time in entry.times:
            for name in (entry.variables & stepped) - placing:
                before = winners.get((time, name))
                if before is not None and before is not entry:
                    lost.setdefault((before.name, entry.name), set()).add(time)
                winners[time, name] = entry
    if description.time is None:
        return
    calendar = description.time.calendar
    for (loser, winner), times in lost.items():
        first = iso(min(times), calendar)
        more = f" and {len(times) - 1} more" if len(times) > 1 else ""
        yield Finding(kind="note", text=f"time {first}{more} of file {loser} is in {winner} too, which wins")
