"""Metadata that is damaged, in whatever way, is a fault that is foreseen."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.arrays import array_metadata, read_array, write_array
from stores.documents import DocumentError, read_description
from stores.ingest.entries import read_entries
from stores.marker import Marker, read_marker, write_marker

ARRAY = write_array(array_metadata(shape=(2, 3), chunks=(1, 3), dtype="f4", dimensions=("a", "b"), fill=1.5))
MARKER = write_marker(Marker(published=3))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(member=st.sampled_from(sorted(json.loads(ARRAY))), value=ANYTHING)
def test_an_array_is_read_or_refused(member, value):
    with contextlib.suppress(ValueError):
        found = read_array(json.dumps(json.loads(ARRAY) | {member: value}).encode())
        assert read_array(write_array(found)).shape == found.shape


@given(member=st.sampled_from(["format", "format_version", "published"]), value=ANYTHING)
def test_a_marker_is_read_or_refused(member, value):
    document = json.loads(MARKER)
    document["attributes"][member] = value
    with contextlib.suppress(OSError):
        assert isinstance(read_marker(json.dumps(document).encode(), "d"), Marker)


@pytest.mark.parametrize("read", [read_description, read_entries])
def test_a_document_that_is_nested_without_end_is_refused(read):
    with pytest.raises(DocumentError):
        read(b"[" * 100_000)
