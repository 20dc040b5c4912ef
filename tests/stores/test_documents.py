"""The parts of a dataset as JSON texts, and back."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.attributes import Attribute
from core.dataset import Axis, CurvilinearGrid, Description, RectilinearGrid, Statistics, TimeAxis, Variable
from core.packing import Packing
from stores import documents
from stores.documents import DocumentError, SourceFile

names = st.text(max_size=8)
finite = st.floats(allow_nan=False)
codes = st.one_of(st.integers(-(2**63), 2**64 - 1), finite)
attributes = st.dictionaries(
    names, st.binary(max_size=8).map(lambda data: Attribute(type="char", data=data)), max_size=3
)
numbers = st.one_of(
    st.none(),
    finite.map(np.float64),
    st.floats(width=32, allow_nan=False).map(np.float32),
    st.integers(-128, 127).map(np.int8),
    st.integers(0, 2**64 - 1).map(np.uint64),
)
packings = st.builds(
    Packing,
    dtype=st.sampled_from(["i2", "f4"]),
    scale=numbers,
    offset=numbers,
    missing=st.lists(codes, max_size=3).map(tuple),
    valid_min=st.one_of(st.none(), codes),
    valid_max=st.one_of(st.none(), codes),
)
sizes = st.lists(st.integers(0, 2**31), max_size=4).map(tuple)
variables = st.builds(
    Variable,
    name=names,
    dtype=names,
    dimensions=st.lists(names, max_size=3).map(tuple),
    shape=sizes,
    chunks=sizes,
    attributes=attributes,
    stepped=st.booleans(),
    grid=st.one_of(st.none(), names),
    axes=st.lists(names, max_size=3).map(tuple),
    overviews=sizes,
)
several = st.lists(finite, max_size=4).map(tuple)
pairs = st.lists(st.tuples(finite, finite), max_size=3).map(tuple)
grids = st.one_of(
    st.builds(
        RectilinearGrid,
        x=names,
        y=names,
        longitudes=several,
        latitudes=several,
        longitude_bounds=pairs,
        latitude_bounds=pairs,
    ),
    st.builds(
        CurvilinearGrid,
        x=names,
        y=names,
        shape=st.tuples(st.integers(), st.integers()),
        buckets=st.integers(),
        depth=st.integers(),
        extent=st.tuples(finite, finite, finite, finite),
    ),
)
axes = st.builds(
    Axis,
    name=names,
    kind=st.sampled_from(["vertical", "other"]),
    values=several,
    positive=st.sampled_from(["up", "down", None]),
)
descriptions = st.builds(
    Description,
    attributes=attributes,
    dimensions=st.dictionaries(names, st.integers(0, 2**40), max_size=3),
    variables=st.dictionaries(names, variables, max_size=3),
    axes=st.dictionaries(names, axes, max_size=2),
    grids=st.dictionaries(names, grids, max_size=2),
    time=st.one_of(
        st.none(),
        st.builds(TimeAxis, dimension=names, variable=names, units=names, calendar=st.just("360_day")),
    ),
)


def bits(packing):
    """Packings that are equal may differ in the types of their numbers."""
    numbers = (packing.scale, packing.offset)
    exact = [None if number is None else (number.dtype, number.tobytes()) for number in numbers]
    return exact, [type(code) for code in (*packing.missing, packing.valid_min, packing.valid_max)]


@given(descriptions)
@settings(max_examples=150, deadline=None)
def test_a_description_comes_back_equal_and_in_order(description):
    found = documents.read_description(documents.write_description(description))
    assert found == description
    assert list(found.variables) == list(description.variables)
    assert list(found.attributes) == list(description.attributes)


@given(st.lists(st.dictionaries(names, packings, max_size=3), max_size=3).map(tuple))
@settings(max_examples=150, deadline=None)
def test_packings_keep_types_and_bits(given_packings):
    found = documents.read_packings(documents.write_packings(given_packings))
    assert found == given_packings
    for old, new in zip(given_packings, found, strict=True):
        assert [bits(packing) for packing in new.values()] == [bits(packing) for packing in old.values()]


@pytest.mark.parametrize(
    "scale", [np.float32(0.001), np.float32("nan"), np.float64(0.1), np.int16(2), np.float32(-0.0)]
)
def test_the_type_of_a_scale_is_kept(scale):
    found = documents.read_packings(documents.write_packings(({"t": Packing(dtype="i2", scale=scale)},)))[0]["t"].scale
    assert (found.dtype, found.tobytes()) == (scale.dtype, scale.tobytes())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_coordinates_may_be_what_json_lacks(value):
    axis = Axis(name="z", kind="vertical", values=(0.5, value))
    text = documents.write_description(Description(attributes={}, dimensions={}, variables={}, axes={"z": axis}))
    np.testing.assert_array_equal(documents.read_description(text).axes["z"].values, axis.values)


def test_coordinates_from_numpy_are_plain_numbers():
    axis = Axis(name="z", kind="vertical", values=tuple(np.array([0.1, 2], dtype=np.float64)))
    text = documents.write_description(Description(attributes={}, dimensions={}, variables={}, axes={"z": axis}))
    assert json.loads(text)["axes"]["z"]["values"] == [0.1, 2.0]


def test_statistics_and_sources_come_back():
    statistics = {"thetao": Statistics(minimum=-1.5, maximum=31.0, low=0.1, high=29.0)}
    assert documents.read_statistics(documents.write_statistics(statistics)) == statistics
    sources = (SourceFile(path="a b/ü.nc", size=2**40, modified=1_418_817_600_000_000_001, checksum="crc32c:1a2b3c4d"),)
    assert documents.read_sources(documents.write_sources(sources)) == sources


def test_text_that_was_never_unicode_is_still_utf_8_json():
    text = documents.write_sources((SourceFile(path="\udc80", size=0, modified=0, checksum=""),))
    assert json.loads(text.decode("utf-8"))[0]["path"] == "\udc80"


def test_members_of_a_later_writer_are_passed_over():
    document = json.loads(documents.write_description(Description(attributes={}, dimensions={}, variables={})))
    assert documents.read_description(json.dumps(document | {"later": [1]}).encode()).attributes == {}


def test_members_that_an_earlier_writer_did_not_know_take_their_defaults():
    assert documents.read_description(b'{"attributes": {}, "dimensions": {}, "variables": {}}').time is None


WHOLE = json.loads(
    documents.write_description(
        Description(
            attributes={},
            dimensions={},
            variables={},
            axes={"z": Axis(name="z", kind="vertical", values=(1.0,))},
            grids={"g": RectilinearGrid(x="x", y="y", longitudes=(1.0,), latitudes=(2.0,))},
            time=TimeAxis(dimension="t", variable="t", units="days since 1950-1-1", calendar="standard"),
        )
    )
)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        json.dumps(WHOLE | {"dimensions": {"x": 1.5}}).encode(),
        json.dumps(WHOLE | {"dimensions": {"x": True}}).encode(),
        json.dumps(WHOLE | {"attributes": {"a": {"type": "float32"}}}).encode(),
        json.dumps(WHOLE | {"grids": {"g": {"kind": "hexagonal"}}}).encode(),
        json.dumps(WHOLE | {"grids": {"g": {}}}).encode(),
        json.dumps(WHOLE | {"time": WHOLE["time"] | {"calendar": "mayan"}}).encode(),
        json.dumps(WHOLE | {"axes": {"z": WHOLE["axes"]["z"] | {"values": [None]}}}).encode(),
    ],
)
def test_what_is_no_description_is_refused(text):
    with pytest.raises(DocumentError, match="description"):
        documents.read_description(text)


def test_the_whole_description_above_is_one():
    found = documents.read_description(json.dumps(WHOLE).encode())
    assert replace(found, axes={}, grids={}, time=None) == Description(attributes={}, dimensions={}, variables={})
