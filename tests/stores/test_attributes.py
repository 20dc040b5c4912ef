"""NetCDF attributes as JSON: every bit comes back."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.attributes import Attribute
from stores.attributes import read_attribute, write_attribute

SIZES = {"int8": 1, "int16": 2, "int32": 4, "int64": 8, "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8}
SIZES |= {"float32": 4, "float64": 8}
numbers = st.sampled_from(sorted(SIZES)).flatmap(
    lambda kind: st.integers(0, 5).flatmap(
        lambda n: st.binary(min_size=n * SIZES[kind], max_size=n * SIZES[kind]).map(
            lambda data: Attribute(type=kind, data=data)
        )
    )
)
characters = st.binary(max_size=40).map(lambda data: Attribute(type="char", data=data))
texts = st.lists(st.text(max_size=10), max_size=4).map(lambda found: Attribute(type="string", strings=tuple(found)))
attributes = st.one_of(numbers, characters, texts)


def there_and_back(attribute):
    return read_attribute(json.loads(json.dumps(write_attribute(attribute), allow_nan=False)))


@given(attributes)
@settings(max_examples=400, deadline=None)
def test_every_attribute_comes_back_to_the_bit(attribute):
    assert there_and_back(attribute) == attribute


@pytest.mark.parametrize(
    ("attribute", "document"),
    [
        (Attribute(type="float32", data=np.float32(0.001).tobytes()), {"type": "float32", "value": [0.001]}),
        (Attribute(type="float64", data=np.float64(1e22).tobytes()), {"type": "float64", "value": [1e22]}),
        (Attribute(type="int16", data=np.int16([-5, 7]).tobytes()), {"type": "int16", "value": [-5, 7]}),
        (Attribute(type="uint64", data=b"\xff" * 8), {"type": "uint64", "value": [18446744073709551615]}),
        (Attribute(type="float32", data=np.float32("nan").tobytes()), {"type": "float32", "value": ["NaN"]}),
        (Attribute(type="float64", data=np.float64("-inf").tobytes()), {"type": "float64", "value": ["-Infinity"]}),
        (Attribute(type="float32", data=b"\x01\x00\xa0\x7f"), {"type": "float32", "value": ["0x7fa00001"]}),
        (Attribute(type="char", data="°C\0".encode()), {"type": "char", "value": "°C\0"}),
        (Attribute(type="char", data=b""), {"type": "char", "value": ""}),
        (Attribute(type="char", data=b"\xb0C"), {"type": "char", "encoding": "base64", "value": "sEM="}),
        (Attribute(type="string", strings=("a", "")), {"type": "string", "value": ["a", ""]}),
        (Attribute(type="string"), {"type": "string", "value": []}),
        (Attribute(type="float64"), {"type": "float64", "value": []}),
    ],
)
def test_the_form_is_the_promised_one(attribute, document):
    assert write_attribute(attribute) == document
    assert there_and_back(attribute) == attribute


def test_minus_zero_keeps_its_sign():
    assert there_and_back(Attribute(type="float32", data=np.float32(-0.0).tobytes())).data == b"\0\0\0\x80"


@pytest.mark.parametrize(
    "document",
    [
        {"type": "float32"},
        {"value": [1]},
        {"type": "complex64", "value": [1]},
        {"type": "object", "value": [1]},
        {"type": "int8", "value": [300]},
        {"type": "int16", "value": ["x"]},
        {"type": "float64", "value": ["nan"]},
        {"type": "float64", "value": ["0xzz"]},
        {"type": "char", "encoding": "base64", "value": "%%"},
    ],
)
def test_what_is_no_attribute_is_refused(document):
    with pytest.raises((ValueError, KeyError, TypeError, OverflowError)):
        read_attribute(document)
