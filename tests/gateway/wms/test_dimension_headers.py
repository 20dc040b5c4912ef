"""Headers that tell the values taken, from layers that hold whatever files write."""

import re
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset import Axis, Dataset, Description, RectilinearGrid, TimeAxis, Variable
from core.layer import layers_of
from core.packing import Packing
from core.steps import StepTable
from gateway.wms.dimension_headers import dimension_headers

SENDABLE = re.compile(r"[\x20-\x7e]*")


def layer(*axes, name="phys", calendar="standard"):
    variable = Variable(
        name="t",
        dtype="i2",
        dimensions=("time", *(axis.name for axis in axes), "lat", "lon"),
        shape=(*(len(axis.values) for axis in axes), 1, 2),
        chunks=(1, *(1 for _ in axes), 1, 2),
        attributes={},
        stepped=True,
        grid="g",
        axes=tuple(axis.name for axis in axes),
    )
    description = Description(
        attributes={},
        dimensions={},
        variables={"t": variable},
        axes={axis.name: axis for axis in axes},
        grids={"g": RectilinearGrid(x="lon", y="lat", longitudes=(0, 1), latitudes=(0,))},
        time=TimeAxis(dimension="time", variable="time", units="days since 1970-01-01", calendar=calendar),
    )
    (found,) = layers_of(
        Dataset(
            id=name,
            version="v",
            published=0,
            description=description,
            steps=StepTable(calendar=calendar, rows=np.zeros((1, 5), dtype=np.int64)),
            packings=({"t": Packing(dtype="i2")},),
            statistics=MappingProxyType({}),
        )
    ).values()
    return found


def headers(*layers):
    return dimension_headers([(one, one.select(None, None)) for one in layers])


def test_units_and_names_are_told_in_what_a_header_may_hold():
    odd = Axis(name="\u00e9 b", kind="other", values=(1.5,), units="m\r\nSet-Cookie: a=b \u03bb")
    assert headers(layer(odd, calendar="noleap")) == (
        ("Warning", "99 Default value used: time=1970-01-01T00:00:00Z noleap"),
        ("Warning", "99 Default value used: DIM_%C3%A9_b=1.5 m Set-Cookie: a=b"),
        ("Halocline-Time", "1970-01-01T00:00:00Z"),
        ("Halocline-Dimensions", "%C3%A9_b=1.5"),
    )


def test_the_same_warning_is_said_once():
    found = [text for name, text in headers(layer(), layer()) if name == "Warning"]
    assert found == ["99 Default value used: time=1970-01-01T00:00:00Z ISO8601 (phys/t)"]


def test_layers_that_differ_in_a_further_dimension_tell_each_value():
    one, other = (layer(Axis(name="member", kind="other", values=(value,))) for value in (1.0, 2.0))
    assert headers(one, other, one)[-1] == ("Halocline-Dimensions", "member=1, member=2")


@pytest.mark.parametrize(
    ("axis", "told"),
    [
        (Axis(name="depth", kind="vertical", values=(0.49402499198913574,), units="m", positive="down"), "-0.494025 m"),
        (Axis(name="depth", kind="vertical", values=(0.0,), units="m", positive="down"), "0 m"),
        (Axis(name="level", kind="vertical", values=(850.0,), units=""), "850"),
    ],
)
def test_levels_are_told_as_capabilities_list_them(axis, told):
    assert headers(layer(axis))[1] == ("Warning", f"99 Default value used: elevation={told}")


@given(st.text(min_size=1, max_size=8), st.text(max_size=8), st.text(min_size=1, max_size=8))
def test_whatever_files_write_can_be_sent(name, units, dataset):
    axis = Axis(name=name, kind="other", values=(1.0,), units=units)
    found = layer(axis, name=dataset)
    assert all(SENDABLE.fullmatch(text) for _, text in headers(found, found))
