"""All that CF lets a field name comes along with it, and nothing else."""

from core.attributes import Attribute
from core.dataset import CurvilinearGrid, Description, TimeAxis, Variable
from core.selection.company import company


def variable(name, dimensions=(), *, grid=None, stepped=False, **attributes):
    return Variable(
        name=name,
        dtype="f4",
        dimensions=dimensions,
        shape=tuple(1 for _ in dimensions),
        chunks=tuple(1 for _ in dimensions),
        attributes={key: Attribute(type="char", data=text.encode()) for key, text in attributes.items()},
        stepped=stepped,
        grid=grid,
    )


def described(*variables, **more):
    grid = CurvilinearGrid(x="nav_lon", y="nav_lat", shape=(1, 1), buckets=1, depth=1, extent=(0.0, 0.0, 1.0, 1.0))
    return Description(
        attributes={}, dimensions={}, variables={each.name: each for each in variables}, grids={"g": grid}, **more
    )


def test_what_a_field_names_comes_along():
    plane = ("y", "x")
    found = company(
        described(
            variable("area", plane),
            variable("nav_lat", plane, bounds="lat_corners"),
            variable("nav_lon", plane),
            variable("lat_corners", (*plane, "four")),
            variable("crs"),
            variable("sigma", ("level",), formula_terms="s: sigma eta: eta depth: deep"),
            variable("level", ("level",)),
            variable("label", ("level",)),
            variable("eta", plane, grid="g"),
            variable("deep", plane, grid="g"),
            variable("t", ("level", *plane), grid="g", grid_mapping="crs: x y", cell_measures="area: area"),
            variable("other", ("level", *plane), grid="g"),
            variable("elsewhere", ("station",)),
        ),
        ["t"],
    )
    named = ("area", "nav_lat", "nav_lon", "lat_corners", "crs", "sigma", "level", "label", "eta", "deep", "t")
    assert found == named


def test_the_time_comes_along_though_no_dimension_is_named_like_it():
    time = TimeAxis(dimension="time_counter", variable="time_centered", units="s since 2000-01-01", calendar="standard")
    found = company(
        described(
            variable("nav_lat", ("y", "x")),
            variable("nav_lon", ("y", "x")),
            variable("time_centered", ("time_counter",), stepped=True, bounds="time_centered_bounds"),
            variable("time_centered_bounds", ("time_counter", "two"), stepped=True),
            variable("t", ("time_counter", "y", "x"), grid="g", stepped=True),
            time=time,
        ),
        ["t"],
    )
    assert found == ("nav_lat", "nav_lon", "time_centered", "time_centered_bounds", "t")


def test_names_in_groups_are_looked_for_outwards():
    found = company(
        described(
            variable("nav_lat", ("y", "x")),
            variable("nav_lon", ("y", "x")),
            variable("crs"),
            variable("a/crs"),
            variable("a/b/t", ("y", "x"), grid="g", grid_mapping="crs", coordinates="/place nowhere"),
            variable("place"),
        ),
        ["a/b/t"],
    )
    assert found == ("nav_lat", "nav_lon", "a/crs", "a/b/t", "place")
