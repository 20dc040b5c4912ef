"""Opens a source file whose mesh lies in another file as if it had that mesh itself.

Source: UGRID Conventions 1.0, "Topology"; FESOM writes the mesh once, and a file for each variable and year.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from stores.ingest.header import RawFile
from stores.ingest.mesh import mesh_elsewhere, mesh_variables, meshes_of
from stores.ingest.refusal import Unreadable
from stores.ingest.source import Index, Source


class MeshedSource:
    """A file, and where its fields name a mesh that it does not have, the file that has it."""

    def __init__(self, path: Path, mesh: Path | None) -> None:
        """Open both.

        Raises:
            Unreadable: one of them cannot be opened, or the mesh is another.

        """
        self._file = Source(path)
        self._mesh: Source | None = None
        self._lent: frozenset[str] = frozenset()
        self.name = self._file.name
        with self._closing():
            self._raw = self._file.raw()
            if mesh is not None and mesh != path and mesh_elsewhere(self._raw) and not meshes_of(self._raw):
                self._mesh = Source(mesh)
                other = self._mesh.raw()
                self._raw, self._lent = _joined(self._raw, other)

    def __enter__(self) -> Self:
        """Return the open file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close both files."""
        for each in (self._file, self._mesh):
            if each is not None:
                each.__exit__(kind, error, trace)

    def raw(self) -> RawFile:
        """Return the header."""
        return self._raw

    def values(self, variable: str) -> NDArray[Any]:
        """Return all of a variable, as `Source.values` does."""
        return self.part(variable, ())

    def part(self, variable: str, index: Index) -> NDArray[Any]:
        """Return a part of a variable, as `Source.part` does."""
        if variable not in self._raw.variables:
            raise Unreadable(
                self.name, f"its mesh has to be read again, for {variable}: say under datasets[].mesh where it is"
            )
        source = self._mesh if self._mesh is not None and variable in self._lent else self._file
        return source.part(variable, index)

    @contextmanager
    def _closing(self) -> Iterator[None]:
        """Close both files if anything goes wrong."""
        done = False
        try:
            yield
            done = True
        finally:
            if not done:
                self.__exit__(None, None, None)


def mesh_among(asked: tuple[str, list[Path]]) -> Path | None:
    """Return the file of a list that has the mesh of a name; None where none has."""
    name, paths = asked
    # What is called so is looked at first: there may be thousands of files, and each has to be opened.
    likely = sorted(paths, key=lambda path: "mesh" not in path.name.lower())
    return next((path for path in likely if _has_mesh(path, name)), None)


def _has_mesh(path: Path, name: str) -> bool:
    """Tell whether a file has the mesh of that name; one that cannot be opened has none."""
    try:
        with Source(path) as source:
            return any(mesh.topology == name for mesh in meshes_of(source.raw()))
    except Unreadable:
        return False


def _joined(file: RawFile, other: RawFile) -> tuple[RawFile, frozenset[str]]:
    """Return a file with the mesh of another one, and which variables it lends."""
    lent = {name: other.variables[name] for name in mesh_variables(other) if name not in file.variables}
    if not lent:
        raise Unreadable(file.name, f"its mesh {mesh_elsewhere(file)} is not in {other.name} either")
    dimensions = dict(file.dimensions)
    for variable in lent.values():
        for name in variable.dimensions:
            here, there = file.dimensions.get(name), other.dimensions[name]
            if here is not None and here != there:
                reason = f"its dimension {name} is {here} long, and that of the mesh in {other.name} {there}"
                raise Unreadable(file.name, f"{reason}: it is another mesh")
            dimensions[name] = there
    return replace(file, dimensions=dimensions, variables={**file.variables, **lent}), frozenset(lent)
