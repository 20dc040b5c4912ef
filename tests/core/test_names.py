import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.names import called


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["thetao", "a/b/c", "x:y", "wind speed", "100%"], ["thetao", "a/b/c", "x:y", "wind speed", "100%"]),
        (["floor, depth"], ["floor_ depth"]),
        (["a,b", "a_b"], ["a_b_2", "a_b"]),
        (["a_b", "a,b", "a,,b"], ["a_b", "a_b_2", "a__b"]),
        (["a,b", "a\x07b", "a_b", "a_b_2"], ["a_b_3", "a_b_4", "a_b", "a_b_2"]),
        ([" a", "b\n", "\u00a0c"], ["_a", "b_", "_c"]),
        (["\ufffe"], ["_"]),
        ([], []),
    ],
)
def test_only_what_no_list_of_names_can_hold_is_written_otherwise(names, expected):
    assert list(called(names).values()) == expected


@given(st.lists(st.text(st.sampled_from("ab_,2 \x00\ufffe"), min_size=1, max_size=5), max_size=8))
def test_each_name_is_called_by_one_that_no_other_has_and_that_a_list_can_hold(names):
    found = called(names)
    assert set(found) == set(names)
    assert len(set(found.values())) == len(found)
    for name, said in found.items():
        assert said.strip() == said
        assert not re.search("[,\x00-\x1f\ufffe\uffff]", said)
        if not re.search("^\\s|\\s$|[,\x00-\x1f\ufffe]", name):
            assert said == name
