from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.asked.leeway import Leeway
from core.attributes import Attribute
from core.dataset import Axis, Dataset, Description, RectilinearGrid, TimeAxis, Variable
from core.layer import layers_of
from core.packing import Packing
from core.problem import Problem
from core.steps import StepTable
from core.time import instant

NOON = [instant(f"2015-03-0{day}T12:00:00Z", "standard") for day in (1, 2, 3)]


def dataset(*, stepped=True, axes=("depth",), published=NOON[1]):
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
    return Dataset(
        id="phys",
        version="v",
        published=published,
        description=description,
        steps=StepTable(calendar="standard", rows=rows),
        packings=({"thetao": Packing(dtype="i2")}, {"thetao": Packing(dtype="i2", missing=(-1,))}),
        statistics={},
    )


def layer(**kind):
    return layers_of(dataset(**kind))["thetao"]


def test_a_time_is_turned_into_the_slot_revision_and_packing_of_its_step():
    found = layer().select("2015-03-02T12:00:00Z", None)
    assert (found.indices, found.revision, found.packing.missing) == ((6, 1), 101, (-1,))
    assert found.time == "2015-03-02T12:00:00Z"


def test_what_has_no_time_is_packed_as_the_source_that_stands_last_says():
    still = dataset(stepped=False)
    assert layers_of(still)["thetao"].select(None, None).packing.missing == ()
    rows = still.steps.rows.copy()
    rows[:, 4] = (0, 5, 1)
    changed = replace(still, steps=StepTable(calendar="standard", rows=rows))
    assert layers_of(changed)["thetao"].select(None, None).packing.missing == (-1,)


def test_steps_are_the_datasets_own_where_all_of_them_have_the_field():
    whole = dataset()
    assert layers_of(whole)["thetao"].steps is whole.steps


def without(whole, *packings):
    """Return the dataset as it is when the field is left out of some packings."""
    kept = [{} if index in packings else packing for index, packing in enumerate(whole.packings)]
    return replace(whole, packings=tuple(kept))


def test_a_step_whose_packing_lacks_the_field_is_not_on_the_time_axis_of_its_layer():
    found = layers_of(without(dataset(), 1))["thetao"]
    assert found.steps.times.tolist() == [NOON[0], NOON[2]]
    chosen = found.select("2015-03-03T12:00:00Z", None)
    assert (chosen.indices, chosen.revision, chosen.time) == ((5, 1), 102, "2015-03-03T12:00:00Z")
    assert found.select("current", None).time == "2015-03-03T12:00:00Z"
    # The default is nearest to the publication among those that are there: of two as near, the earlier.
    assert found.select(None, None).time == "2015-03-01T12:00:00Z"
    with pytest.raises(Problem, match="the nearest step is 2015-03-01T12:00:00Z") as refused:
        found.select("2015-03-02T12:00:00Z", None)
    assert (refused.value.kind, refused.value.parameter) == ("invalid_dimension", "TIME")


def test_what_has_no_time_is_packed_as_the_last_source_that_has_it_says():
    assert layers_of(without(dataset(stepped=False), 0))["thetao"].select(None, None).packing.missing == (-1,)


@pytest.mark.parametrize("stepped", [True, False])
def test_a_field_that_no_step_has_is_no_layer(stepped):
    assert layers_of(without(dataset(stepped=stepped), 0, 1)) == {}


def test_layers_that_are_there_at_the_same_steps_share_their_table():
    whole = dataset()
    one = whole.description.variables["thetao"]
    both = replace(whole.description, variables={"thetao": one, "so": replace(one, name="so")})
    packing = Packing(dtype="i2")
    layers = layers_of(replace(whole, description=both, packings=({"thetao": packing, "so": packing}, {})))
    assert layers["thetao"].steps is layers["so"].steps


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
    found = layer(axes=("member", "depth")).select(None, "-9.57")
    assert (found.indices, found.elevation, found.others) == ((6, 0, 2), -9.57, (("member", 0.0),))


def test_other_axes_are_asked_for_by_name_and_what_the_layer_does_not_have_means_nothing():
    found = layer(axes=("depth", "member")).select(None, None, {"MEMBER": "2", "BAND": "nonsense"})
    assert (found.indices, found.others) == ((6, 1, 2), (("member", 2.0),))


@given(st.data())
def test_whatever_the_order_of_the_axes_each_value_leads_to_its_own_place(data):
    sizes = data.draw(st.lists(st.integers(1, 5), max_size=4))
    level = data.draw(st.none() | st.integers(0, len(sizes) - 1)) if sizes else None
    axes = {
        f"axis {number}": Axis(
            name=f"axis {number}",
            kind="vertical" if number == level else "other",
            values=tuple(data.draw(st.permutations([10.0 * (place + 1) for place in range(size)]))),
        )
        for number, size in enumerate(sizes)
    }
    whole = dataset(axes=())
    variable = replace(whole.description.variables["thetao"], axes=tuple(axes))
    found = layers_of(
        replace(whole, description=replace(whole.description, axes=axes, variables={"thetao": variable}))
    )["thetao"]
    places = [data.draw(st.integers(0, size - 1)) for size in sizes]
    asked = {number: repr(axes[f"axis {number}"].values[place]) for number, place in enumerate(places)}
    others = {f"AXIS_{number}": text for number, text in asked.items() if number != level}
    chosen = found.select("2015-03-01T12:00:00Z", None if level is None else asked[level], others)
    # The oracle is numpy: what stands at the index must be what stands at the places.
    stored = np.arange(8 * np.prod(sizes, dtype=int)).reshape(8, *sizes)
    assert stored[chosen.indices] == stored[(7, *places)]
    assert [float(asked[number]) for number in range(len(sizes)) if number != level] == [at for _, at in chosen.others]


def test_why_each_value_was_chosen_is_known():
    near = layers_of(dataset(axes=("depth", "member")), Leeway(time=12 * 3_600_000, elevation=5.0))["thetao"]
    told = near.select("2015-03-02T00:00:00Z", "-12", {"MEMBER": "1"})
    assert told.how == (("time", "nearest"), ("elevation", "nearest"), ("member", "asked"))
    assert (told.time, told.elevation) == ("2015-03-01T12:00:00Z", -9.57)
    assert near.select("current", None).how == (("time", "asked"), ("elevation", "default"), ("member", "default"))
    assert layer(stepped=False).select("2015", None).how == (("elevation", "default"),)


@pytest.mark.parametrize(
    ("times", "days", "current"),
    [
        (NOON, -3, True),
        (NOON, 6.9, True),
        (NOON, 7.1, False),
        ([NOON[0] - 30 * 86_400_000 * back for back in (2, 1, 0)], 59, True),
        ([NOON[0] - 30 * 86_400_000 * back for back in (2, 1, 0)], 61, False),
        (NOON[:1], 6, True),
    ],
)
def test_data_are_kept_current_if_the_newest_step_was_recent_when_they_were_published(times, days, current):
    rows = np.array([[time, place, place, 0, place] for place, time in enumerate(times)], dtype=np.int64)
    steps = StepTable(calendar="standard", rows=rows)
    whole = replace(dataset(), steps=steps, published=int(times[-1] + days * 86_400_000))
    assert layers_of(whole)["thetao"].kept_current is current


def test_a_field_without_time_has_no_slot_and_ignores_time():
    found = layer(stepped=False).select("2015-03-02T12:00:00Z", None)
    assert (found.indices, found.time) == ((1,), None)
