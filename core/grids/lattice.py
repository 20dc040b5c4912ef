"""Every 8th pixel of a view, and what lies between: how values that change smoothly are known of all pixels.

Arrays of nodes have the component of the value first: (components, m, n).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STRIDE: Final = 8
"""Pixels between nodes."""
TOLERANCE: Final = 1 / 16
"""Pixels; half of what a picture may differ by, since the error between nodes is only estimated."""
MARGIN: Final = 3
"""Nodes outside of the view that the estimate looks at, so that a tile is drawn as the whole map is."""
BESIDE: Final = slice(MARGIN - 1, 1 - MARGIN)
"""Of them, those that a cubic needs."""
INNER: Final = slice(MARGIN, -MARGIN)


def node_centres(centres: Floats, margin: int = 0) -> Floats:
    """Return every 8th centre and one beyond the last, and `margin` more at either end."""
    if centres.size == 1:
        return centres
    step = (centres[-1] - centres[0]) / (centres.size - 1)
    nodes: Floats = centres[0] + step * np.arange(-margin * STRIDE, centres.size + (1 + margin) * STRIDE, STRIDE)
    return nodes


def filled(wide: Floats, shape: tuple[int, int]) -> Floats:
    """Return values of all pixels, shape (components, h, w), of nodes with their margin."""
    height, width = shape
    # Along rows first, while there are few: the long loops are then over neighbours in memory.
    rows = _between(wide[:, BESIDE, BESIDE], axis=2)[:, :, :width]
    return _between(rows, axis=1)[:, :height]


def of_pixels(blocks: NDArray[np.bool_], shape: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of the pixels of blocks, shape (m, n)."""
    of_rows, of_columns = np.arange(shape[0]) // STRIDE, np.arange(shape[1]) // STRIDE
    row, column = np.nonzero(blocks[of_rows][:, of_columns])
    return row, column


def around_blocks(nodes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of which blocks one of the 4 x 4 nodes in and around them is set; `nodes` have their margin."""
    near = np.lib.stride_tricks.sliding_window_view(nodes[BESIDE, BESIDE], (4, 4))
    return np.asarray(near.any(axis=(2, 3)), dtype=np.bool_)


def fourth(wide: Floats, *, axis: int) -> Floats:
    """Return fourth differences along one axis of nodes with their margin, without the margin along the other."""
    return np.diff(wide[:, :, INNER] if axis == 1 else wide[:, INNER], n=4, axis=axis)


def sag(bend: Floats, *, axis: int) -> Floats:
    """Return by how much, at most, a cubic departs from a curve of which these are the fourth differences; by block.

    Between two nodes it is 3/128 of them.
    """
    nodal = np.sqrt((bend * bend).sum(axis=0)) * (3.0 / 128.0)
    # At a node where the curve has no bend it has one beside it: take the worst of three.
    count = nodal.shape[axis - 1] - 2
    around = [np.take(nodal, np.arange(first, first + count), axis=axis - 1) for first in range(3)]
    of_nodes = np.maximum.reduce(around)
    beside = np.maximum(of_nodes[:-1], of_nodes[1:])
    worst: Floats = np.maximum(beside[:, :-1], beside[:, 1:])
    return worst


def _between(lattice: Floats, *, axis: int) -> Floats:
    """Return 8 values for each step between nodes along `axis`, the first of them the node itself.

    The cubic through four nodes, of which `lattice` has one more at either end. Source: Abramowitz and Stegun, 25.2.20
    (Everett's formula).
    """
    # Not a product of matrices: the threads of BLAS would wait for each other longer than this takes.
    ends: tuple[slice | int, ...] = (slice(None),) * axis
    second = np.diff(lattice, n=2, axis=axis)
    before, after = lattice[(*ends, slice(1, -2))], lattice[(*ends, slice(2, -1))]
    bend_before, bend_after = second[(*ends, slice(None, -1))], second[(*ends, slice(1, None))]
    found = np.empty((*before.shape[: axis + 1], STRIDE, *before.shape[axis + 1 :]))
    # One of the 8 at a time: what is worked on then stays in the cache of the processor.
    for place in range(STRIDE):
        share = place / STRIDE
        rest = 1.0 - share
        part = before * rest
        part += after * share
        part += bend_before * (rest * (rest * rest - 1.0) / 6.0)
        part += bend_after * (share * (share * share - 1.0) / 6.0)
        found[(*ends, slice(None), place)] = part
    return found.reshape(*lattice.shape[:axis], -1, *lattice.shape[axis + 1 :])
