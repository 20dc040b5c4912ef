"""Indices against arithmetic done value by value with Python's own numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.packing import Packing
from renderers.colour import ABOVE, BELOW, MISSING, code_table, colours, indices
from renderers.palettes import palette
from renderers.scale import Scale

DTYPES = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")


def edge_slack(scale, value, dtype):
    """How far from the edge of a band a value may be and yet fall on its other side, in the value's own units."""
    single = dtype == np.float32
    if scale.log:
        return abs(value) * (1e-6 if single else 1e-14) * (1 + math.log(scale.high / scale.low))
    return (5e-7 if single else 2e-15) * max(abs(scale.low), abs(scale.high), scale.high - scale.low)


def index_of(value, scale):
    """The definition, with nothing but Python's floats."""
    if math.isnan(value):
        return MISSING
    if value < scale.low:
        return BELOW
    if value > scale.high:
        return ABOVE
    if scale.log:
        part = math.log(value / scale.low) / math.log(scale.high / scale.low)
    else:
        part = (value - scale.low) / (scale.high - scale.low)
    return min(int(part * scale.bands), scale.bands - 1)


def admitted(value, scale, dtype):
    """All indices that are right for a value: two next to an edge."""
    slack = edge_slack(scale, value, dtype) if math.isfinite(value) else 0.0
    return {index_of(near, scale) for near in (value, value - slack, value + slack)}


def check(codes, packing, scale, table=None):
    found = indices(codes, packing, scale, table)
    assert found.dtype == np.uint8
    assert found.shape == codes.shape
    with np.errstate(all="ignore"):
        values = packing.scaled(codes)
    gone = [is_missing(code, packing) for code in codes.ravel().tolist()]
    for index, value, missing in zip(found.ravel().tolist(), values.ravel().tolist(), gone, strict=True):
        assert index in ({MISSING} if missing else admitted(float(value), scale, values.dtype)), value


def is_missing(code, packing):
    outside = (packing.valid_min is not None and code < packing.valid_min) or (
        packing.valid_max is not None and code > packing.valid_max
    )
    return math.isnan(code) or code in packing.missing or outside


@st.composite
def scales(draw):
    log = draw(st.booleans())
    low = draw(st.floats(1e-4, 1e4) if log else st.floats(-1e5, 1e5))
    high = low + draw(st.floats(1e-3, 1e5)) * max(1.0, abs(low))
    return Scale(palette="thermal", low=low, high=high, log=log, bands=draw(st.integers(2, 250)))


@st.composite
def packings(draw, dtype):
    number = draw(st.sampled_from([np.float32, np.float64]))
    factors = st.floats(1e-4, 1e3) | st.floats(-1e3, -1e-4)
    integer = dtype[0] != "f"
    codes = st.integers(np.iinfo(dtype).min, np.iinfo(dtype).max) if integer else st.floats(-1e6, 1e6, width=32)
    return Packing(
        dtype=dtype,
        scale=draw(st.none() | factors.map(number)),
        offset=draw(st.none() | st.floats(-1e4, 1e4).map(number)),
        missing=tuple(draw(st.lists(codes, max_size=2))),
        valid_min=draw(st.none() | codes),
        valid_max=draw(st.none() | codes),
    )


@st.composite
def fields(draw):
    """Codes of any kind, most of them close to the bands and their edges."""
    dtype = draw(st.sampled_from(DTYPES))
    packing, scale = draw(packings(dtype)), draw(scales())
    parts = np.array([*draw(st.lists(st.floats(-0.2, 1.2), min_size=1, max_size=40)), 0.0, 0.5, 1.0])
    edges = np.arange(scale.bands + 1) / scale.bands
    values = scale.low + (scale.high - scale.low) * np.concatenate([parts, edges])
    offset, factor = float(packing.offset or 0), float(packing.scale or 1)
    exact = (values - offset) / factor
    if dtype[0] == "f":
        special = [np.nan, np.inf, -np.inf, -0.0, 0.0, 1e30, -1e30, *packing.missing]
        return np.concatenate([exact, special]).astype(dtype)[None], packing, scale
    limits = np.iinfo(dtype)
    kept = [min(max(round(code), limits.min), limits.max) for code in exact.tolist()]
    return np.array([[*kept, limits.min, limits.max, *packing.missing]], dtype=dtype), packing, scale


@settings(max_examples=150, deadline=None)
@given(fields())
def test_indices_are_those_of_arithmetic_by_hand(field):
    codes, packing, scale = field
    check(codes, packing, scale)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(["i1", "u1", "i2", "u2"]).flatmap(lambda dtype: st.tuples(packings(dtype), scales())))
def test_the_table_agrees_with_arithmetic_for_every_code(case):
    packing, scale = case
    limits = np.iinfo(packing.dtype)
    codes = np.arange(limits.min, limits.max + 1).astype(packing.dtype).reshape(16, -1)
    table = code_table(packing, scale)
    assert table.shape == (codes.size,)
    assert np.array_equal(indices(codes, packing, scale, table), indices(codes, packing, scale, None))
    check(codes[:, :: max(1, codes.shape[1] // 64)], packing, scale, table)


def test_a_table_serves_codes_in_either_byte_order_and_any_layout():
    packing = Packing(dtype="i2", scale=np.float32(0.01), offset=np.float32(10), missing=(-32768,))
    scale = Scale(palette="thermal", low=-2, high=30)
    codes = np.arange(-32768, 32768, dtype="i2").reshape(256, 256)
    table = code_table(packing, scale)
    expected = indices(codes, packing, scale, None)
    assert np.array_equal(indices(codes.astype(">i2"), packing, scale, table), expected)
    assert np.array_equal(indices(codes.T[::-1, ::2], packing, scale, table), expected.T[::-1, ::2])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("log", [False, True])
def test_what_is_no_number_and_what_is_outside_have_indices_of_their_own(dtype, log):
    scale = Scale(palette="thermal", low=1, high=100, log=log, bands=10)
    codes = np.array([[np.nan, np.inf, -np.inf, 0.5, -1.0, 0.0, 1.0, 100.0, 100.1, 7.0, 1e20]], dtype=dtype)
    packing = Packing(dtype=dtype, missing=(7.0,), valid_max=1e10)
    expected = [MISSING, MISSING, BELOW, BELOW, BELOW, BELOW, 0, 9, ABOVE, MISSING, MISSING]
    assert indices(codes, packing, scale, None)[0].tolist() == expected
    unbounded = Packing(dtype=dtype)
    assert indices(codes, unbounded, scale, None)[0, [1, 10]].tolist() == [ABOVE, ABOVE]


def test_a_range_far_too_narrow_for_single_precision_is_still_divided():
    # Neither end is a number of single precision: the nearest ones are up to a third of a band away.
    scale = Scale(palette="thermal", low=1000.00003, high=1000.01003, bands=100)
    codes = np.float32(1000.0001) + np.arange(0, 0.0099, 6.2e-5, dtype=np.float32)
    exact = np.floor((codes.astype(np.float64) - scale.low) / (scale.high - scale.low) * 100)
    assert np.array_equal(indices(codes[None], Packing(dtype="f4"), scale, None)[0], exact)


def test_unsigned_eight_byte_codes_are_not_taken_for_negative_ones():
    codes = np.array([[2**64 - 1, 2**63, 0]], dtype="u8")
    scale = Scale(palette="thermal", low=1, high=2e19)
    assert indices(codes, Packing(dtype="u8"), scale, None).tolist() == [[230, 115, BELOW]]


@pytest.mark.parametrize("bands", [2, 3, 10, 249, 250])
def test_the_colours_span_the_palette_from_end_to_end(bands):
    table = colours(Scale(palette="thermal", low=0, high=1, bands=bands))
    assert table.shape == (256, 4)
    assert table[[0, bands - 1], :3].tolist() == palette("thermal")[[0, 255]].tolist()
    assert (table[:bands, 3] == 255).all()
    assert table[BELOW].tolist() == table[0].tolist()
    assert table[ABOVE].tolist() == table[bands - 1].tolist()
    assert table[MISSING].tolist() == [0, 0, 0, 0]


def test_colours_outside_the_range_can_be_chosen():
    scale = Scale(palette="ice", low=0, high=1, below=(1, 2, 3, 4), above=(0, 0, 0, 0), missing=(9, 9, 9, 255))
    table = colours(scale)
    assert table[[BELOW, ABOVE, MISSING]].tolist() == [[1, 2, 3, 4], [0, 0, 0, 0], [9, 9, 9, 255]]
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 0
