"""What is made of signed codes that are meant as unsigned is made of what they stand for. Oracle: numpy on those."""

import numpy as np
import pytest

from core.attributes import Attribute
from core.packing import packing_of
from stores.ingest.overviews import overviews
from stores.ingest.statistics import contribution

MEANT = np.array([[100, 150, 255, 255], [120, 200, 255, 3], [7, 9, 250, 251], [8, 8, 252, 253]], "u1")
PACKING = packing_of(
    np.dtype("i1"),
    {
        "_Unsigned": Attribute(type="char", data=b"true"),
        "_FillValue": Attribute(type="int8", data=b"\xff"),
        "scale_factor": Attribute(type="float64", data=np.float64(0.5).tobytes()),
    },
)


def test_overviews_are_means_of_what_is_meant():
    (half,) = overviews(MEANT.view("i1"), PACKING, (2,), flags=False)
    assert half.dtype == np.int8
    gone = np.where(MEANT == 255, np.nan, MEANT.astype("f8"))
    expected = [[np.nanmean(gone[y : y + 2, x : x + 2]) for x in (0, 2)] for y in (0, 2)]
    np.testing.assert_array_equal(half.view("u1"), np.rint(expected))


def test_overviews_of_flags_are_the_most_frequent_of_what_is_meant():
    (half,) = overviews(MEANT.view("i1"), PACKING, (2,), flags=True)
    # Where several are equally frequent it is the smallest.
    np.testing.assert_array_equal(half.view("u1"), [[100, 3], [8, 250]])


def test_statistics_are_those_of_what_is_meant():
    found = contribution(MEANT.view("i1"), PACKING)
    valid = MEANT[MEANT != 255] * 0.5
    assert (found.minimum, found.maximum, found.count) == (valid.min(), valid.max(), valid.size)
    assert found.quantiles[4] == pytest.approx(np.percentile(valid, 50))
