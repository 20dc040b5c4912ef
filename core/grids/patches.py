"""Where the cells of a curvilinear grid follow each other smoothly: there a few places tell where those between lie.

Worked out once, at ingest, from the edges and centres of its cells.
"""

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.grids.geometry import Geometry
from core.grids.sphere import vectors

Floats = NDArray[Any]
Flags = NDArray[np.bool_]

TILE: Final = 2
"""Cells along the side of the squares of which it is known whether all is smooth in them."""
_UNEVEN: Final = 0.04
"""Of a cell: as much may a step between centres differ from the next."""
_APART: Final = 0.02
"""Of a cell: as wide may a gap or an overlap between neighbours be."""
_BLOCK: Final = 1 << 18
"""Cells that are worked on together; about 500 bytes each."""
_EDGES: Final = 4


def with_patches(found: Geometry) -> Geometry:
    """Put the edges of each cell in order, where they are, and add the array `breaks`.

    Edges are then those towards the row before, the column after, the row after and the column before. `breaks` counts
    the squares of `TILE` x `TILE` cells before a row and a column of squares in which not all is smooth, shape
    (rows of squares + 1, columns of squares + 1, 1), int32.
    """
    edges, centres = found.arrays["edges"], found.arrays["centres"]
    ny, nx = edges.shape[:2]
    if edges.shape[2] != 3 * _EDGES:
        return found
    broken = np.zeros((-(-ny // TILE), -(-nx // TILE)), dtype=np.bool_)
    step = max(1, _BLOCK // nx // TILE) * TILE
    for first in range(0, ny, step):
        rows, wide = slice(first, min(first + step, ny)), slice(max(first - 1, 0), min(first + step + 1, ny))
        middle = vectors(centres[wide, :, 0], centres[wide, :, 1])
        inner = slice(rows.start - wide.start, rows.stop - wide.start)
        some = _arranged(edges[wide].reshape(-1, nx, _EDGES, 3), middle)
        # In place, for they are large; the row before, which is looked at too, is in order already and stays so.
        edges[rows] = some[inner].reshape(-1, nx, 3 * _EDGES)
        broken[first // TILE : -(-rows.stop // TILE)] = _tiles(_uneven(some, middle)[inner])
    counts = np.zeros((broken.shape[0] + 1, broken.shape[1] + 1, 1), dtype=np.int32)
    counts[1:, 1:, 0] = broken.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
    return replace(found, arrays=found.arrays | {"breaks": counts})


def _arranged(normals: Floats, middle: Floats) -> Floats:
    """Return the normals (rows, nx, 4, 3) of cells with these centres (3, rows, nx) in order."""
    down, across = _onward(middle, 1), _onward(middle, 2)
    with np.errstate(invalid="ignore"):
        first = _towards(normals, down).argmax(axis=2)
        order = (first[:, :, None] + np.arange(_EDGES)) % _EDGES
        turned = np.take_along_axis(normals, order[..., None], axis=2)
        rightward = _towards(turned, across)
        swap = rightward[:, :, 1] > rightward[:, :, 3]
    turned[swap] = turned[swap][:, [0, 3, 2, 1]]
    return turned


def _towards(normals: Floats, direction: Floats) -> Floats:
    along: Floats = (normals * np.moveaxis(direction, 0, -1)[:, :, None]).sum(axis=-1)
    return along


def _onward(middle: Floats, axis: int) -> Floats:
    """Return the step from each centre to the next along an axis, or from the one before where that is unknown."""
    step = np.diff(middle, axis=axis)
    gap = np.full_like(np.take(middle, [0], axis=axis), np.nan)
    forward, backward = np.concatenate([step, gap], axis=axis), np.concatenate([gap, step], axis=axis)
    known = np.where(np.isfinite(forward), forward, backward)
    return np.nan_to_num(known)


def uneven(edges: Floats, middle: Floats) -> Flags:
    """Tell which cells have no place, or do not follow those around them smoothly, shape (rows, nx).

    Args:
        edges: of cells, in order, shape (rows, nx, 12).
        middle: their centres, vectors (3, rows, nx).

    """
    return _uneven(edges.reshape(*edges.shape[:2], _EDGES, 3), middle)


def _uneven(normals: Floats, middle: Floats) -> Flags:
    broken: Flags = ~(np.abs(normals).max(axis=3).min(axis=2) > 0.0)
    with np.errstate(invalid="ignore"):
        down, across = np.diff(middle, axis=1), np.diff(middle, axis=2)
        far, wide = _length(down), _length(across)
        broken[1:-1] |= ~(_length(np.diff(down, axis=1)) <= _UNEVEN * np.minimum(far[1:], far[:-1]))
        broken[:, 1:-1] |= ~(_length(np.diff(across, axis=2)) <= _UNEVEN * np.minimum(wide[:, 1:], wide[:, :-1]))
        sheared = _length(np.diff(down, axis=2))
        broken[:-1, :-1] |= ~(sheared <= 2 * _UNEVEN * np.minimum(far[:, :-1], wide[:-1]))
        between = (middle[:, 1:] + middle[:, :-1]) / 2
        broken[:-1] |= ~(np.abs(_above(normals[:-1, :, 2] + normals[1:, :, 0], between)) <= _APART * far)
        between = (middle[:, :, 1:] + middle[:, :, :-1]) / 2
        broken[:, :-1] |= ~(np.abs(_above(normals[:, :-1, 1] + normals[:, 1:, 3], between)) <= _APART * wide)
    return broken


def _above(normals: Floats, places: Floats) -> Floats:
    total: Floats = (np.moveaxis(normals, -1, 0) * places).sum(axis=0)
    return total


def _length(steps: Floats) -> Floats:
    length: Floats = np.sqrt((steps * steps).sum(axis=0))
    return length


def _tiles(broken: Flags) -> Flags:
    """Tell which squares have a broken cell among them."""
    ny, nx = broken.shape
    padded = np.pad(broken, ((0, -ny % TILE), (0, -nx % TILE)))
    squares = padded.reshape(-(-ny // TILE), TILE, -(-nx // TILE), TILE)
    return np.asarray(squares.any(axis=(1, 3)), dtype=np.bool_)
