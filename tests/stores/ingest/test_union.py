"""A dataset of files with different variables is described by all of them."""

from dataclasses import replace

from core.dataset import Axis, Description, RectilinearGrid, TimeAxis, Variable
from stores.ingest.union import needed, restricted, united

TIME = TimeAxis(dimension="time", variable="time", units="days since 2000-01-01", calendar="standard")
GRID = RectilinearGrid(x="lon", y="lat", longitudes=(0.0, 1.0), latitudes=(5.0, 6.0))
DEPTH = Axis(name="depth", kind="vertical", values=(0.5,))


def variable(name: str, *dimensions: str, grid: str | None = None) -> Variable:
    return Variable(
        name=name,
        dtype="f4",
        dimensions=dimensions,
        shape=(),
        chunks=(),
        attributes={},
        stepped="time" in dimensions,
        grid=grid,
        axes=tuple(name for name in dimensions if name == "depth"),
    )


def described(*variables: Variable) -> Description:
    found = {each.name: each for each in variables}
    return Description(
        attributes={},
        dimensions={"time": 1, "lat": 2, "lon": 2},
        variables=found,
        axes={"depth": DEPTH} if any(each.axes for each in variables) else {},
        grids={"g": GRID} if any(each.grid for each in variables) else {},
        time=TIME if "time" in found else None,
    )


PLACES = (variable("lat", "lat"), variable("lon", "lon"))
SALT = variable("so", "time", "depth", "lat", "lon", grid="g")
HEIGHT = variable("zos", "time", "lat", "lon", grid="g")
FLOOR = variable("deptho", "lat", "lon", grid="g")
CLOCK = variable("time", "time")


def test_new_variables_stand_behind_those_there_are():
    found = united(described(*PLACES, HEIGHT, CLOCK), described(*PLACES, SALT, CLOCK, variable("depth", "depth")))
    assert list(found.variables) == ["lat", "lon", "zos", "time", "so", "depth"]
    assert found.axes == {"depth": DEPTH}


def test_a_dataset_gets_its_time_from_the_first_file_that_has_one():
    assert united(described(*PLACES, FLOOR), described(*PLACES, SALT, CLOCK)).time == TIME


def test_a_file_that_brings_nothing_changes_nothing():
    dataset = described(*PLACES, HEIGHT, CLOCK)
    assert united(dataset, replace(dataset, attributes={}, dimensions={"time": 7})) is dataset


def test_what_nothing_lies_on_goes_with_the_variables():
    dataset = described(*PLACES, SALT, FLOOR, CLOCK)
    without = restricted(dataset, {"lat", "lon", "deptho"})
    assert (without.axes, without.grids, without.time) == ({}, {"g": GRID}, None)
    assert restricted(dataset, dataset.variables.keys()) is dataset
    assert restricted(dataset, {"time"}).grids == {}


def test_places_times_and_axes_are_needed():
    dataset = described(*PLACES, SALT, CLOCK, variable("depth", "depth"), variable("lat_bounds", "lat"))
    assert needed(dataset) == {"lat", "lon", "time", "depth"}
