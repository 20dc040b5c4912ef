"""Depth and surface of points between cells are taken in the order of the points, also across the seam of a grid."""

import pytest

from core.dataset import Axis, CurvilinearGrid, Description, Formula, Variable
from core.selection.cut import Cut
from core.selection.term_cuts import with_cells_around

FORMULA = Formula(name="ocean_sigma_coordinate", terms={"sigma": (-0.75, -0.25)}, depth="h")


def described(rows, columns):
    """Return a field on points of a ring of 10 columns of cells, whose dimensions are named so."""
    shapes = {"rho": ("eta_rho", "xi_rho"), "u": (rows, columns)}
    sizes = {"eta_rho": 4, "xi_rho": 10, "eta_u": 4, "xi_u": 10, "s": 2}
    named = [(f"{side}_{point}", shapes[point], None, ()) for point in shapes for side in ("lon", "lat")]
    named += [("h", shapes["rho"], "rho", ()), ("u", ("s", *shapes["u"]), "u", ("s",))]
    variables = {
        name: Variable(
            name=name, dtype="f4", dimensions=dimensions, shape=tuple(sizes[one] for one in dimensions),
            chunks=(), attributes={}, stepped=False, grid=grid, axes=axes,
        )
        for name, dimensions, grid, axes in named
    }  # fmt: skip
    grids = {
        point: CurvilinearGrid(
            x=f"lon_{point}", y=f"lat_{point}", shape=(4, 10), buckets=1, depth=1, extent=(0.0, 0.0, 1.0, 1.0)
        )
        for point in shapes
    }
    axis = Axis(name="s", kind="vertical", values=(-0.75, -0.25), formula=FORMULA)
    return Description(attributes={}, dimensions=sizes, variables=variables, grids=grids, axes={"s": axis})


@pytest.mark.parametrize(
    ("taken", "cells", "found"),
    [
        ([3, 4], None, [3, 4, 5]),
        ([2, 4], None, [2, 3, 4, 5]),
        ([9], None, [9]),
        ([8, 9, 0, 1], None, [8, 9, 0, 1, 2]),
        ([8, 9, 0, 1], [7, 8, 9, 0], [7, 8, 9, 0, 1, 2]),
        ([0, 1], [8, 9, 0], [8, 9, 0, 1, 2]),
    ],
)
@pytest.mark.parametrize("rows", ["eta_u", "eta_rho"])
def test_the_cells_around_points_are_taken_in_their_order(rows, taken, cells, found):
    description = described(rows, "xi_u")
    cuts = {rows: [1, 2], "xi_u": taken} | ({} if cells is None else {"xi_rho": cells})
    asked = {name: Cut(pieces=tuple(range(one, one + 1) for one in indices)) for name, indices in cuts.items()}
    got, needed = with_cells_around(description, [description.variables["u"]], ["u", "h"], asked)
    assert (got["xi_rho"].indices.tolist(), got["eta_rho"].indices.tolist(), needed) == (found, [1, 2], {"h"})
