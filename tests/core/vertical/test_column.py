import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset import Formula
from core.vertical.column import NOWHERE, Column

LEVELS = 12
S = (np.arange(LEVELS) + 0.5) / LEVELS - 1
S_W = np.arange(LEVELS + 1) / LEVELS - 1
NSIGMA, Z_LEVELS = 4, (-120.0, -250.0, -600.0, -1500.0)


def bent(s):
    return np.sinh(6 * s) / np.sinh(6)


def formula(name, edges=False, order=1):
    """Return a formula with levels from the bottom up, or with `order` -1 from the surface down."""

    def numbers(values):
        return tuple(values[::order].tolist())

    terms, interfaces = {
        "ocean_sigma_coordinate": ({"sigma": S}, {"sigma": S_W}),
        "ocean_s_coordinate": ({"s": S}, {"s": S_W}),
        "ocean_s_coordinate_g1": ({"s": S, "C": bent(S)}, {"s": S_W, "C": bent(S_W)}),
        "ocean_s_coordinate_g2": ({"s": S, "C": bent(S)}, {"s": S_W, "C": bent(S_W)}),
        "ocean_sigma_z_coordinate": (
            {
                "sigma": np.array([*(np.nan,) * 4, -0.875, -0.625, -0.375, -0.125]),
                "zlev": np.array([*Z_LEVELS[::-1], *(np.nan,) * 4]),
            },
            {},
        ),
        "ocean_double_sigma_coordinate": ({"sigma": 2 - (np.arange(8) + 0.5) / 4}, {}),
    }[name]
    constants = {"a": (5.0,), "b": (0.4,), "depth_c": (80.0,), "z1": (40.0,), "z2": (120.0,), "href": (500.0,)}
    constants["k_c"] = (4.0,)
    return Formula(
        name=name,
        terms={**{term: numbers(values) for term, values in terms.items()}, **constants},
        edges={term: numbers(values) for term, values in interfaces.items()} if edges else {},
        depth="h",
        eta="zeta",
    )


def appendix_d(name, values, eta, depth):
    """Return the heights of levels at one place, as CF 1.11, appendix D, writes the formulas."""
    a, b, c, z1, z2, reference = 5.0, 0.4, 80.0, 40.0, 120.0, 500.0
    sigma = s = np.array(values["s"] if "s" in values else values["sigma"])
    if name == "ocean_sigma_coordinate":
        return eta + sigma * (depth + eta)
    if name == "ocean_s_coordinate":
        stretch = (1 - b) * np.sinh(a * s) / np.sinh(a)
        stretch += b * (np.tanh(a * (s + 0.5)) / (2 * np.tanh(0.5 * a)) - 0.5)
        return eta * (1 + s) + c * s + (depth - c) * stretch
    if name == "ocean_s_coordinate_g1":
        shape = c * s + (depth - c) * np.array(values["C"])
        return shape + eta * (1 + shape / depth)
    if name == "ocean_s_coordinate_g2":
        shape = (c * s + depth * np.array(values["C"])) / (depth + c)
        return eta + (eta + depth) * shape
    if name == "ocean_sigma_z_coordinate":
        above = eta + sigma * (min(c, depth) + eta)
        return np.where(np.isnan(sigma), values["zlev"], above)
    middle = 0.5 * (z1 + z2) + 0.5 * (z1 - z2) * np.tanh(2 * a / (z1 - z2) * (depth - reference))
    upper = np.arange(1, sigma.size + 1) <= 4
    return -np.where(upper, sigma * middle, middle + (sigma - 1) * (depth - middle))


NAMES = [
    "ocean_sigma_coordinate",
    "ocean_s_coordinate",
    "ocean_s_coordinate_g1",
    "ocean_s_coordinate_g2",
    "ocean_sigma_z_coordinate",
    "ocean_double_sigma_coordinate",
]
BENT = [name for name in NAMES if name != "ocean_double_sigma_coordinate"]


def column(said):
    found = Column.of(said)
    assert found is not None
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("eta", "depth"), [(0.0, 500.0), (1.3, 95.0), (-0.8, 4200.0)])
def test_the_height_of_a_level_is_that_of_appendix_d(name, eta, depth):
    order = -1 if name == "ocean_double_sigma_coordinate" else 1
    said = formula(name, order=order)
    wanted = appendix_d(name, said.terms, eta, depth)
    levels = column(said)
    assert [levels.height(k, eta, depth) for k in range(wanted.size)] == pytest.approx(wanted.tolist())


def expected(heights, edges, elevation, eta, depth):
    """Return the level that holds a height, looked for one by one."""
    if elevation > eta or elevation < -depth:
        return NOWHERE
    order = np.argsort(heights)[::-1]
    between = edges if edges is not None else (heights[order][1:] + heights[order][:-1]) / 2
    for place, level in enumerate(order[:-1]):
        if elevation > between[place]:
            return int(level)
    return int(order[-1])


@given(
    name=st.sampled_from(BENT[:4]),
    edges=st.booleans(),
    order=st.sampled_from([1, -1]),
    elevation=st.floats(-3000, 2),
    place=st.tuples(st.floats(-2, 2), st.floats(90, 6000)),
)
def test_the_level_whose_cell_holds_a_height_is_chosen(name, edges, order, elevation, place):
    eta, depth = place
    said = formula(name, edges=edges, order=order)
    heights = appendix_d(name, said.terms, eta, depth)
    between = np.sort(appendix_d(name, said.edges, eta, depth))[::-1][1:-1] if edges else None
    if between is not None and np.abs(between - elevation).min() < 1e-6:
        return
    found = column(said).holding(elevation, np.array([[eta]]), np.array([[depth]]))[0, 0]
    middle = np.sort(heights)
    if np.abs((middle[1:] + middle[:-1]) / 2 - elevation).min() > 1e-6:
        assert found == expected(heights, between, elevation, eta, depth)


def test_a_map_of_places_is_the_same_as_each_place_alone():
    rng = np.random.default_rng(7)
    eta, depth = rng.uniform(-2, 2, (40, 30)), rng.uniform(5, 5000, (40, 30))
    for name in NAMES:
        levels = column(formula(name, order=-1 if name == "ocean_double_sigma_coordinate" else 1))
        together = levels.holding(-50.0, eta, depth)
        alone = [levels.holding(-50.0, eta[at : at + 1], depth[at : at + 1]) for at in range(40)]
        np.testing.assert_array_equal(together, np.concatenate(alone))


@pytest.mark.parametrize("name", BENT[:4])
@pytest.mark.parametrize(
    ("elevation", "eta", "depth", "level"),
    [
        (0.7, 0.7, 300.0, LEVELS - 1),
        (0.71, 0.7, 300.0, NOWHERE),
        (-0.1, -0.5, 300.0, NOWHERE),
        (-300.0, 0.7, 300.0, 0),
        (-300.1, 0.7, 300.0, NOWHERE),
        (-50.0, np.nan, 300.0, NOWHERE),
        (-50.0, 0.0, np.nan, NOWHERE),
        (0.5, 1.0, -2.0, NOWHERE),
        (-1.0, 0.0, 0.0, NOWHERE),
        (-1.0, 1.0, 0.0, NOWHERE),
    ],
)
def test_above_the_surface_below_the_bottom_and_on_land_there_is_nothing(name, elevation, eta, depth, level):
    found = column(formula(name)).holding(elevation, np.array([[eta]]), np.array([[depth]]))
    assert found.tolist() == [[level]]


def test_a_part_of_a_column_holds_nothing_beyond_its_own_levels():
    said = formula("ocean_sigma_coordinate")
    upper = Formula(name=said.name, terms={"sigma": said.terms["sigma"][-3:]}, depth="h")
    found = column(upper).holding(-400.0, np.zeros((1, 1)), np.full((1, 1), 600.0))
    assert found.tolist() == [[NOWHERE]]
    assert column(upper).holding(-120.0, np.zeros((1, 1)), np.full((1, 1), 600.0)).tolist() == [[0]]


@pytest.mark.parametrize("order", [1, -1])
def test_a_level_under_the_bottom_holds_nothing_and_the_one_above_it_reaches_down_to_it(order):
    # As POM writes them: between the levels above the surfaces of cells, and one more at the end.
    faces = np.array([0.0, -0.1, -0.3, -0.7, -1.0])
    sigma = np.array([*(faces[1:] + faces[:-1]) / 2, -1.2])
    levels = column(Formula(name="ocean_sigma_coordinate", terms={"sigma": tuple(sigma[::order])}, depth="h"))
    place = np.zeros(1), np.full(1, 1000.0)
    wanted = {-0.1: 0, -101.0: 0, -400.0: 2, -700.0: 3, -1000.0: 3}
    for height, level in wanted.items():
        assert levels.holding(height, *place).tolist() == [level if order > 0 else 4 - level]
    assert levels.holding(-1000.1, *place).tolist() == [NOWHERE]


def test_the_uppermost_level_reaches_to_the_surface_where_its_cell_nearly_does():
    sigma = (-0.8, -0.325, -0.11)
    found = column(Formula(name="ocean_sigma_coordinate", terms={"sigma": sigma}, depth="h"))
    assert found.holding(-1.0, np.zeros((1, 1)), np.full((1, 1), 1000.0)).tolist() == [[2]]


def test_fixed_levels_end_where_they_end():
    levels = column(formula("ocean_sigma_z_coordinate"))
    deep = np.full((1, 1), 6000.0)
    assert levels.holding(-1800.0, np.zeros((1, 1)), deep).tolist() == [[0]]
    assert levels.holding(-3000.0, np.zeros((1, 1)), deep).tolist() == [[NOWHERE]]


@pytest.mark.parametrize(
    "sigma",
    [(-0.5,), (-0.5, -0.5, -0.1), (-0.9, -0.1, -0.5), (-1.5, -0.5), (-0.5, 0.5), (np.nan, -0.5)],
)
def test_levels_that_do_not_lie_under_each_other_in_the_sea_are_no_column(sigma):
    assert Column.of(Formula(name="ocean_sigma_coordinate", terms={"sigma": sigma}, depth="h")) is None
