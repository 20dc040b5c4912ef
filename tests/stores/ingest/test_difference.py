"""Which files are of one dataset: the first difference is named, and what may differ is none."""

from dataclasses import replace

import pytest

from core.attributes import Attribute
from core.dataset import Axis, Description, RectilinearGrid, TimeAxis, Variable
from stores.ingest.difference import difference


def words(text: str) -> Attribute:
    return Attribute(type="char", data=text.encode())


FIELD = Variable(
    name="t",
    dtype="i2",
    dimensions=("time", "depth", "lat", "lon"),
    shape=(2, 2, 3),
    chunks=(1, 1, 2, 3),
    attributes={"units": words("degC"), "scale_factor": words("as you like")},
    stepped=True,
    grid="g",
    axes=("depth",),
)
CLOCK = replace(
    FIELD, name="time", dimensions=("time",), shape=(), grid=None, axes=(), attributes={"units": words("days")}
)
DEPTH = Axis(name="depth", kind="vertical", values=(0.5, 10.0), units="m", positive="down")
GRID = RectilinearGrid(x="lon", y="lat", longitudes=(0.0, 1.0, 2.0), latitudes=(5.0, 6.0))
TIME = TimeAxis(dimension="time", variable="time", units="days since 2000-01-01", calendar="standard")
DATASET = Description(
    attributes={},
    dimensions={"time": 1, "depth": 2, "lat": 2, "lon": 3},
    variables={"t": FIELD, "time": CLOCK},
    axes={"depth": DEPTH},
    grids={"g": GRID},
    time=TIME,
)


def with_field(**change: object) -> Description:
    return replace(DATASET, variables={**DATASET.variables, "t": replace(FIELD, **change)})


@pytest.mark.parametrize(
    "file",
    [
        DATASET,
        replace(DATASET, attributes={"title": words("another day")}, dimensions={**DATASET.dimensions, "time": 7}),
        replace(DATASET, time=replace(TIME, units="hours since 1950-01-01")),
        with_field(attributes={"units": words("degC"), "scale_factor": words("otherwise")}),
        replace(DATASET, variables={**DATASET.variables, "time": replace(CLOCK, attributes={"units": words("hours")})}),
        with_field(attributes={"units": words("degrees_Celsius")}),
        replace(DATASET, axes={"depth": replace(DEPTH, units="meters")}),
        replace(DATASET, variables={"time": CLOCK}),
        replace(DATASET, variables={**DATASET.variables, "u": replace(FIELD, name="u")}),
        replace(DATASET, variables={}, axes={}, time=None),
        replace(DATASET, axes={"level": DEPTH}),
        replace(DATASET, grids={"h": replace(GRID, longitudes=(7.0, 8.0, 9.0))}),
        replace(DATASET, grids={"g": replace(GRID, latitude_bounds=((4.5, 5.5), (5.5, 6.5)))}),
    ],
)
def test_what_may_differ_from_file_to_file_is_no_difference(file):
    assert difference(DATASET, file) is None


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (replace(DATASET, time=replace(TIME, calendar="noleap")), "the calendar of its time is noleap, not standard"),
        (replace(DATASET, time=replace(TIME, variable="t2")), "the variable of its time is t2, not time"),
        (with_field(dtype="f4"), "variable t: its dtype is f4, not i2"),
        (with_field(shape=(2, 2, 4)), "variable t: its shape"),
        (with_field(dimensions=("depth", "time", "lat", "lon")), "variable t: its dimensions"),
        (with_field(stepped=False), "variable t has no time"),
        (with_field(grid=None), "variable t: its grid"),
        (with_field(attributes={"units": words("K")}), "field t: its units are K, not degC"),
        (with_field(attributes={}), "field t: its units are None, not degC"),
        (replace(DATASET, axes={"depth": replace(DEPTH, values=(0.5, 11.0))}), "axis depth: other values"),
        (replace(DATASET, axes={"depth": replace(DEPTH, units="km")}), "axis depth: other units"),
        (replace(DATASET, grids={"g": replace(GRID, longitudes=(0.0, 1.0, 2.5))}), "its longitudes or latitudes"),
        (
            replace(
                DATASET, dimensions={"lat": 2, "lon": 4}, variables={"u": replace(FIELD, dimensions=("lat", "lon"))}
            ),
            "its dimension lon is 4 long, not 3",
        ),
    ],
)
def test_the_first_difference_is_named(file, says):
    assert (difference(DATASET, file) or "").startswith(says)


def test_edges_that_both_give_must_be_the_same():
    edges = replace(DATASET, grids={"g": replace(GRID, latitude_bounds=((4.5, 5.5), (5.5, 6.5)))})
    others = replace(DATASET, grids={"g": replace(GRID, latitude_bounds=((4.0, 5.5), (5.5, 6.5)))})
    assert (difference(edges, others) or "").startswith("its longitudes or latitudes")
