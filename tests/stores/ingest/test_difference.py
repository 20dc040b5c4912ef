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
    ],
)
def test_what_may_differ_from_file_to_file_is_no_difference(file):
    assert difference(DATASET, file) is None


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (replace(DATASET, variables={"time": CLOCK}), "it lacks t"),
        (replace(DATASET, variables={**DATASET.variables, "u": FIELD, "v": FIELD}), "it adds u, v"),
        (replace(DATASET, variables={"u": FIELD, "time": CLOCK}), "it lacks t and it adds u"),
        (replace(DATASET, time=None), "it has no time"),
        (replace(DATASET, time=replace(TIME, calendar="noleap")), "the calendar of its time is noleap, not standard"),
        (replace(DATASET, time=replace(TIME, variable="t2")), "the variable of its time is t2, not time"),
        (with_field(dtype="f4"), "variable t: its dtype is f4, not i2"),
        (with_field(shape=(2, 2, 4)), "variable t: its shape"),
        (with_field(dimensions=("depth", "time", "lat", "lon")), "variable t: its dimensions"),
        (with_field(stepped=False), "variable t: its stepped"),
        (with_field(grid=None), "variable t: its grid"),
        (with_field(attributes={"units": words("K")}), "field t: its units are K, not degC"),
        (with_field(attributes={}), "field t: its units are None, not degC"),
        (replace(DATASET, axes={"depth": replace(DEPTH, values=(0.5, 11.0))}), "axis depth: other values"),
        (replace(DATASET, axes={"depth": replace(DEPTH, units="km")}), "axis depth: other units"),
        (replace(DATASET, axes={"level": DEPTH}), "it has the axis depth"),
        (replace(DATASET, grids={"g": replace(GRID, longitudes=(0.0, 1.0, 2.5))}), "its longitudes or latitudes"),
        (replace(DATASET, grids={"h": GRID}), "its longitudes or latitudes"),
    ],
)
def test_the_first_difference_is_named(file, says):
    assert (difference(DATASET, file) or "").startswith(says)


def test_a_file_with_time_does_not_fit_a_dataset_without():
    assert difference(replace(DATASET, time=None), DATASET) == "it has time, and the dataset has none"
