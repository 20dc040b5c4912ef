"""Works out, once, the arrays through which cells of a curvilinear grid or a mesh are found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.chunking import sides
from core.dataset import CurvilinearGrid, MeshGrid
from core.grids.atlas import zooms_of
from core.grids.faces import SEARCH
from core.grids.finished import finished
from core.grids.geometry import Corners, Geometry, build
from core.grids.mesh import with_atlas
from core.grids.staggered import between
from stores.codec import encode
from stores.ingest.elsewhere import MeshedSource
from stores.ingest.header import RawFile
from stores.ingest.horizontal import bounds_name, unpacked
from stores.ingest.mesh_geometry import mesh_geometries
from stores.ingest.reading import Chunks
from stores.ingest.refusal import Unreadable

Indexed = CurvilinearGrid | MeshGrid
"""Grids whose cells are found through arrays."""

_CORNERS = 4
_LAST = ("edges",)
"""Arrays that compress little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One grid of one file."""

    path: str
    grid: Indexed
    mesh: str = ""
    """Path of the file that has its mesh, where that is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedArray:
    """One array of the geometry."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    chunk: tuple[int, ...]
    chunks: Chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A grid that is described whole, and its arrays."""

    grid: Indexed
    arrays: tuple[EncodedArray, ...]


def build_geometry(asked: Asked) -> Built:
    """Read the coordinates of a grid and work out its geometry.

    Raises:
        Unreadable: no cell has a place, or the coordinates cannot be read.

    """
    return build_together((asked,))[0]


def build_together(asked: Sequence[Asked]) -> tuple[Built, ...]:
    """Work out the geometry of a grid, or of several grids on one mesh, of one file.

    The arrays `SEARCH` are left out of those that have them from another grid.

    Raises:
        Unreadable: no cell has a place, or the coordinates cannot be read.

    """
    path, grid = Path(asked[0].path), asked[0].grid
    with MeshedSource(path, Path(asked[0].mesh) if asked[0].mesh else None) as source:
        try:
            return tuple(
                _built(one.grid, found)
                for one, found in zip(asked, _worked_out(source, [one.grid for one in asked]), strict=True)
            )
        except ValueError as error:
            raise Unreadable(path.name, f"{grid.x} and {grid.y}: {error}") from error


def _built(grid: Indexed, found: Geometry) -> Built:
    extent = found.extent
    whole = replace(
        grid,
        buckets=found.buckets,
        depth=found.depth,
        extent=(extent.west, extent.south, extent.east, extent.north),
        digest=_digest(found),
        zooms=zooms_of(found.arrays),
        **(
            {"faces": found.arrays["edges"].shape[1]}
            if isinstance(grid, MeshGrid)
            else {
                "patched": True,
                "charted": "chart" in found.arrays,
                "period": found.layout.period,
                "fold": None if found.layout.fold is None else (found.layout.fold.rows, found.layout.fold.columns),
                "straight": found.layout.straight,
            }
        ),
    )
    kept = [name for name in found.arrays if not (isinstance(grid, MeshGrid) and grid.search and name in SEARCH)]
    # What is encoded is let go, for both together would take twice the room; what becomes smallest goes first.
    arrays = tuple(_cut(name, found.arrays.pop(name)) for name in sorted(kept, key=_LAST.__contains__))
    return Built(grid=whole, arrays=arrays)


def _worked_out(source: MeshedSource, grids: Sequence[Indexed]) -> Iterator[Geometry]:
    raw = source.raw()
    meshed = [grid for grid in grids if isinstance(grid, MeshGrid)]
    if meshed:
        for on_mesh, found in zip(meshed, mesh_geometries(raw, meshed, source.values), strict=True):
            yield with_atlas(on_mesh.shape[1], found, plain="members" not in found.arrays)
    for grid in grids:
        if not isinstance(grid, MeshGrid):
            yield finished(grid.shape, _plain(raw, grid, source))


def _plain(raw: RawFile, grid: CurvilinearGrid, source: MeshedSource) -> Geometry:
    longitudes, latitudes = _centres(raw, grid, source)
    return build(longitudes, latitudes, _corners(raw, grid, source))


def _digest(found: Geometry) -> str:
    digest = blake2b(digest_size=8)
    for values in found.arrays.values():
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _centres(raw: RawFile, grid: CurvilinearGrid, source: MeshedSource) -> Corners:
    held = grid.staggered or grid
    found = unpacked(raw, held.x, source.values), unpacked(raw, held.y, source.values)
    return found if grid.staggered is None else between(found, grid.staggered.offset, grid.shape)


def _corners(raw: RawFile, grid: CurvilinearGrid, source: MeshedSource) -> Corners | None:
    if grid.staggered is not None:
        return None
    x, y = bounds_name(raw, grid.x), bounds_name(raw, grid.y)
    wanted = (*grid.shape, _CORNERS)
    if x is None or y is None or raw.variables[x].shape != wanted or raw.variables[y].shape != wanted:
        return None
    return unpacked(raw, x, source.values), unpacked(raw, y, source.values)


def _cut(name: str, values: NDArray[Any]) -> EncodedArray:
    rows, columns = sides((values.shape[0], values.shape[1]))
    chunk = (rows, columns, *values.shape[2:])
    chunks: Chunks = {}
    for row in range(-(-values.shape[0] // rows)):
        for column in range(-(-values.shape[1] // columns)):
            block = values[row * rows : (row + 1) * rows, column * columns : (column + 1) * columns]
            whole = np.zeros(chunk, dtype=values.dtype)
            whole[: block.shape[0], : block.shape[1]] = block
            chunks[row, column, *(0 for _ in values.shape[2:])] = encode(whole)
    return EncodedArray(name=name, dtype=values.dtype.str[1:], shape=values.shape, chunk=chunk, chunks=chunks)
