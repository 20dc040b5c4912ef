"""Brings parts of files into the store and commits them; says which file is to blame where that fails."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.attributes import text_of
from core.dataset import CurvilinearGrid, Description, MeshGrid
from stores.arrays import ArrayMismatchError
from stores.ingest.crew import Crew, WorkerDiedError
from stores.ingest.fitting import CURE
from stores.ingest.geometry import Asked, Indexed, build_together
from stores.ingest.header import Header
from stores.ingest.ledger import LostChunkError, Written, put_geometry, save, save_statistics
from stores.ingest.manifest import Entry, State
from stores.ingest.names import group_of, resolved
from stores.ingest.parts import Part, Task, tasks
from stores.ingest.reading import read_task
from stores.ingest.refusal import Unreadable
from stores.ingest.scan import scan
from stores.ingest.statistics import Contribution, joined
from stores.location import Location
from stores.writer import Writer


class FileRefusedError(Exception):
    """A file cannot be taken up, for a reason its provider can act on."""

    def __init__(self, path: str, reason: str, variable: str = "") -> None:
        """Name the file, and the variable that is the reason if it is one."""
        super().__init__(path, reason, variable)
        self.path, self.reason, self.variable = path, reason, variable


class Intake:
    """The way from files into one store."""

    def __init__(self, location: Location, writer: Writer, crew: Crew, mesh: Path | None = None) -> None:
        """Bring in nothing yet; `mesh` is the file that has the mesh of files that lack theirs."""
        self.writer = writer
        self._location, self._crew = location, crew
        self._mesh = "" if mesh is None else str(mesh)
        self._written = Written()

    def read(
        self, entry: Entry, parts: Iterable[Part], description: Description
    ) -> dict[int | None, dict[str, Contribution]]:
        """Read parts of a file into the store; return what they contribute to the statistics, by time and by field.

        Raises:
            FileRefusedError: it cannot be read.

        """
        found: dict[int | None, dict[str, list[Contribution]]] = {}
        with blaming(entry):
            like = replace(_task(entry, description), mesh=self._mesh)
            for encoded in self._crew.each(read_task, tasks(iter(parts), like)):
                for part in encoded:
                    for path, chunks in part.chunks.items():
                        self.writer.put_chunks(path, chunks)
                        self._written.add(path, chunks)
                    for index, contribution in part.contributions.items():
                        time = None if index is None else entry.times[index]
                        found.setdefault(time, {}).setdefault(part.name, []).append(contribution)
        # A step may have been read in several parts.
        return {
            time: {name: total for name, some in fields.items() if (total := joined(some)) is not None}
            for time, fields in found.items()
        }

    def header(self, entry: Entry) -> Header:
        """Read the header of a file.

        Raises:
            FileRefusedError: it cannot be read.

        """
        with blaming(entry):
            return self._crew.one(partial(scan, mesh=self._mesh), Path(entry.path))

    def placed(self, entry: Entry, description: Description) -> Description:
        """Return the description with the geometry of its new curvilinear grids and meshes, worked out from a file.

        Raises:
            FileRefusedError: that is not possible.

        """
        grids = dict(description.grids)
        for together in _together(description):
            asked = tuple(Asked(path=entry.path, grid=grid, mesh=self._mesh) for grid in together.values())
            with blaming(entry):
                for name, built in zip(together, self._crew.one(build_together, asked), strict=True):
                    put_geometry(self.writer, name, built)
                    grids[name] = built.grid
        return replace(description, grids=grids)

    def commit(self, before: State, after: State, message: str, *, complete: bool) -> bool:
        """Make a state permanent, and read back what was written; tell whether there was anything to do.

        Statistics follow when all is `complete`.

        Raises:
            LostChunkError: the store does not give it back.

        """
        if after != before:
            save(self.writer, before, after)
        if not (complete and save_statistics(self.writer, after)) and after == before:
            return False
        version = self.writer.commit(message)
        try:
            self._written.check(self._location, self.writer.dataset_id, version)
        except LostChunkError:
            # So that the next ingest takes what changed for new and reads it again.
            kept = {time: step for time, step in before.steps.items() if after.steps.get(time) == step}
            save(self.writer, after, replace(after, entries=before.entries, steps=kept))
            self.writer.commit("drop what was lost")
            raise
        return True

    def forget(self) -> None:
        """Drop what was read since the last commit."""
        self.writer.discard()
        self._written = Written()


def _together(description: Description) -> Iterator[Mapping[str, Indexed]]:
    """Yield grids without geometry; those on one mesh together, of which the last finds faces for all."""
    found: dict[tuple[object, ...], dict[str, MeshGrid]] = {}
    for name, grid in description.grids.items():
        if isinstance(grid, MeshGrid) and not grid.buckets:
            of_mesh = (grid.x, grid.y, grid.connectivity, grid.face_axis, grid.topology, grid.crs)
            found.setdefault(of_mesh, {})[name] = grid
        elif isinstance(grid, CurvilinearGrid) and not grid.buckets:
            yield {name: grid}
    for together in found.values():
        *others, last = together
        yield {name: replace(grid, search=last) if name in others else grid for name, grid in together.items()}


@contextmanager
def blaming(entry: Entry) -> Iterator[None]:
    """Turn what may go wrong with a file into its refusal."""
    try:
        yield
    except Unreadable as error:
        raise FileRefusedError(entry.path, error.reason, error.variable) from error
    except MemoryError as error:
        raise FileRefusedError(entry.path, f"there is too little memory for it: {error}") from error
    except ArrayMismatchError as error:
        raise FileRefusedError(entry.path, f"{error}; {CURE}") from error
    except WorkerDiedError as error:
        raise FileRefusedError(entry.path, str(error)) from error


def _task(entry: Entry, description: Description) -> Task:
    time_axis = description.time
    named: tuple[str, ...] = ()
    if time_axis is not None:
        said = text_of(description.variables[time_axis.variable].attributes, "bounds", "climatology")
        bounds = resolved(description.variables, group_of(time_axis.variable), said) if said else None
        named = (time_axis.variable, *((bounds,) if bounds else ()))
    return Task(path=entry.path, stamp=(entry.size, entry.modified), parts=(), time=time_axis, time_variables=named)
