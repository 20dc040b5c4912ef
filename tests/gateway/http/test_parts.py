"""Parts of a body, as clients ask for them to go on with a download."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.parts import Part, part_asked

TAG = '"abc"'


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bytes=0-0", Part(start=0, stop=1)),
        ("bytes=0-", Part(start=0, stop=100)),
        ("BYTES=90-1000", Part(start=90, stop=100)),
        ("bytes=-10", Part(start=90, stop=100)),
        ("bytes=-1000", Part(start=0, stop=100)),
        (" bytes=99- ", Part(start=99, stop=100)),
        ("bytes=100-", Part(start=100, stop=100)),
        ("bytes=100-200", Part(start=100, stop=100)),
        ("bytes=-0", Part(start=100, stop=100)),
    ],
)
def test_a_part_is_cut_to_what_there_is(asked, wanted):
    assert part_asked(asked, None, size=100, tag=TAG) == wanted


@pytest.mark.parametrize(
    "asked", [None, "", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,5-6", "cells=0-1", "bytes=a-b", "bytes=\u0661-"]
)
def test_what_cannot_be_read_and_several_parts_are_the_whole(asked):
    assert part_asked(asked, None, size=100, tag=TAG) is None


@pytest.mark.parametrize(("held", "whole"), [(TAG, False), ('W/"abc"', True), ('"old"', True), ("Sat, 01 Jan", True)])
def test_who_holds_another_version_gets_the_whole(held, whole):
    assert (part_asked("bytes=5-", held, size=100, tag=TAG) is None) == whole


@given(st.integers(0, 120), st.integers(0, 120), st.integers(1, 100))
def test_a_part_is_what_slicing_gives(first, last, size):
    body = bytes(range(size))
    part = part_asked(f"bytes={first}-{last}", None, size=size, tag=TAG)
    found = body if part is None else body[part.start : part.stop]
    assert found == (body if last < first else body[first : last + 1])
