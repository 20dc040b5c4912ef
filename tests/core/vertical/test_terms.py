"""Which cells lie around a point between them is told by the names of dimensions."""

import pytest

from core.vertical.terms import points_among

CELLS = ("eta_rho", "xi_rho")


@pytest.mark.parametrize(
    ("cells", "points", "between"),
    [
        (CELLS, ("eta_u", "xi_u"), (0, 1)),
        (CELLS, ("eta_v", "xi_v"), (1, 0)),
        (CELLS, ("eta_psi", "xi_psi"), (1, 1)),
        (CELLS, ("eta_rho", "xi_u"), (0, 1)),
        (CELLS, ("eta_v", "xi_rho"), (1, 0)),
        (CELLS, ("eta_v", "xi_u"), (1, 1)),
        (("a/eta_rho", "a/xi_rho"), ("a/eta_u", "a/xi_u"), (0, 1)),
        (("a/eta_rho", "a/xi_rho"), ("eta_u", "xi_u"), None),
        (CELLS, ("xi_u", "eta_u"), None),
        (CELLS, ("lat_u", "lon_u"), None),
        (("eta_u", "xi_u"), CELLS, None),
        (("node",), ("nele",), None),
        (("xi_rho",), ("xi_u",), None),
    ],
)
def test_points_lie_among_cells_as_their_dimensions_are_named(cells, points, between):
    assert points_among(cells, points) == between
