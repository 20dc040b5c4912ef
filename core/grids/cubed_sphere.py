"""The Earth cut into square buckets: six faces of a cube seen from its centre, n x n buckets each.

On a face, great circles are straight lines, so whether a polygon touches a bucket is plane geometry. Rows of buckets
are those of faces +x, -x, +y, -y, +z, -z one below the other, n each.

A table of buckets need not hold all of them: a region with small cells would leave nearly all empty. It is a torus:
buckets that are as many rows and columns apart as it has share a place in it, and what is found there is tested anyway.
"""

from collections.abc import Iterator
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.grids.polygons import joined

Floats = NDArray[np.float64]

_AT_ONCE = 2_000_000
"""Pairs of a cell and a bucket that are looked at together; about 200 bytes each."""
_MOST_PAIRS = 200_000_000
"""More than this for one part of a grid says that a few of its cells dwarf the rest."""
_SLACK = 1e-6
"""Of half a face: as much wider is a bucket taken, so that rounding loses no cell at its edge."""
_SHALLOW = 0.1
"""Least component towards a face; what lies lower is projected too far out to be of use."""
_LEAP = 0.5
"""Chord; from so shallow a place it takes more to reach the face: 84.3 - 54.7 degrees."""
_NEXT = 0.2
"""Chord; nodes farther apart than this do not tell what lies between."""
_LOW = 0.3
"""Least component towards a face of nodes that lie, with those next to them, anywhere near it: it ends at 0.577."""
_BEND = 2.0
"""Times the square of a chord: more than what is between nodes departs from them on a face."""


def table_shape(cells: int, n: int) -> tuple[int, int]:
    """Return rows and columns of the table for a grid of so many cells: all buckets, or about two for each cell."""
    if 6 * n * n <= 4 * cells + 600:
        return 6 * n, n
    side = max(10, ceil(sqrt(2 * cells)))
    return side, side


def bucket_of(places: Floats, n: int) -> tuple[Indices, Indices]:
    """Return row, below 6 n, and column, below n, of the buckets of vectors (3, ...); -1 for NaN."""
    length = np.abs(places)
    x, y, z = length
    main = np.where((x >= y) & (x >= z), 0, np.where(y >= z, 1, 2))
    missing = np.isnan(x + y + z)
    first, second = np.where(main == 2, 0, main + 1), np.where(main == 0, 2, main - 1)
    depth = np.where(main == 0, x, np.where(main == 1, y, z))
    negative = np.take_along_axis(places, main[None], axis=0)[0] < 0
    with np.errstate(invalid="ignore"):
        u = np.take_along_axis(places, first[None], axis=0)[0] / depth
        v = np.take_along_axis(places, second[None], axis=0)[0] / depth
    column = _part(np.where(missing, 0.0, u), n)
    row = (2 * main + negative) * n + _part(np.where(missing, 0.0, v), n)
    column[missing] = row[missing] = -1
    return row, column


def around(nodes: Floats, n: int, most: int) -> tuple[Indices, Indices] | None:
    """Return row and column of all buckets between nodes, vectors (3, m, n), and of some beside them, each once.

    None where nodes are so far apart that it cannot be told what lies between, or where there are more than `most`.
    """
    apart = float(np.sqrt(max(((np.diff(nodes, axis=axis) ** 2).sum(axis=0)).max(initial=0.0) for axis in (1, 2))))
    if not apart <= _NEXT:
        return None
    rows, columns = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.intp)]
    least, greatest = nodes.min(axis=(1, 2)), nodes.max(axis=(1, 2))
    for face in range(6):
        # Of a small view most faces are nowhere near.
        if not (-least[face // 2] if face % 2 else greatest[face // 2]) > _LOW:
            continue
        boxes = _part(_limits(nodes, face, _BEND * apart**2), n)
        sizes = (boxes[1] - boxes[0] + 1) * (boxes[3] - boxes[2] + 1)
        if sizes.sum() > most:
            return None
        if sizes.size:
            row, column = _marked(boxes)
            rows.append(row + face * n)
            columns.append(column)
    return np.concatenate(rows), np.concatenate(columns)


def _limits(nodes: Floats, face: int, wider: float) -> Floats:
    """Return least and greatest column and row on a face, -1 to 1, between each four nodes, shape (4, squares).

    Only of those that reach the face.
    """
    main, sign = face // 2, -1.0 if face % 2 else 1.0
    depth = sign * nodes[main]
    limits = []
    for axis in ((main + 1) % 3, (main + 2) % 3):
        across = np.where(depth > _LOW, nodes[axis] / np.maximum(depth, _LOW), np.inf)
        low, high = np.minimum(across[:-1], across[1:]), np.maximum(across[:-1], across[1:])
        limits += [np.minimum(low[:, :-1], low[:, 1:]) - wider, np.maximum(high[:, :-1], high[:, 1:]) + wider]
    west, east, south, north = limits
    seen = (east >= -1.0) & (west <= 1.0) & (north >= -1.0) & (south <= 1.0) & np.isfinite(east + north)
    return np.stack([limit[seen] for limit in limits])


def _marked(boxes: Indices) -> tuple[Indices, Indices]:
    """Return row and column of all that is in some of boxes: first and last column, first and last row, (4, boxes)."""
    left, top = boxes[0].min(), boxes[2].min()
    marks = np.zeros((boxes[3].max() - top + 1, boxes[1].max() - left + 1), dtype=np.bool_)
    for first_column, last_column, first_row, last_row in (boxes.T - (left, left, top, top)).tolist():
        marks[first_row : last_row + 1, first_column : last_column + 1] = True
    rows, columns = np.nonzero(marks)
    return rows + top, columns + left


def touching(corners: Floats, normals: Floats, n: int) -> Iterator[tuple[Indices, Indices]]:
    """Yield pairs (bucket, cell) for each bucket that a convex polygon touches.

    Args:
        corners: vectors, shape (3, cells, k).
        normals: of the great circles between them, pointing inwards, shape (3, cells, k).
        n: buckets along a face.

    Yields:
        Flat index of the bucket, row * n + column, and index along `cells`.

    Raises:
        ValueError: there are far too many, for some cells are thousands of times as wide as the buckets.

    """
    for face in range(6):
        main, sign = face // 2, -1.0 if face % 2 else 1.0
        depth = sign * corners[main]
        reaching = np.flatnonzero(joined(np.logical_or, depth > _SHALLOW))
        box = _boxes(corners[:, reaching], depth[reaching], main, n)
        on_face = (box[0] <= box[1]) & (box[2] <= box[3])
        shallow = np.flatnonzero(on_face & joined(np.logical_or, depth[reaching] <= _SHALLOW))
        on_face[shallow] = _width(corners[:, reaching[shallow]]) >= _LEAP
        reaching, box = reaching[on_face], box[:, on_face]
        for cell, column, row in _pairs(box):
            planes = normals[:, reaching[cell]]
            near = _may_meet(planes, column, row, (main, sign, n))
            yield (face * n + row[near]) * n + column[near], reaching[cell[near]]


def _part(coordinate: Floats, n: int) -> Indices:
    return np.clip(((coordinate + 1.0) * (n / 2)).astype(np.intp), 0, n - 1)


def _boxes(corners: Floats, depth: Floats, main: int, n: int) -> Indices:
    """Return first and last column, first and last row of the buckets around each polygon, shape (4, cells)."""
    behind = joined(np.logical_or, depth <= _SHALLOW)
    limits = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for axis in ((main + 1) % 3, (main + 2) % 3):
            across = corners[axis] / depth
            low = np.where(behind, -1.0, joined(np.minimum, across)) - _SLACK
            high = np.where(behind, 1.0, joined(np.maximum, across)) + _SLACK
            limits += [np.floor((low + 1.0) * (n / 2)), np.floor((high + 1.0) * (n / 2))]
    first_column, last_column, first_row, last_row = (limit.clip(-n, 2 * n).astype(np.intp) for limit in limits)
    return np.stack(
        [first_column.clip(min=0), last_column.clip(max=n - 1), first_row.clip(min=0), last_row.clip(max=n - 1)]
    )


def _width(corners: Floats) -> Floats:
    """Return the greatest chord between two corners, shape (cells,)."""
    turns = range(1, corners.shape[2] // 2 + 1)
    apart = [joined(np.maximum, ((np.roll(corners, turn, axis=2) - corners) ** 2).sum(axis=0)) for turn in turns]
    widest: Floats = np.sqrt(np.maximum.reduce(apart))
    return widest


def _pairs(box: Indices) -> Iterator[tuple[Indices, Indices, Indices]]:
    """Yield (cell, column, row) for every bucket of every box, some millions at a time."""
    wide, high = box[1] - box[0] + 1, box[3] - box[2] + 1
    ends = np.cumsum(wide * high)
    total = int(ends[-1]) if ends.size else 0
    if total > _MOST_PAIRS:
        message = f"its cells are too unlike in size: the widest is as wide as {wide.max()} of the usual ones"
        raise ValueError(f"{message}. Is one of its coordinates wrong?")
    for done in range(0, total, _AT_ONCE):
        until = min(done + _AT_ONCE, total)
        first, last = np.searchsorted(ends, (done, until - 1), side="right")
        starts = np.concatenate([[done], ends[first:last]])
        cell = np.repeat(np.arange(first, last + 1), np.diff(starts, append=until))
        # Counted from the beginning of each cell, which may lie in the batch before.
        place = np.arange(done, until) - (ends - wide * high)[cell]
        yield cell, box[0, cell] + place % wide[cell], box[2, cell] + place // wide[cell]


def _may_meet(planes: Floats, column: Indices, row: Indices, face: tuple[int, float, int]) -> NDArray[np.bool_]:
    """Tell which buckets have a corner inside each of the planes of a polygon, shape (3, pairs, k)."""
    main, sign, n = face
    west, south = column * (2.0 / n) - 1.0 - _SLACK, row * (2.0 / n) - 1.0 - _SLACK
    side = 2.0 / n + 2 * _SLACK
    u, v = planes[(main + 1) % 3], planes[(main + 2) % 3]
    best = sign * planes[main] + u * west[:, None] + v * south[:, None]
    best += side * (u.clip(min=0.0) + v.clip(min=0.0))
    meets: NDArray[np.bool_] = joined(np.logical_and, best >= -_SLACK)
    return meets
