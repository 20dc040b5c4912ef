"""Faces of a mesh drawn in the plane of a map, in any system: quicker than to search each pixel, and a little coarser.

Where a view is small, pixels are polynomials of places, and sides of small faces are straight in it. What is shown at a
pixel then holds a place within 1/8 pixel of its centre.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.grids.scan import SLACK, counted, painted
from core.grids.sphere import lattice_vectors
from core.view import View

Floats = NDArray[np.float64]

STEP: Final = 32
"""Pixels between nodes."""
MARGIN: Final = 4
"""Nodes on either side of a view: faces may reach so far beyond it."""
_DEGREES: Final = (2, 3, 4, 5)
"""Of the polynomials that are tried."""
_RESIDUAL: Final = 1 / 64
"""Pixels that a polynomial may be off at nodes."""
_OFF: Final = 0.1
"""Pixels that the side of a face may be off, by rounding and since it is no straight line."""
_WORST: Final = 2.0
"""Times the greatest bend along rows, columns and diagonals: there may be directions between with more."""
_ROUNDING: Final = 1 / 16
"""Pixels, at most, that faces are made wider all round, so that rounding leaves no holes."""
_NARROW: Final = 0.02
"""Sine of an angle; the place of a narrower corner is not told by its two edges."""
_WIDE: Final = 0.8
"""Least cosine of the distance from the middle of a view."""
_LEVEL: Final = 1e-9
"""Pixels; an edge that is less high bounds no row."""
_MOST: Final = 2
"""Rows of faces for each pixel, or times that each is drawn; for more it is as quick to search each pixel."""
_BLOCK: Final = 1 << 14
"""Rows of faces that are worked on together: they stay in the cache of the processor."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """The pixels of a view as polynomials of two coordinates that lie across its middle."""

    axes: Floats
    """Unit vectors of the two coordinates over the scale that makes them about 1 at the ends, shape (2, 3)."""
    columns: tuple[Floats, ...]
    """Coefficients of the column of pixels: by power of the first coordinate, those of the second, ascending."""
    rows: tuple[Floats, ...]
    """Likewise of the row, downward."""
    reach: Floats
    """Least and greatest of either coordinate for which these hold, shape (2, 2)."""
    inner: Floats
    """Likewise of what is in the view."""
    longest: float
    """Pixels; a side of a face that is not longer is straight."""
    slack: float
    """Pixels that faces are made wider."""
    size: tuple[int, int]
    """Height and width."""

    @classmethod
    def of(cls, view: View) -> "Plane | None":
        """Describe a view; None where it is small, pixels are too small or too large, or places are missing."""
        if min(view.width, view.height) <= STEP:
            return None
        nodes = lattice_vectors(view, STEP, margin=MARGIN)
        m, n = nodes.shape[1:]
        middle = nodes[:, MARGIN:-MARGIN, MARGIN:-MARGIN].mean(axis=(1, 2))
        if not (nodes * middle[:, None, None]).sum(axis=0).min() > _WIDE:
            return None
        sides = [np.sqrt((np.diff(nodes, axis=axis) ** 2).sum(axis=0)).min() / STEP for axis in (1, 2)]
        slack = 2 * SLACK / min(sides)
        if slack > _ROUNDING:
            return None
        across = np.cross(np.eye(3)[np.abs(middle).argmin()], middle)
        axes = np.stack([across, np.cross(middle, across)])
        axes /= np.abs((axes[:, :, None, None] * nodes).sum(axis=1)).max()
        flat = _flat(axes, nodes)
        at = np.stack(np.meshgrid((np.arange(n) - MARGIN) * float(STEP), (np.arange(m) - MARGIN) * float(STEP)))
        fitted = _fitted(flat, at)
        if fitted is None:
            return None
        inside = flat[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
        bend = _WORST * _bend(axes, nodes, at, fitted)
        return cls(
            axes=axes,
            columns=fitted[0],
            rows=fitted[1],
            reach=np.stack([flat.min(axis=(1, 2)), flat.max(axis=(1, 2))]),
            inner=np.stack([inside.min(axis=(1, 2)), inside.max(axis=(1, 2))]),
            longest=float(np.sqrt(8 * (_OFF - slack) / max(bend, _LEVEL))),
            slack=float(slack),
            size=(view.height, view.width),
        )

    def drawn(self, faces: Indices, normals: Floats) -> Indices | None:
        """Return the first face at each pixel, shape (h, w), -1 where there is none; None where that cannot be told.

        Args:
            faces: their numbers, ascending, shape (n,).
            normals: of their k edges, pointing inwards, zero for one that bounds nothing, shape (n, k, 3).

        """
        # Of several faces the first is shown: it is drawn last.
        corners = _corners(np.ascontiguousarray(normals[::-1].transpose(1, 2, 0), dtype=np.float64))
        if corners is None:
            return None
        flat = _flat(self.axes, corners)
        least, greatest = flat.min(axis=1), flat.max(axis=1)
        # What is on the other side of the Earth has such coordinates as well.
        before = self._before(corners)
        near = ((greatest >= self.inner[0][:, None]) & (least <= self.inner[1][:, None])).all(axis=0)
        near &= before.any(axis=0)
        beyond = ((least < self.reach[0][:, None]) | (greatest > self.reach[1][:, None])).any(axis=0)
        beyond |= ~before.all(axis=0)
        if (near & beyond).any():
            return None
        some, flat = faces[::-1][near], flat[:, :, near]
        x, y = _valued(self.columns, flat), _valued(self.rows, flat)
        wide, high = np.roll(x, -1, axis=0) - x, np.roll(y, -1, axis=0) - y
        if np.sqrt((wide * wide + high * high).max(initial=0.0)) > self.longest:
            return None
        return self._painted(some, y, self._lines(x, y, wide, high))

    def _before(self, corners: Floats) -> NDArray[np.bool_]:
        """Tell which corners (3, k, n) are on the half of the Earth that the view is on."""
        a, b, c = np.cross(*self.axes).tolist()
        found: NDArray[np.bool_] = a * corners[0] + b * corners[1] + c * corners[2] > 0
        return found

    def _lines(self, x: Floats, y: Floats, wide: Floats, high: Floats) -> Floats:
        """Return, of the k sides of each face, the slope, and the abscissa at row 0 as its left end and as its right.

        Shape (k, 3, faces); infinite as the end that a side is not.
        """
        # Of all their sides: in faces with fewer corners than others some have no length.
        turn = np.sign((x * high - y * wide).sum())
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(np.abs(high) > _LEVEL, wide / high, 0.0)
        first, wider = x - y * slope, self.slack * np.sqrt(1.0 + slope * slope)
        left = np.where(high * turn < -_LEVEL, first - wider, -np.inf)
        right = np.where(high * turn > _LEVEL, first + wider, np.inf)
        return np.stack([slope, left, right], axis=1)

    def _painted(self, faces: Indices, y: Floats, lines: Floats) -> Indices | None:
        height, width = self.size
        first = np.ceil(y.min(axis=0, initial=np.inf) - self.slack).clip(0, height).astype(np.intp)
        last = np.floor(y.max(axis=0, initial=-np.inf) + self.slack).clip(-1, height - 1).astype(np.intp)
        counts = (last - first + 1).clip(min=0)
        if counts.sum() > _MOST * height * width:
            return None
        face, row = np.repeat(np.arange(faces.size), counts), counted(first, counts)
        left, wide = np.empty((2, row.size), dtype=np.intp)
        for start in range(0, row.size, _BLOCK):
            some = slice(start, start + _BLOCK)
            left[some], wide[some] = self._columns(lines, face[some], row[some])
        if wide.sum() > _MOST * height * width:
            return None
        return painted(faces[face], row * width + left, wide, height * width).reshape(height, width)

    def _columns(self, lines: Floats, face: Indices, row: Indices) -> tuple[Indices, Indices]:
        """Return the first column of each row of a face, and the number of columns."""
        low, high = np.full(row.size, -1.0), np.full(row.size, float(self.size[1]))
        for side in lines:
            slope, left, right = side.take(face, axis=1)
            slope *= row
            left += slope
            right += slope
            np.maximum(low, left, out=low)
            np.minimum(high, right, out=high)
        first = np.ceil(low).clip(0, self.size[1]).astype(np.intp)
        last = np.floor(high).clip(-1, self.size[1] - 1).astype(np.intp)
        return first, (last - first + 1).clip(min=0)


def _flat(axes: Floats, places: Floats) -> Floats:
    """Return the two coordinates of vectors (3, ...)."""
    return np.stack([a * places[0] + b * places[1] + c * places[2] for a, b, c in axes.tolist()])


def _fitted(flat: Floats, at: Floats) -> tuple[tuple[Floats, ...], ...] | None:
    """Return polynomials of columns and of rows; None where none is near enough."""
    (u, v), target = flat.reshape(2, -1), at.reshape(2, -1).T
    for degree in _DEGREES:
        powers = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]
        terms = np.stack([u**i * v**j for i, j in powers], axis=1)
        found = np.linalg.lstsq(terms, target, rcond=None)[0]
        if np.abs(terms @ found - target).max() <= _RESIDUAL:
            cuts = np.cumsum([degree + 1 - i for i in range(degree)])
            return tuple(tuple(np.split(some, cuts)) for some in found.T)
    return None


def _valued(polynomial: tuple[Floats, ...], flat: Floats) -> Floats:
    """Return the value of a polynomial at coordinates (2, ...), by Horner's rule."""
    u, v = flat
    total: Floats = np.zeros_like(u)
    for coefficients in reversed(polynomial):
        part = np.full_like(u, coefficients[-1])
        for coefficient in coefficients[-2::-1].tolist():
            part *= v
            part += coefficient
        total *= u
        total += part
    return total


def _bend(axes: Floats, nodes: Floats, at: Floats, fitted: tuple[tuple[Floats, ...], ...]) -> float:
    """Return by how much great circles bend, of a pixel: the most along rows, columns and diagonals of nodes."""
    inner, most = np.s_[:, 1:-1, 1:-1], 0.0
    for one, other in (
        (np.s_[:, 1:-1, :-2], np.s_[:, 1:-1, 2:]),
        (np.s_[:, :-2, 1:-1], np.s_[:, 2:, 1:-1]),
        (np.s_[:, :-2, :-2], np.s_[:, 2:, 2:]),
        (np.s_[:, :-2, 2:], np.s_[:, 2:, :-2]),
    ):
        middle = nodes[one] + nodes[other]
        middle /= np.sqrt((middle * middle).sum(axis=0))
        flat = _flat(axes, middle)
        apart = np.stack([_valued(some, flat) for some in fitted]) - at[inner]
        length = ((at[other] - at[one]) ** 2).sum(axis=0)
        most = max(most, float((8 * np.sqrt((apart * apart).sum(axis=0)) / length).max()))
    return most


def _corners(normals: Floats) -> Floats | None:
    """Return corners as unit vectors, shape (3, k, n), where edges meet; None where that cannot be told of one.

    `normals` have the shape (k, 3, n).
    """
    sides = list(normals)
    # A side without length is taken for the one before it.
    for side in (*range(len(sides)), *range(len(sides))):
        none = ~sides[side].any(axis=0)
        if none.any():
            sides[side] = np.where(none, sides[side - 1], sides[side])
    found: list[Floats] = []
    for side, (a, b, c) in enumerate(sides):
        d, e, f = sides[side - 1]
        corner = np.stack([e * c - f * b, f * a - d * c, d * b - e * a])
        length = np.sqrt((corner * corner).sum(axis=0))
        same = (a == d) & (b == e) & (c == f)
        if not (same | (length > _NARROW)).all():
            return None
        found.append(np.where(same, np.nan, corner / np.where(same, 1.0, length)) if same.any() else corner / length)
    for side in (*range(len(found)), *range(len(found))):
        if np.isnan(found[side][0]).any():
            found[side] = np.where(np.isnan(found[side]), found[side - 1], found[side])
    return np.stack(found, axis=1)
