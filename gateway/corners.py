"""The nodes of the faces of a mesh that a picture shows: what lies on nodes is for a face the mean of theirs."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Scattered, Separable
from core.vertical.heights import TermSlice
from core.vertical.terms import Corners
from gateway.sampling import Sampler, Window
from stores.cache import CacheKey
from stores.layout import data

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


async def at_faces(sampler: Sampler, term: TermSlice, window: Window, cells: Cells) -> Floats | None:
    """Return a term on nodes under faces: the mean of the nodes of each, NaN where one is missing or there is no face.

    None where nothing was ever written.

    Args:
        sampler: of the version of the dataset.
        term: on the nodes of a mesh.
        window: where the term lies.
        cells: faces.

    Raises:
        OSError: a chunk cannot be read.
        VersionGoneError: the snapshot was collected.

    """
    if term.corners is None:
        raise ValueError(f"{term.name} does not lie on the nodes of a mesh")
    total, count = np.zeros(cells.shape), np.zeros(cells.shape)
    for nodes in await face_nodes(sampler, term.corners, term.shape[1], cells):
        there = nodes.columns >= 0
        picked = await sampler.pick(window, nodes)
        if picked is not None:
            values = term.packing.unpack(picked.values).astype(np.float64)
            values[there & (False if picked.absent is None else picked.absent)] = np.nan
            total[there] += values[there]
            count += there
        elif there.any():
            return None
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


async def face_nodes(sampler: Sampler, corners: Corners, nodes: int, cells: Cells) -> Sequence[Scattered]:
    """Return the nodes of faces, each once, of which the mesh has so many: for each corner that a face may have.

    These are cells of the grid of nodes in the shape of the faces, none where a face has fewer corners.

    Raises:
        OSError: they cannot be read.
        VersionGoneError: the snapshot was collected.

    """
    columns = np.broadcast_to(cells.columns[None, :], cells.shape) if isinstance(cells, Separable) else cells.columns
    faces, inverse = np.unique(columns, return_inverse=True)
    named = await _numbers(sampler, corners, np.maximum(faces, 0))
    there = (named >= corners.first) & (named < corners.first + nodes) & (faces >= 0)
    for corner in range(1, len(named)):
        # Some fill the corners of a triangle up with one that it has.
        there[corner] &= ~(named[:corner] == named[corner]).any(axis=0)
    numbers = np.where(there, named - corners.first, -1).astype(np.intp)[:, inverse.reshape(columns.shape)]
    return [Scattered(rows=np.minimum(one, 0), columns=one) for one in numbers]


async def _numbers(sampler: Sampler, corners: Corners, faces: Indices) -> NDArray[np.float64]:
    """Return what the file calls the nodes of some faces, shape (corners, faces)."""
    variable, axis = corners.variable, corners.axis
    count, across = variable.shape[1 - axis], variable.chunks[1 - axis]
    along = variable.chunks[axis]
    found = np.full((count, faces.size), np.nan)
    wanted = np.unique(faces // along)
    places = [(int(chunk), part) for chunk in wanted for part in range(-(-count // across))]
    keys = [
        CacheKey(
            dataset=sampler.dataset,
            array=data(variable.name),
            chunk=(part, chunk) if axis else (chunk, part),
            revision=sampler.geometry[corners.grid],
        )
        for chunk, part in places
    ]
    for (chunk, part), read in zip(places, await sampler.cache.read_all(sampler.reader, keys), strict=True):
        if read is None:
            raise OSError(f"dataset {sampler.dataset}: {variable.name} is not whole")
        of_corners = read if axis else read.T
        here = np.flatnonzero(faces // along == chunk)
        rows = of_corners[: count - part * across, faces[here] - chunk * along]
        found[part * across : part * across + len(rows), here] = rows
    return found
