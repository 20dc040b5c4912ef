"""Polygons that are not convex, cut into triangles. Source: Meisters, Polygons have ears, 1975."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Triangle = tuple[int, int, int]


def triangles_of(corners: Floats) -> list[Triangle]:
    """Return triangles that make up a polygon of vectors (3, k), as places along its ring; none where it has no area.

    One that crosses itself is cut as far as it has ears.
    """
    points = _flat(corners)
    left = list(range(points.shape[1]))
    found: list[Triangle] = []
    while len(left) >= len(("before", "ear", "after")):
        ear = next((place for place in range(len(left)) if _is_ear(points, left, place)), None)
        if ear is None:
            return found
        found.append((left[ear - 1], left[ear], left[(ear + 1) % len(left)]))
        del left[ear]
    return found


def _flat(corners: Floats) -> Floats:
    """Return the polygon in the plane that touches the Earth in its middle, counter-clockwise, shape (2, k)."""
    middle = corners.mean(axis=1)
    axis = np.eye(3)[int(np.abs(middle).argmin())]
    across = np.cross(axis, middle)
    along = np.cross(middle, across) / np.sqrt((middle * middle).sum())
    x, y = across @ corners, along @ corners
    area = float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())
    # Mirrored, what goes round clockwise goes round the other way; places along the ring stay.
    return np.stack([x if area > 0 else -x, y])


def _is_ear(points: Floats, left: list[int], place: int) -> bool:
    """Tell whether a corner and its neighbours are a triangle inside of the polygon, with no other corner in it."""
    names = left[place - 1], left[place], left[(place + 1) % len(left)]
    before, ear, after = (points[:, name] for name in names)
    if _turn(before, ear, after) <= 0.0:
        return False
    others = points[:, [name for name in left if name not in names]]
    sides = ((before, ear), (ear, after), (after, before))
    inside = np.all([_turn(first, second, others) >= 0.0 for first, second in sides], axis=0)
    return not bool(inside.any())


def _turn(first: Floats, second: Floats, third: Floats) -> Floats:
    """Return twice the area of triangles; positive where one goes round counter-clockwise."""
    (ax, ay), (bx, by), (cx, cy) = first, second, third
    found: Floats = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    return found
