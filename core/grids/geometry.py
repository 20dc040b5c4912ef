"""The arrays through which cells of a curvilinear grid, or faces of a mesh, are found, worked out once at ingest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.distinct import distinct
from core.extent import Extent
from core.grids.cubed_sphere import table_shape, touching
from core.grids.layout import Layout
from core.grids.polygons import are_cells, areas_of, normals_of, ordered
from core.grids.sphere import degrees_of, vectors
from core.grids.vertices import vertices_of

Floats = NDArray[np.float64]
Corners = tuple[Floats, Floats]
"""Longitudes and latitudes of the corners of each cell, degrees, shapes (ny, nx, k) with k >= 3."""

_CORNERS = 4
"""Of cells that are worked out from their centres."""
_LEAST_CORNERS = 3
_DEPTHS: Final = (6, 8, 12, 16, 24, 32, 64, 128, 256, 512, 1024)
"""Candidates for each bucket: the first of these for which the overflow has room."""
_FINEST: Final = 1 << 18
"""Buckets along a face, some 40 m each; finer ones would be lost in rounding."""
_MOST_CANDIDATES: Final = 1 << 26
"""In the table of even a small grid; 256 MB."""
_MOST_BUCKETS: Final = 16
"""For each cell on average: coastal meshes have cells of which one is as large as ten thousand others."""
_PAIRS: Final = 1 << 18
"""Pairs of a bucket and a cell that are put into the table together; about 60 bytes each."""
_TOGETHER: Final = 16
"""Blocks whose longitudes are kept before they are merged."""
_BLOCK = 1 << 15
"""Cells that are worked on together; about 2 kB each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Geometry:
    """What `core.grids.curvilinear.Curvilinear` needs."""

    arrays: dict[str, NDArray[Any]]
    """`edges` (ny, nx, 3 k) float32: inward unit normals of the k edges, x y z each, NaN for a cell without place;
    `centres` (ny, nx, 2) float64: longitude from -180 to 180, latitude; NaN likewise; `candidates`
    (`candidates_shape`, depth) int32: flat indices (row * nx + column) of the cells that touch a bucket, ascending,
    then -1. Rows behind `table_shape` are overflow: a last candidate of -2 - i says that more are in the i-th bucket
    there, and maybe in those that follow it."""
    buckets: int
    """n: along one side of a face of the cubed sphere."""
    depth: int
    """Candidates for each bucket."""
    extent: Extent
    layout: Layout = field(default_factory=Layout)


def build(longitudes: Floats, latitudes: Floats, corners: Corners | None = None) -> Geometry:
    """Work out the geometry of a grid from the centres of its cells, shape (ny, nx), and their corners if known.

    Corners may be in any order within a cell. Cells whose coordinates are missing, or are one of several at exactly
    (0, 0), which is how masked ones are written, have no place; nor have those without area.

    Raises:
        ValueError: shapes do not fit, no cell has a place, or cells are too unlike in size for one table of buckets.

    """
    _check(longitudes, latitudes, corners)
    blocks = _corner_blocks(longitudes, latitudes, corners)
    n = _fineness(blocks)
    candidates = _candidates(blocks, longitudes.shape, n)
    # Last, for they take more room than all that is needed to find the candidates.
    edges, extent = _edges(blocks, (*longitudes.shape, 3 * (corners[0].shape[2] if corners else _CORNERS)))
    del blocks
    centres = np.empty((*longitudes.shape, 2))
    # Row by row: whole grids in between would be the most that is held at once.
    for row, middle in enumerate(centres):
        middle[:, 0], middle[:, 1] = (longitudes[row] + 180.0) % 360.0 - 180.0, latitudes[row]
        middle[np.isnan(edges[row, :, 0])] = np.nan
    return Geometry(
        arrays={"edges": edges, "centres": centres, "candidates": candidates},
        buckets=n,
        depth=candidates.shape[2],
        extent=extent,
    )


Blocks = Callable[[], Iterator[tuple[slice, Floats]]]
"""Starts going through the grid: rows, and the ordered corners of their cells, shape (3, cells, k)."""


def _check(longitudes: Floats, latitudes: Floats, corners: Corners | None) -> None:
    if longitudes.ndim != 2 or longitudes.shape != latitudes.shape or longitudes.size == 0:
        raise ValueError(f"longitude {longitudes.shape} and latitude {latitudes.shape} are not of one shape (ny, nx)")
    if longitudes.size > np.iinfo(np.int32).max:
        raise ValueError(f"{longitudes.size} cells are more than can be numbered")
    for each in corners or ():
        if each.shape[:-1] != longitudes.shape or each.shape[-1] < _LEAST_CORNERS:
            raise ValueError(f"bounds {each.shape} do not give corners for each of {longitudes.shape} cells")


def _corner_blocks(longitudes: Floats, latitudes: Floats, corners: Corners | None) -> Blocks:
    masked = ~(np.isfinite(longitudes) & np.isfinite(latitudes) & (np.abs(latitudes) <= 90.0))
    zero = (longitudes == 0.0) & (latitudes == 0.0)
    masked |= zero & (np.count_nonzero(zero) > 1)
    ny, nx = longitudes.shape
    step = max(1, _BLOCK // nx)
    vertices = None if corners else vertices_of(np.where(masked, np.nan, vectors(longitudes, latitudes)))

    def go() -> Iterator[tuple[slice, Floats]]:
        for first in range(0, ny, step):
            rows = slice(first, min(first + step, ny))
            if corners is not None:
                found = vectors(corners[0][rows], corners[1][rows])
            elif vertices is not None:
                some = vertices[:, rows.start : rows.stop + 1]
                found = np.stack([some[:, :-1, :-1], some[:, :-1, 1:], some[:, 1:, 1:], some[:, 1:, :-1]], axis=-1)
            found[:, masked[rows]] = np.nan
            yield rows, ordered(found.reshape(3, -1, found.shape[-1]))

    return go


def candidates_shape(cells: int, n: int) -> tuple[int, int]:
    """Return rows and columns of the table with its overflow, which is a sixth as large."""
    rows, columns = table_shape(cells, n)
    return rows + -(-rows // 6), columns


def _fineness(blocks: Blocks) -> int:
    """Return n for buckets as large as the median cell, but not so small that the large cells fill most of them."""
    area = np.concatenate([areas_of(corners)[are_cells(corners)] for _, corners in blocks()])
    if area.size == 0:
        raise ValueError("no cell of the grid has a place: its coordinates are missing or without area")
    usual = max(float(np.median(area)), float(area.mean()) / _MOST_BUCKETS)
    return min(_FINEST, max(1, round(float(np.sqrt(4 * np.pi / 6 / usual)))))


def _candidates(blocks: Blocks, shape: tuple[int, ...], n: int) -> NDArray[np.int32]:
    cells = shape[0] * shape[1]
    rows, columns = table_shape(cells, n)
    pairs = _touching(blocks, shape[1], n, (rows, columns))
    counts = np.zeros(rows * columns, dtype=np.int32)
    for some in _parts(pairs):
        bucket = some >> 32
        counts[bucket[0] : bucket[-1] + 1] += np.bincount(bucket - bucket[0]).astype(np.int32)
    whole_rows, _ = candidates_shape(cells, n)
    room = (whole_rows - rows) * columns
    depth = next((depth for depth in _DEPTHS if _links(counts, depth)[1].sum() <= room), max(1, int(counts.max())))
    if whole_rows * columns * depth > max(_MOST_CANDIDATES, 64 * cells):
        raise ValueError(f"its cells are too unlike in size: {counts.max()} of them lie where one is usual")
    owner, links = _links(counts, depth)
    first_link = counts.size + np.cumsum(links) - links
    table = np.full((whole_rows * columns, depth), -1, dtype=np.int32)
    for some, rank in _ranked(pairs):
        row = some >> 32
        # Each bucket but the last of a chain keeps its last slot for the link.
        long = np.flatnonzero(counts[row] > depth)
        of = np.searchsorted(owner, row[long])
        link = np.minimum(rank[long] // max(depth - 1, 1), links[of])
        row[long] = np.where(link == 0, row[long], first_link[of] + link - 1)
        rank[long] -= link * (depth - 1)
        table[row, rank] = some & 0xFFFFFFFF
    before = np.arange(counts.size, counts.size + int(links.sum())) - 1
    before[first_link - counts.size] = owner
    table[before, depth - 1] = -2 - np.arange(before.size)
    return table.reshape(whole_rows, columns, depth)


def _parts(pairs: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield them some at a time."""
    for start in range(0, pairs.size, _PAIRS):
        yield pairs[start : start + _PAIRS]


def _ranked(pairs: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], Indices]]:
    """Yield them some at a time, with the number of pairs of the same bucket before each."""
    begun = 0
    for start in range(0, pairs.size, _PAIRS):
        # Of the pair before, it is told whether a bucket goes on.
        row = pairs[max(start - 1, 0) : start + _PAIRS] >> 32
        at = np.arange(start, min(start + _PAIRS, pairs.size))
        other = np.flatnonzero(row[1:] != row[:-1]) + (1 if start == 0 else 0)
        first = np.full(at.size, begun, dtype=np.intp)
        first[other] = at[other]
        np.maximum.accumulate(first, out=first)
        begun = int(first[-1])
        yield pairs[start : start + _PAIRS], at - first


def _links(counts: NDArray[np.int32], depth: int) -> tuple[Indices, Indices]:
    """Return the buckets that hold more than is room for, and how many overflow buckets each of these needs."""
    owner = np.flatnonzero(counts > depth)
    return owner, -(-(counts[owner].astype(np.intp) - 1) // max(depth - 1, 1)) - 1


def _touching(blocks: Blocks, nx: int, n: int, table: tuple[int, int]) -> NDArray[np.int64]:
    """Return pairs (place in the table << 32 | cell), each once, ascending."""
    pairs = np.empty(0, dtype=np.int64)
    for rows, corners in blocks():
        normals = normals_of(corners)
        real = np.flatnonzero(np.isfinite(normals[0, :, 0]))
        for bucket, cell in touching(corners[:, real], normals[:, real], n):
            place = bucket // n % table[0] * table[1] + bucket % n % table[1]
            end = pairs.size
            # Made longer where they are: put together in the end, they would be held twice.
            pairs.resize(end + cell.size, refcheck=False)
            pairs[end:] = place << 32 | real[cell] + rows.start * nx
    pairs.sort()
    again = np.zeros(pairs.size, dtype=np.bool_)
    np.equal(pairs[1:], pairs[:-1], out=again[1:])
    return pairs[~again] if again.any() else pairs


def _edges(blocks: Blocks, shape: tuple[int, int, int]) -> tuple[NDArray[np.float32], Extent]:
    """Return the edges of all cells, and the box in degrees around all corners."""
    edges = np.full(shape, np.nan, dtype=np.float32)
    south, north, some = 90.0, -90.0, []
    for rows, corners in blocks():
        edges[rows] = normals_of(corners).transpose(1, 2, 0).reshape(-1, *shape[1:])
        places = corners[:, np.isfinite(corners).all(axis=(0, 2))].reshape(3, -1)
        if places.size:
            longitude, latitude = degrees_of(places)
            south, north = min(south, float(latitude.min())), max(north, float(latitude.max()))
            some.append(_ends(distinct(longitude)))
            if len(some) > _TOGETHER:
                some = [_ends(distinct(np.concatenate(some)))]
        upward = edges[rows].reshape(-1, shape[2] // 3, 3)[:, :, 2]
        # A pole that a cell holds lies beyond its corners.
        north = 90.0 if bool((upward >= 0).all(axis=1).any()) else north
        south = -90.0 if bool((upward <= 0).all(axis=1).any()) else south
    return edges, _around(distinct(np.concatenate(some)), south, north)


def _around(longitudes: Floats, south: float, north: float) -> Extent:
    """Return the box that leaves out the widest gap between ascending longitudes, unless the grid goes all round."""
    over_date_line = longitudes[0] + 360.0 - longitudes[-1]
    whole = max(north, -south) == 90.0 or (np.diff(longitudes).max(initial=0.0) > over_date_line)
    if whole:
        return Extent(west=-180.0, south=south, east=180.0, north=north)
    return Extent(west=float(longitudes[0]), south=south, east=float(longitudes[-1]), north=north)


def _ends(longitudes: Floats) -> Floats:
    """Return of ascending longitudes the first and the last within each thousandth of a degree."""
    part = np.floor(longitudes * 1000.0)
    begins = np.ones(part.size, dtype=np.bool_)
    begins[1:] = part[1:] != part[:-1]
    return longitudes[begins | np.roll(begins, -1)]
