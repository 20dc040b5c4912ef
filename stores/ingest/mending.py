"""Takes what is damaged out of what an ingest begins with, so that it is read again from the files."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from core.dataset import CurvilinearGrid, Description, MeshGrid, Variable
from stores.damage import Chunk, Damage
from stores.ingest.blocks import Blocks
from stores.ingest.crew import Crew
from stores.ingest.intake import FileRefusedError, Intake
from stores.ingest.ledger import load, make_arrays, save
from stores.ingest.manifest import Placed, State
from stores.ingest.originals import differences
from stores.ingest.packing_table import PackingTable
from stores.ingest.pieces import placed
from stores.ingest.renewal import repacked
from stores.layout import FILES, REJECTED, SERIES, STEPS, data, document, overview, series
from stores.location import Location
from stores.writer import Writer

_RECORD: Final = frozenset({STEPS, FILES, *map(document, ("description", "packings", "sources"))})
"""What tells which files were taken up, and what of them lies where."""


@dataclass(slots=True, kw_only=True)
class _Lost:
    """What is damaged, in terms of what it was made of."""

    files: set[str] = field(default_factory=set)
    """Paths of those of which a step is damaged."""
    fixed: dict[str, str] = field(default_factory=dict)
    """By variable without time: the path of the file that gives it."""
    grids: dict[str, str] = field(default_factory=dict)
    """By grid: the path of a file that has it."""
    series: list[tuple[str, Chunk]] = field(default_factory=list)

    def without(self, paths: AbstractSet[str]) -> "_Lost":
        """Return it without what these files have given."""
        return _Lost(
            files=self.files - paths,
            fixed={name: path for name, path in self.fixed.items() if path not in paths},
            grids={name: path for name, path in self.grids.items() if path not in paths},
            series=self.series,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What an ingest begins with."""

    before: State
    """As it was taken up."""
    sound: State
    """Without what is damaged."""
    amiss: Mapping[str, str] = field(default_factory=dict)
    """By path: why a file cannot give again what is damaged of it, which stays as it is."""


def mended(location: Location, writer: Writer, crew: Crew, damage: Damage, mesh: Path | None = None) -> Mended:
    """Return what a dataset holds without what is damaged.

    What is worked out from the store itself or from coordinates is made anew here, and committed. Where the record of
    what was taken up is damaged, nothing was: all files are read again.

    Raises:
        OSError: the store cannot be read or written.

    """
    _forget(writer, damage)
    state = load(writer)
    if state.description is None or not damage.paths:
        return Mended(before=state, sound=state)
    lost = _found(state, state.description, damage)
    givers = sorted({*lost.files, *lost.fixed.values(), *lost.grids.values()})
    compared = differences([(path, state.entries[path].checksum) for path in givers], crew)
    amiss = {path: reason for path, reason in compared if reason is not None}
    lost = lost.without(amiss.keys())
    Blocks(location, writer).drop(lost.series)
    amiss |= _rebuild(Intake(location, writer, crew, mesh), state, lost.grids, damage)
    sound = _without(state, lost)
    _make_anew(writer, state, sound, damage)
    return Mended(before=state, sound=sound, amiss=amiss)


def _forget(writer: Writer, damage: Damage) -> None:
    """Remove the store's own arrays that are damaged, and those that mean nothing without them."""
    gone = set(damage.paths & {SERIES, document("statistics"), document(REJECTED)})
    lost = {path for path in damage.arrays if path.startswith("series/")}
    if lost:
        gone |= {*lost, SERIES}
    if damage.paths & _RECORD:
        gone |= {*_RECORD, SERIES, document("statistics"), *damage.arrays}
    for path in sorted(gone):
        writer.delete_array(path)
    # At once: whoever goes back to the last commit is not to meet them again.
    writer.commit("forget what is damaged")


def _make_anew(writer: Writer, state: State, sound: State, damage: Damage) -> None:
    """Make arrays that are lost as a whole, empty; nobody may find them so who takes the steps for whole."""
    if state.description is None or not state.packings:
        return
    variables = {path: variable for path, variable in _paths(state.description) if path in damage.arrays}
    slots = 1 + max((step.slot for step in state.steps.values()), default=-1)
    for stepped in (True, False):
        gone = [path for path, variable in variables.items() if variable.stepped is stepped]
        for path in gone:
            writer.delete_array(path)
        if gone:
            make_arrays(writer, state.description, state.packings[-1], slots)
        if gone and stepped:
            save(writer, state, sound)
            writer.commit("drop what is lost")
        # What has no time is committed as soon as it was read again, and not before.


def _found(state: State, description: Description, damage: Damage) -> _Lost:
    """Find out what the damaged chunks are of."""
    found = _Lost()
    copies = {series(name) for name in description.variables}
    found.series.extend((path, chunk) for path, chunk in damage.chunks if path in copies)
    found.files |= _givers_of_chunks(state, description, damage)
    variables = dict(_paths(description))
    for path in damage.paths:
        variable = variables.get(path)
        if path.startswith("geometry/"):
            found.grids.update(_giver(state, description, path))
        elif variable is not None and not variable.stepped and variable.name in state.fixed:
            found.fixed[variable.name] = state.fixed[variable.name].path
        elif variable is not None and path in damage.arrays:
            found.files |= {giver for step in state.steps.values() for giver in _givers(step, variable.name)}
    return found


def _givers_of_chunks(state: State, description: Description, damage: Damage) -> set[str]:
    """Return the paths of the files that gave the steps in which chunks are damaged."""
    variables = dict(_paths(description))
    steps = {step.slot: step for step in state.steps.values()}
    found: set[str] = set()
    for path, chunk in damage.chunks:
        variable = variables.get(path)
        step = steps.get(chunk[0]) if variable is not None and variable.stepped else None
        # What was written since the verification is not what was found damaged.
        if variable is not None and step is not None and step.revision == damage.revisions.get(step.slot):
            found |= _givers(step, variable.name)
    return found


def _givers(step: Placed, variable: str) -> set[str]:
    return {piece.path for piece in step.pieces if variable in piece.variables}


def _paths(description: Description) -> Iterator[tuple[str, Variable]]:
    """Yield the arrays that are read from files, and the variable of each."""
    for variable in description.variables.values():
        yield data(variable.name), variable
        for factor in variable.overviews:
            yield overview(factor, variable.name), variable


def _giver(state: State, description: Description, path: str) -> Iterator[tuple[str, str]]:
    """Yield the grid that an array belongs to, and the path of the newest file that has its coordinates."""
    for name, grid in description.grids.items():
        searched = isinstance(grid, CurvilinearGrid | MeshGrid)
        if path.startswith(f"geometry/{name}/") and searched and grid.y in state.fixed:
            yield name, state.fixed[grid.y].path


def _rebuild(intake: Intake, state: State, grids: Mapping[str, str], damage: Damage) -> dict[str, str]:
    """Work out anew what finds cells on curvilinear grids, from the same coordinates; return why files cannot."""
    amiss = {}
    for name, path in grids.items():
        grid = state.description.grids[name] if state.description is not None else None
        if state.description is not None and isinstance(grid, CurvilinearGrid | MeshGrid):
            for lost in damage.arrays:
                if lost.startswith(f"geometry/{name}/"):
                    intake.writer.delete_array(lost)
            try:
                intake.placed(state.entries[path], replace(state.description, grids={name: replace(grid, buckets=0)}))
                intake.writer.commit(f"mend {name}")
            except FileRefusedError as refusal:
                intake.forget()
                amiss[path] = refusal.reason
    return amiss


def _without(state: State, lost: _Lost) -> State:
    steps = dict(_kept(state.steps, lost.files))
    after = replace(state, steps=steps, lost=frozenset(lost.fixed))
    return repacked(state, after, PackingTable(state.packings))


def _kept(steps: Mapping[int, Placed], files: AbstractSet[str]) -> Iterator[tuple[int, Placed]]:
    """Yield the steps without what some files have given: all of these files is read again."""
    for time, step in steps.items():
        left = [piece for piece in step.pieces if piece.path not in files]
        if len(left) == len(step.pieces):
            yield time, step
        elif left:
            yield time, placed(step.slot, left, step.packing)
