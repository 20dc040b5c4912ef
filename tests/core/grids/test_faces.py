"""Faces cut into triangles, faces by their nodes, and the sides of faces among edges. Oracle: plane areas by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.grids.faces import Faces, build_mesh, edges_of, faces_of
from core.grids.polygons import convex
from core.grids.sphere import vectors
from core.grids.triangles import triangles_of


def flat_area(x, y):
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y))) / 2


@given(st.lists(st.floats(0.2, 1.0), min_size=4, max_size=8), st.booleans())
def test_the_triangles_of_a_polygon_are_as_large_as_it_is(radii, clockwise):
    angle = np.arange(len(radii)) * 2 * np.pi / len(radii) * (-1 if clockwise else 1)
    x, y = 1e-3 * np.array(radii) * np.cos(angle), 1e-3 * np.array(radii) * np.sin(angle)
    found = triangles_of(vectors(x + 40.0, y))
    assert len(found) == len(radii) - 2
    total = sum(flat_area(x[list(triangle)], y[list(triangle)]) for triangle in found)
    np.testing.assert_allclose(total, flat_area(x, y), rtol=1e-6)


@pytest.mark.parametrize(
    ("x", "y", "is_convex"),
    [
        ([0, 1, 1, 0], [0, 0, 1, 1], True),
        ([0, 0, 1, 1], [0, 1, 1, 0], True),
        ([0, 1, 1, 1], [0, 0, 1, 1], True),
        ([0, 1, 0.2, 0], [0, 0, 0.2, 1], False),
        ([0, 1, 1, 0], [0, 1, 0, 1], False),
    ],
)
def test_a_polygon_is_convex_or_it_is_not(x, y, is_convex):
    corners = vectors(np.array([x], dtype=float), np.array([y], dtype=float))
    assert convex(corners).tolist() == [is_convex]


def test_a_face_without_one_of_its_nodes_has_no_place():
    nodes = np.array([[0, 1, 2, -1], [0, -1, 2, 3], [1, 2, 9, -1], [1, 2, 4, -1]])
    found = faces_of(nodes, np.array([0.0, 1.0, 1.0, 0.0, np.nan]), np.array([0.0, 0.0, 1.0, 1.0, 0.0]))
    assert found.nodes.tolist() == [[0, 1, 2, -1], [0, 2, 3, -1], [1, 2, -1, -1], [1, 2, 4, -1]]
    assert np.isfinite(found.longitudes).sum(axis=1).tolist() == [3, 3, 0, 0]


def test_faces_of_hundreds_of_corners_are_refused_before_they_are_cut_for_minutes():
    angle = np.arange(600) * 2 * np.pi / 600
    far = np.where(np.arange(600) % 2, 0.3, 1.0)
    faces = faces_of(np.arange(600)[None], far * np.cos(angle), far * np.sin(angle))
    with pytest.raises(ValueError, match="has 600 corners, more than 256"):
        build_mesh(faces, None)


def test_the_sides_of_a_face_are_found_among_edges_in_either_direction():
    nodes = np.array([[0, 1, 2, -1], [2, 1, 3, 4]])
    faces = Faces(longitudes=np.zeros((2, 4)), latitudes=np.zeros((2, 4)), nodes=nodes)
    edges = np.array([[1, 0], [1, 2], [3, 1], [2, 4], [0, 2]])
    assert edges_of(faces, edges).tolist() == [[0, 1, 4, -1], [1, 2, -1, 3]]
