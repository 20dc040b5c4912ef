"""A tripolar grid as ocean models have it, of any fineness: Mercator in the south, two poles on land in the north.

Source: Murray 1996, Explicit generation of orthogonal grids for ocean models (J. Comput. Phys. 126): on the polar
stereographic plane a Moebius transform takes the two poles to zero and infinity; lines through them are rows.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_JOIN = 38.0
"""Degrees north, where the cap begins."""
_SOUTH = -77.0
_POLES = 73.0
"""Degrees east of one of the two poles; the other lies opposite."""
_HALO = 2
"""Columns that are repeated at the end."""


def tripolar(columns: int) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of cell centres, shape (ny, columns + 2), with its seam and its folded last row.

    Args:
        columns: once round; divisible by 4. 4320 are cells of 1/12 degree at the equator.

    """
    return _rounded(*_places(columns, 0.5, 0.5))


def corners_of(columns: int) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of the four corners of the same cells, shape (ny, columns + 2, 4)."""
    four = [_rounded(*_places(columns, across, down)) for across, down in ((0, 0), (1, 0), (1, 1), (0, 1))]
    return np.stack([each[0] for each in four], axis=-1), np.stack([each[1] for each in four], axis=-1)


def _places(columns: int, across: float, down: float) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes in radians so far into each cell, from the first longitude of the grid on."""
    step = 2 * np.pi / columns
    turn = (np.arange(columns) + across) * step
    first, last = (np.arctanh(np.sin(np.radians(end))) for end in (_SOUTH, _JOIN))
    rows = round((last - first) / step)
    south = np.arctan(np.sinh(last + (np.arange(-rows, 0) + down) * step))
    cap = columns // 4
    share = (np.arange(cap) + down) / cap
    # On the circle where the cap begins, w is imaginary: its size stays along a column, its angle goes to the fold.
    size = np.abs(np.tan(turn / 2))[None, :].clip(max=1e9)
    side = np.where(np.arange(columns) < columns // 2, 1.0, -1.0)
    w = size * np.exp(1j * side * (np.pi / 2) * (1.0 + share[:, None]))
    z = (1 + w) / (1 - w)
    radius = np.tan((np.pi / 2 - np.radians(_JOIN)) / 2)
    longitude = np.concatenate([np.broadcast_to(turn, (rows, columns)), np.angle(z)])
    latitude = np.pi / 2 - 2 * np.arctan(radius * np.abs(z))
    return longitude, np.concatenate([np.broadcast_to(south[:, None], (rows, columns)), latitude])


def _rounded(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Return degrees, with the row beyond the fold, which is the one before it the other way round, and the halo."""
    longitude, latitude = (np.concatenate([each, each[-1:, ::-1]]) for each in (longitude, latitude))
    longitude = (np.degrees(longitude) + _POLES + 180.0) % 360.0 - 180.0
    longitude, latitude = (
        np.concatenate([each, each[:, :_HALO]], axis=1) for each in (longitude, np.degrees(latitude))
    )
    return longitude, latitude
