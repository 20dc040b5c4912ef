"""Faces of a mesh drawn row by row, where rows of pixels are parallels: quicker than a search of each pixel.

On a parallel the side of a great circle is told by a quadratic in t = tan(longitude / 2): of a normal (a, b, c) turned
to the middle of the view, a cos + b sin + c tan(latitude) is (k - a) t^2 + 2 b t + (k + a), over 1 + t^2, with
k = c tan(latitude). So each edge cuts a row of pixels at a root of it, exactly. Source: Abramowitz and Stegun, 4.3.24.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.grids.polygons import normals_of

Floats = NDArray[Any]
Flags = NDArray[np.bool_]

UNKNOWN: Final = -2
"""A pixel of which it cannot be told here what it shows."""
SLACK: Final = 2e-7
"""Of the Earth's radius, about a metre: so far outside an edge is inside, or rounding would leave holes."""
_WIDEST: Final = 90.0
"""Degrees; in wider views an edge may cut a row twice."""
_NORTH: Final = 85.06
"""Degrees, where web maps end; nearer to a pole, parallels bend too much."""
_UNEVEN: Final = 1e-3
"""Of a pixel; columns may differ by rounding alone."""
PADDING: Final = 3e-5
"""Degrees: more than the slack, and than rounding to float32."""
_MOST: Final = 2
"""Rows of faces for each pixel, or times that each is drawn; for more it is as quick to search each pixel."""
_SHORT: Final = 1 << 16
"""Numbers that two bytes tell apart."""
_BLOCK: Final = 1 << 14
"""Rows of faces that are worked on together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """The pixels of a view whose rows are parallels."""

    latitudes: Floats
    """Degrees, from north to south, shape (h,)."""
    west: float
    """Longitude of the first column, degrees from the middle of the view."""
    middle: float
    """Degrees."""
    pixel: float
    """Degrees of longitude."""
    width: int
    """Pixels."""

    @classmethod
    def of(cls, longitudes: Floats, latitudes: Floats) -> "Rows | None":
        """Describe pixels by longitudes of columns and latitudes of rows; None where they are not drawn here."""
        if min(longitudes.size, latitudes.size) < 2 or not np.abs(latitudes).max() <= _NORTH:
            return None
        steps = (longitudes[1:] - longitudes[:-1]) % 360.0
        pixel, wide = float(steps[0]), float(steps.sum())
        if not 0.0 < wide < _WIDEST or latitudes[0] <= latitudes[-1] or np.ptp(steps) > _UNEVEN * pixel:
            return None
        return cls(
            latitudes=latitudes,
            west=-wide / 2,
            middle=float(longitudes[0]) + wide / 2,
            pixel=wide / steps.size,
            width=longitudes.size,
        )

    def beside(self, boxes: Floats) -> Indices | None:
        """Return which faces have rows of pixels in their boxes (see `boxes_of`); None where these are too many."""
        _, counts = self._rows(boxes)
        return None if counts.clip(min=0).sum() > self._most else np.flatnonzero(counts > 0)

    @property
    def _most(self) -> int:
        return _MOST * self.latitudes.size * self.width

    def _rows(self, boxes: Floats) -> tuple[Indices, Indices]:
        """Return the first row in each box, and the number of rows."""
        downward = -self.latitudes
        first = np.searchsorted(downward, -boxes[:, 1].astype(np.float64))
        return first, np.searchsorted(downward, -boxes[:, 0].astype(np.float64), side="right") - first

    def drawn(self, faces: Indices, normals: Floats, boxes: Floats) -> Indices | None:
        """Return the first face at each pixel, shape (h, w), -1 where there is none; None where faces overlap a lot.

        Args:
            faces: their numbers, ascending, shape (n,).
            normals: of their k edges, pointing inwards, zero for one that bounds nothing, shape (n, k, 3).
            boxes: see `boxes_of`, shape (n, 2); each with a row of pixels in it.

        """
        height = self.latitudes.size
        # Of several faces the first is shown: it is drawn last.
        faces, normals = faces[::-1], normals[::-1]
        first, counts = self._rows(boxes[::-1])
        face, row = np.repeat(np.arange(faces.size), counts), counted(first, counts)
        left, wide, torn = self._cut(normals, face, row)
        if wide.sum() > self._most:
            return None
        at = row * self.width + left
        found = painted(faces[face], at, wide, height * self.width)
        if torn.any():
            found[counted(at[torn], wide[torn])] = UNKNOWN
        return found.reshape(height, self.width)

    def _cut(self, normals: Floats, face: Indices, row: Indices) -> tuple[Indices, Indices, Flags]:
        """Return the first column of each row of a face and how many there are, and whether others lie in between."""
        turn, rise = np.radians(self.middle), np.radians(self.latitudes)
        x, y, z = np.moveaxis(normals, 2, 0).transpose(0, 2, 1).astype(np.float64)
        turned = np.stack([x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn), z])
        of_rows = np.stack([np.tan(rise), SLACK / np.cos(rise)])
        left, wide = np.empty((2, row.size), dtype=np.intp)
        torn = np.empty(row.size, dtype=np.bool_)
        # Some at a time: what is worked on then stays in the cache of the processor.
        for first in range(0, row.size, _BLOCK):
            some = slice(first, first + _BLOCK)
            low, high, torn[some] = self._between(turned, face[some], of_rows[:, row[some]])
            left[some], wide[some] = self._columns(low, high)
        return left, wide, torn

    def _between(self, turned: Floats, face: Indices, of_rows: Floats) -> tuple[Floats, Floats, Flags]:
        """Return between which t each row of a face lies in it, and whether an edge also cuts out some in between.

        Args:
            turned: normals towards the middle of the view, shape (3, k, faces).
            face: index of the face, shape (n,).
            of_rows: tangent of the latitude, and the slack over its cosine, shape (2, n).

        """
        end = float(np.tan(np.radians(self.pixel - self.west) / 2))
        low, high = np.full(face.size, -end), np.full(face.size, end)
        torn = np.zeros(face.size, dtype=np.bool_)
        for edge in turned.transpose(1, 0, 2):
            a, b, c, level = np.append(edge, [edge[0] ** 2 + edge[1] ** 2], axis=0).take(face, axis=1)
            k = c * of_rows[0]
            k += of_rows[1]
            under = level - k * k
            with np.errstate(invalid="ignore", divide="ignore"):
                far = b + np.copysign(np.sqrt(under), b)
                near = (k + a) / -far
                other = far / (a - k)
            rightward = ~np.signbit(b)
            # Where there is no root, all of the row is on one side.
            whole = np.flatnonzero(~(under > 0.0))
            if whole.size:
                near[whole] = np.where(k[whole] + a[whole] >= 0.0, -np.inf, np.inf)
                rightward[whole] = True
            twice = np.flatnonzero(np.abs(other) <= end)
            if twice.size:
                # Between its roots the row is either inside, or outside while both of its ends are inside.
                gap, right = k[twice] > a[twice], rightward[twice]
                torn[twice[gap]] = True
                near[twice[gap]] = np.where(right[gap], -np.inf, np.inf)
                ends = np.where(right, high[twice], low[twice])
                ends = np.where(right, np.minimum(ends, other[twice]), np.maximum(ends, other[twice]))
                high[twice[~gap & right]] = ends[~gap & right]
                low[twice[~gap & ~right]] = ends[~gap & ~right]
            np.maximum(low, near, out=low, where=rightward)
            np.minimum(high, near, out=high, where=~rightward)
        return low, high, torn

    def _columns(self, low: Floats, high: Floats) -> tuple[Indices, Indices]:
        """Return the first column between two t, and the number of columns."""
        with np.errstate(invalid="ignore"):
            ends = [(np.degrees(2.0 * np.arctan(each)) - self.west) / self.pixel for each in (low, high)]
        left = np.ceil(ends[0]).clip(0, self.width).astype(np.intp)
        right = np.floor(ends[1]).clip(-1, self.width - 1).astype(np.intp)
        return left, (right - left + 1).clip(min=0)


def boxes_of(corners: Floats) -> NDArray[np.float32]:
    """Return the least and the greatest latitude of faces, degrees, shape (n, 2), a little widened.

    `corners` are ordered, shape (3, n, k).
    """
    normals = normals_of(corners)
    ends = []
    for sign in (-1.0, 1.0):
        best = (sign * corners[2]).max(axis=1)
        with np.errstate(invalid="ignore"):
            for edge in range(normals.shape[2]):
                # The place of the great circle that is nearest to the pole, if it is on the edge.
                normal = normals[:, :, edge]
                top = -sign * normal[2] * normal
                top[2] += sign
                height = np.sqrt((top * top).sum(axis=0))
                inside = ((normals * top[:, :, None]).sum(axis=0) >= -1e-9).all(axis=1)
                best = np.where(inside, np.maximum(best, height), best)
            best = np.where((sign * normals[2] >= 0.0).all(axis=1), 1.0, best)
        ends.append(sign * (np.degrees(np.arcsin(np.minimum(best, 1.0))) + PADDING))
    return np.stack(ends, axis=1).astype(np.float32)


def painted(numbers: Indices, at: Indices, wide: Indices, size: int) -> Indices:
    """Return so many pixels, -1 where nothing is drawn, and where some are drawn over others the last of these.

    `numbers` are drawn from `at` on, each on as many pixels as `wide` says.
    """
    some = np.flatnonzero(wide)
    numbers, at, wide = numbers[some], at[some], wide[some]
    # Two bytes are sorted digit by digit, four times as fast as others.
    order = np.argsort(at.astype(np.uint16) if size <= _SHORT else at, kind="stable")
    begins = at[order]
    ends = begins + wide[order]
    reached = np.maximum.accumulate(ends)
    # Side by side they are laid down in one go, each up to where the next one begins.
    after = np.append(begins[1:], size)[: at.size]
    first = int(begins[0]) if at.size else size
    found = np.repeat(np.append(-1, numbers[order]).astype(np.int32), np.append(first, after - begins))
    bare = np.flatnonzero(ends < after)
    found[counted(ends[bare], (after - ends)[bare])] = -1
    over = reached[:-1] > begins[1:]
    if over.any():
        # Hardly any lie over others: those that do, and what they lie over, are drawn one after the other.
        again = np.unique(np.concatenate([order[1:][over], order[:-1][ends[:-1] > after[:-1]]]))
        found[counted(at[again], wide[again])] = np.repeat(numbers[again], wide[again])
    return found


def counted(first: Indices, counts: Indices) -> Indices:
    """Return numbers from each of `first` on, as many as `counts` says, one after the other."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if ends.size else 0
    return np.repeat(first - (ends - counts), counts) + np.arange(total)
