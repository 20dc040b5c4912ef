import numpy as np
import pytest

from core.attributes import CHAR, Attribute
from core.flags import flag_meanings


def numbers(values, kind="int8"):
    return Attribute(type=kind, data=np.array(values, dtype=kind).tobytes())


def text(words):
    return Attribute(type=CHAR, data=words.encode())


SURFACE = {"flag_values": numbers([1, 2, 4]), "flag_meanings": text("sea  land\nsea_ice")}
BITS = {"flag_masks": numbers([1, 2, -128]), "flag_meanings": text("cloud sun_glint bad")}
BOTH = {"flag_masks": numbers([1, 6, 6, 6]), "flag_values": numbers([1, 2, 4, 6]), "flag_meanings": text("day a b c")}


@pytest.mark.parametrize(
    ("attributes", "value", "meanings"),
    [
        (SURFACE, 1, ("sea",)),
        (SURFACE, 4.0, ("sea_ice",)),
        (SURFACE, 3, ()),
        (SURFACE, 1.5, ()),
        (BITS, 0, ()),
        (BITS, 3, ("cloud", "sun_glint")),
        (BITS, -128, ("bad",)),
        (BITS, -127, ("cloud", "bad")),
        (BOTH, 3, ("day", "a")),
        (BOTH, 4, ("b",)),
        (BOTH, 7, ("day", "c")),
        ({}, 1, ()),
        ({"flag_meanings": text("sea land")}, 1, ()),
        ({"flag_values": numbers([1, 2])}, 1, ()),
        ({"flag_values": numbers([1, 2, 3]), "flag_meanings": text("sea land")}, 1, ()),
        ({"flag_values": numbers([1.0, 1.5], "float32"), "flag_meanings": text("sea land")}, 1, ()),
        ({"flag_values": numbers([1.0, 2.0], "float32"), "flag_meanings": text("sea land")}, 2, ("land",)),
        ({"flag_values": numbers([np.nan, 2.0], "float64"), "flag_meanings": text("sea land")}, 2, ()),
        ({"flag_values": text("1, 2"), "flag_meanings": text("sea land")}, 1, ()),
        (SURFACE, float("inf"), ()),
    ],
)
def test_a_flag_means_what_the_file_says(attributes, value, meanings):
    assert flag_meanings(attributes, value) == meanings
