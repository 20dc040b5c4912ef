"""Every value of a file is in exactly one part, and no task is much larger than the budget."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset import Description, RectilinearGrid, TimeAxis, Variable
from stores.ingest.parts import BUDGET, Task, fixed_parts, stepped_parts, tasks

LIKE = Task(path="a.nc", stamp=(1, 2), parts=(), time=None)


def variable(name: str, dimensions: tuple[str, ...], shape: tuple[int, ...], **more: object) -> Variable:
    stepped = "time" in dimensions
    chunks = (1,) * (len(shape) + stepped)
    how = {"dtype": "i2", "chunks": chunks, "attributes": {}, "stepped": stepped, **more}
    return Variable(name=name, dimensions=dimensions, shape=shape, **how)


def dataset(levels: int, ny: int, nx: int) -> Description:
    field = variable("t", ("time", "lon", "depth", "lat"), (levels, ny, nx), grid="g", axes=("depth",))
    mask = variable("mask", ("depth", "lat", "lon"), (levels, ny, nx), grid="g", axes=("depth",))
    places = [variable("lat", ("lat",), (ny,)), variable("lon", ("lon",), (nx,)), variable("time", ("time",), ())]
    return Description(
        attributes={},
        dimensions={},
        variables={found.name: found for found in (field, mask, *places)},
        axes={},
        grids={"g": RectilinearGrid(x="lon", y="lat", longitudes=(0.0,), latitudes=(0.0,))},
        time=TimeAxis(dimension="time", variable="time", units="days since 2000-01-01", calendar="standard"),
    )


@given(
    levels=st.integers(1, 40),
    side=st.sampled_from([1, 100, 1000, 3000]),
    indices=st.sets(st.integers(0, 60), min_size=1, max_size=20),
)
def test_each_step_and_level_is_read_once_into_its_slot(levels, side, indices):
    steps = [(index, 100 - index) for index in sorted(indices)]
    seen = np.zeros((61, levels), dtype=int)
    for task in tasks(stepped_parts(dataset(levels, side, side), steps, {}), LIKE):
        for part in task.parts:
            if part.variable.name == "t":
                assert part.order == ("depth", "lat", "lon")
                assert part.slots == tuple(100 - index for index in range(*part.time))
                seen[slice(*part.time), slice(*part.levels)] += 1
    expected = np.zeros_like(seen)
    expected[sorted(indices)] = 1
    assert (seen == expected).all()


@given(levels=st.integers(1, 40), side=st.sampled_from([1, 100, 1000, 3000]), count=st.integers(1, 30))
def test_a_task_is_within_the_budget_or_one_plane(levels, side, count):
    described = dataset(levels, side, side)
    for parts in (stepped_parts(described, [(step, step) for step in range(count)], {}), fixed_parts(described, {})):
        for task in tasks(parts, LIKE):
            assert task.nbytes <= BUDGET or (task.nbytes == 2 * side * side and len(task.parts) == 1)


def test_what_has_no_time_is_read_once_and_what_has_is_not():
    parts = list(fixed_parts(dataset(3, 4, 5), {}))
    assert [(part.variable.name, part.time, part.slots) for part in parts] == [
        ("mask", None, ()),
        ("lat", None, ()),
        ("lon", None, ()),
    ]
    assert [part.nbytes for part in parts] == [2 * 3 * 4 * 5, 2 * 4, 2 * 5]


@pytest.mark.parametrize(("order", "expected"), [([0, 1, 2], 1), ([0, 2, 3], 2), ([5], 1)])
def test_indices_without_gaps_are_read_together(order, expected):
    parts = stepped_parts(dataset(1, 4, 5), [(index, index) for index in order], {})
    assert sum(part.variable.name == "t" for part in parts) == expected
