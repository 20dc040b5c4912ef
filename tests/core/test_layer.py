from dataclasses import replace

import numpy as np
import pytest

from core.attributes import Attribute
from core.dataset import Axis, Dataset, Description, RectilinearGrid, TimeAxis, Variable
from core.layer import Layer
from core.packing import Packing
from core.problem import Problem
from core.steps import StepTable
from core.time import instant

NOON = [instant(f"2015-03-0{day}T12:00:00Z", "standard") for day in (1, 2, 3)]


def layer(*, stepped=True, axes=("depth",), published=NOON[1]):
    variable = Variable(
        name="thetao",
        dtype="i2",
        dimensions=("time", *axes, "lat", "lon"),
        shape=(*(3 for _ in axes), 2, 4),
        chunks=(1, *(1 for _ in axes), 2, 4),
        attributes={"units": Attribute(type="char", data=b"degC")},
        stepped=stepped,
        grid="g",
        axes=axes,
    )
    description = Description(
        attributes={},
        dimensions={},
        variables={"thetao": variable},
        axes={
            "depth": Axis(name="depth", kind="vertical", values=(47.37, 0.49402499, 9.57), units="m", positive="down"),
            "member": Axis(name="member", kind="other", values=(0.0, 1.0, 2.0)),
        },
        grids={"g": RectilinearGrid(x="lon", y="lat", longitudes=(0, 1, 2, 3), latitudes=(0, 1))},
        time=TimeAxis(dimension="time", variable="time", units="hours since 1950-01-01", calendar="standard"),
    )
    rows = np.array([[NOON[i], 7 - i, 100 + i, i % 2, i] for i in range(3)], dtype=np.int64)
    return Layer(
        dataset=Dataset(
            id="phys",
            version="v",
            published=published,
            description=description,
            steps=StepTable(calendar="standard", rows=rows),
            packings=({"thetao": Packing(dtype="i2")}, {"thetao": Packing(dtype="i2", missing=(-1,))}),
            statistics={},
        ),
        variable=variable,
    )


def test_a_time_is_turned_into_the_slot_revision_and_packing_of_its_step():
    found = layer().select("2015-03-02T12:00:00Z", None)
    assert (found.indices, found.revision, found.packing.missing) == ((6, 1), 101, (-1,))
    assert found.time == "2015-03-02T12:00:00Z"


def test_what_has_no_time_is_packed_as_the_source_that_stands_last_says():
    assert layer(stepped=False).select(None, None).packing.missing == ()
    steps = layer(stepped=False).dataset.steps
    changed = StepTable(calendar="standard", rows=steps.rows.copy())
    changed.rows[:, 4] = (0, 5, 1)
    dataset = replace(layer().dataset, steps=changed)
    assert Layer(dataset=dataset, variable=layer(stepped=False).variable).select(None, None).packing.missing == (-1,)


def test_without_a_time_the_step_nearest_to_the_publication_answers():
    assert layer().select(None, None).time == "2015-03-02T12:00:00Z"
    assert layer(published=NOON[2] + 10**12).select("", None).time == "2015-03-03T12:00:00Z"


def test_without_a_level_the_one_nearest_to_the_surface_answers():
    assert layer().select(None, None).elevation == -0.49402499


@pytest.mark.parametrize(("asked", "level"), [("-47.37", 0), ("-0.494", 1), ("-0.49402499", 1), ("-9.570001", 2)])
def test_levels_are_heights_and_may_be_rounded_by_clients(asked, level):
    assert layer().select(None, asked).indices == (6, level)


@pytest.mark.parametrize("asked", ["47.37", "-10", "0", "nan", "deep"])
def test_a_level_that_is_not_there_is_refused(asked):
    with pytest.raises(Problem) as refused:
        layer().select(None, asked)
    assert (refused.value.kind, refused.value.parameter) == ("invalid_dimension", "ELEVATION")


def test_other_axes_answer_with_their_first_place():
    assert layer(axes=("member", "depth")).select(None, "-9.57").indices == (6, 0, 2)


def test_a_field_without_time_has_no_slot_and_ignores_time():
    found = layer(stepped=False).select("2015-03-02T12:00:00Z", None)
    assert (found.indices, found.time) == ((1,), None)
