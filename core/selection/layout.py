"""The file that is given out: its dimensions, variables and attributes, whatever its format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Final

from core.attributes import Attribute, Attributes
from core.chunking import side
from core.dataset import CurvilinearGrid
from core.selection.coverage import covered
from core.selection.given import Given, given, text
from core.selection.plan import Plan

_CHUNK: Final = 2**20
"""Bytes of a chunk of a netCDF-4 file, about."""
_SIDE: Final = 512
"""Rows and columns of one at most."""

Extents = Mapping[str, tuple[float, float, float, float]]
"""By grid whose cells had to be read: west, south, east, north of the centres that are taken, in degrees."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """One file, without its values."""

    dimensions: Mapping[str, int]
    """By path, those that are used, in the order of the source."""
    unlimited: tuple[str, ...]
    """That may grow, where the format knows such."""
    variables: tuple[Given, ...]
    """In the order of the source, which is that of their values in a stream."""
    attributes: Attributes
    groups: Mapping[str, Attributes] = field(default_factory=dict)
    """Attributes of the groups that are used, by path, outer ones first."""

    @property
    def bytes(self) -> int:
        """Of all values."""
        return sum(prod(variable.shape) * variable.itemsize for variable in self.variables)


def layout(plan: Plan, extents: Extents, note: str) -> Layout:
    """Return the file that a plan gives.

    `note` is the line that `history` gets: it says how to ask for the same again.
    """
    description = plan.dataset.description
    variables = tuple(given(plan, name) for name in plan.variables)
    sizes = {
        name: size for variable in variables for name, size in zip(variable.dimensions, variable.shape, strict=True)
    }
    unpacked = [variable.name for variable in variables if variable.unpacked and not variable.turns]
    if unpacked:
        note += f" ({', '.join(unpacked)} unpacked: the packing is not the same at all of these steps)"
    order = [*(name for name in description.dimensions if name in sizes)]
    order += [name for name in sizes if name not in order]
    return Layout(
        dimensions={name: sizes[name] for name in order},
        unlimited=tuple(name for name in description.unlimited if name in sizes),
        variables=variables,
        attributes={
            **covered(plan, extents),
            "history": _appended(description.attributes, "history", note),
            **_comment(plan, variables),
        },
        groups=_groups(description.groups, [*sizes, *(variable.name for variable in variables)]),
    )


def _comment(plan: Plan, variables: Sequence[Given]) -> Attributes:
    """Return the comment of the file, with what is filled outside the box that was asked for as its last line."""
    fields = [variable for variable in variables if variable.name in plan.fields]
    lines = []
    for grid_id, hull in plan.hulls.items():
        here = [variable for variable in fields if plan.variable(variable.name).grid == grid_id]
        filled = [variable.name for variable in here if variable.outside is not None]
        kept = [variable.name for variable in here if variable.outside is None and variable.name not in plan.around]
        needed = [variable.name for variable in here if variable.name in plan.around]
        if filled:
            lines.append(f"Cells whose centre lies outside {hull.said} are filled in {', '.join(filled)}.")
        if kept:
            lines.append(f"{', '.join(kept)}: values outside {hull.said} too, for no code stands for missing data.")
        if needed:
            lines.append(f"{', '.join(needed)}: values outside {hull.said} too, for points between cells take them.")
    lines += list(_between(plan))
    if not lines:
        return {}
    return {"comment": _appended(plan.dataset.description.attributes, "comment", " ".join(lines))}


def _between(plan: Plan) -> Iterator[str]:
    """Say of which fields the source holds no places."""
    for grid_id in dict.fromkeys(plan.variable(name).grid or "" for name in plan.fields):
        grid = plan.dataset.description.grids[grid_id]
        if isinstance(grid, CurvilinearGrid) and grid.staggered is not None:
            names = ", ".join(name for name in plan.fields if plan.variable(name).grid == grid_id)
            held = f"{grid.staggered.y} and {grid.staggered.x}"
            yield f"{names}: the source has no places for these points, which lie between those of {held}."


def _appended(attributes: Attributes, name: str, note: str) -> Attribute:
    """Return a text attribute of the source with one more line.

    Source: NetCDF User Guide, appendix A, "history"; CF Conventions 1.11, 2.6.2.
    """
    said = attributes.get(name)
    before = "\n".join(said.strings) if said is not None and said.strings else (said.text or "") if said else ""
    return text(f"{before.rstrip()}\n{note}".lstrip())


def _groups(groups: Mapping[str, Attributes], paths: list[str]) -> dict[str, Attributes]:
    return {name: found for name, found in groups.items() if any(path.startswith(f"{name}/") for path in paths)}


def chunk_shape(variable: Given) -> tuple[int, ...]:
    """Return the chunks in which a variable lies in a netCDF-4 file: maps, and of small ones many in one chunk."""
    left = max(1, _CHUNK // variable.itemsize)
    sides: list[int] = []
    for place, length in enumerate(reversed(variable.shape)):
        most = _SIDE if place < 2 and len(variable.shape) > 1 else length
        # Even parts: what of a chunk lies beyond the variable is written all the same.
        cut = side(length, max(1, min(length, most, left)))
        sides.append(cut)
        left = left // cut if cut == length else min(left // cut, _SIDE if place == 0 else 1)
    return tuple(reversed(sides))
