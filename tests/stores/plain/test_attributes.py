import base64
import struct

import numpy as np
import pytest

from core.attributes import Attribute
from stores.plain.attributes import decoded_fill, typed_attributes


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (3, "int64", [3]),
        ([1, -2], "int64", [1, -2]),
        (2**64 - 1, "uint64", [2**64 - 1]),
        (2**70, "float64", [float(2**70)]),
        (0.5, "float64", [0.5]),
        ([1, 0.5], "float64", [1.0, 0.5]),
        (float("inf"), "float64", [float("inf")]),
    ],
)
def test_numbers_have_the_type_that_holds_them(value, kind, expected):
    found = typed_attributes({"a": value})["a"]
    assert (found.type, found.numbers.tolist()) == (kind, expected)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("süß", "süß"),
        ("", ""),
        (True, "true"),
        ({"b": 1}, '{"b": 1}'),
        ([], "[]"),
        ([1, "two"], '[1, "two"]'),
        ([1, None], "[1, null]"),
        (10**400, str(10**400)),
    ],
)
def test_text_is_text_and_what_netcdf_has_no_type_for_is_its_json(value, text):
    found = typed_attributes({"a": value})["a"]
    assert (found.type, found.text) == ("char", text)


def test_several_texts_are_strings_and_what_is_of_the_encoding_is_hidden():
    found = typed_attributes({"_ARRAY_DIMENSIONS": ["x"], "flags": ["a", "b"], "none": None})
    assert found == {"flags": Attribute(type="string", strings=("a", "b"))}


@pytest.mark.parametrize("number", [float("nan"), -32767.0, 1e36, float("inf")])
def test_a_fill_value_that_xarray_wrote_in_base64_is_a_number(number):
    text = Attribute(type="char", data=base64.b64encode(struct.pack("<d", number)))
    np.testing.assert_array_equal(decoded_fill(text, np.dtype("f4")).numbers, [number])


@pytest.mark.parametrize("text", [b"none", b"-999", b"AAAA", b"\xff"])
def test_other_text_stays_what_it_is(text):
    attribute = Attribute(type="char", data=text)
    assert decoded_fill(attribute, np.dtype("f8")) is attribute
