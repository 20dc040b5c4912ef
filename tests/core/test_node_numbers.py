"""How files number the nodes of faces."""

import numpy as np
import pytest

from core.attributes import Attribute
from core.node_numbers import numbered


def text(value):
    return Attribute(type="char", data=value.encode())


def number(value, kind):
    return Attribute(type=kind, data=np.array([value], dtype=kind).tobytes())


@pytest.mark.parametrize(
    ("name", "attributes", "raw", "nodes"),
    [
        ("faces", {}, [[0, 1, 2], [1, 2, 3]], [[0, 1, 2], [1, 2, 3]]),
        ("faces", {"start_index": number(1, "int32")}, [[1, 2, 3], [2, 3, 4]], [[0, 1, 2], [1, 2, 3]]),
        ("faces", {"start_index": text("1.0")}, [[1, 2, 3], [2, 3, 4]], [[0, 1, 2], [1, 2, 3]]),
        ("faces", {}, [[1, 2, 3], [2, 3, 4]], [[0, 1, 2], [1, 2, 3]]),
        ("nv", {}, [[1, 2, 3], [2, 3, 2]], [[0, 1, 2], [1, 2, 1]]),
        ("faces", {"start_index": number(1, "int32")}, [[1, 2, 0], [2, 3, 9]], [[0, 1, -1], [1, 2, -1]]),
        ("faces", {"start_index": number(0, "int32")}, [[1, 2, 3], [2, 3, 4]], [[0, 1, 2], [1, 2, 3]]),
        ("faces", {"start_index": number(1, "int32")}, [[0, 1, 2], [1, 2, 3]], [[0, 1, 2], [1, 2, 3]]),
        ("faces", {"start_index": number(0, "int32")}, [[0, 1, 2], [2, 3, 4]], [[0, 1, 2], [2, 3, -1]]),
        ("faces", {"start_index": number(np.inf, "float64")}, [[1, 2, 3], [2, 3, 4]], [[0, 1, 2], [1, 2, 3]]),
        ("faces", {"_FillValue": number(-999, "int32")}, [[0, 1, 2], [1, 2, -999]], [[0, 1, 2], [1, 2, -1]]),
        ("faces", {"_FillValue": number(2, "int32")}, [[0, 1, 2], [1, 3, 2]], [[0, 1, -1], [1, 3, -1]]),
    ],
)
def test_nodes_are_counted_from_nought_whatever_the_file_does(name, attributes, raw, nodes):
    assert numbered(name, attributes, np.array(raw, dtype="i4"), 4).nodes.tolist() == nodes


def test_a_nought_behind_three_corners_is_no_node_and_does_not_turn_over_what_is_said():
    raw = np.array([[1, 2, 3, 0], [1, 2, 3, 4], [1, 3, 4, 0], [2, 3, 4, 0]], dtype="i4")
    found = numbered("faces", {"start_index": number(1, "int32")}, raw, 5)
    assert (found.start, found.nodes[0].tolist()) == (1, [0, 1, 2, -1])
