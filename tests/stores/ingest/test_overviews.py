import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.packing import Packing
from stores.ingest.overviews import overviews

FACTORS = (2, 4, 8)
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=21)


def blocks(codes: np.ndarray, factor: int):
    for row in range(0, codes.shape[0], factor):
        for column in range(0, codes.shape[1], factor):
            yield row // factor, column // factor, codes[row : row + factor, column : column + factor]


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.int16, SHAPES, elements=st.integers(-300, 300)), st.integers(-3, 3))
def test_a_block_of_integers_holds_the_rounded_mean_of_its_valid_cells(codes, gone):
    packing = Packing(dtype="i2", missing=(gone, -999), valid_max=250)
    for factor, found in zip(FACTORS, overviews(codes, packing, FACTORS, flags=False), strict=True):
        assert found.dtype == codes.dtype
        for row, column, block in blocks(codes, factor):
            valid = block[(block != gone) & (block <= 250)]
            if not valid.size:
                assert found[row, column] in block
                continue
            mean = np.rint(valid.astype(np.float64).mean())
            assert found[row, column] in ((mean,) if mean != gone else valid)


@settings(max_examples=40, deadline=None)
@given(hnp.arrays(np.float32, SHAPES, elements=st.floats(-1e6, 1e6, width=32) | st.just(float("nan"))))
def test_a_block_of_floats_holds_the_mean_that_xarray_finds(codes):
    packing = Packing(dtype="f4")
    data = xarray.DataArray(codes.astype(np.float64), dims=("y", "x"))
    for factor, found in zip(FACTORS, overviews(codes, packing, FACTORS, flags=False), strict=True):
        expected = data.coarsen(y=factor, x=factor, boundary="pad").reduce(quiet_mean)
        np.testing.assert_allclose(found, expected.to_numpy(), rtol=1e-5, atol=1e-2)


def quiet_mean(values, axis, **_):
    count = np.isfinite(values).sum(axis=axis)
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, np.nansum(values, axis=axis) / np.where(count > 0, count, 1), np.nan)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.int8, SHAPES, elements=st.integers(-1, 4)))
def test_a_block_of_flags_holds_the_most_frequent_of_its_valid_codes(codes):
    packing = Packing(dtype="i1", missing=(-1,))
    for factor, found in zip(FACTORS, overviews(codes, packing, FACTORS, flags=True), strict=True):
        for row, column, block in blocks(codes, factor):
            valid, counts = np.unique(block[block != -1], return_counts=True)
            # np.argmax takes the first, which is the smallest of the most frequent.
            assert found[row, column] == (valid[np.argmax(counts)] if valid.size else -1)


@pytest.mark.parametrize(("codes", "expected"), [([[1, 2]], 2), ([[3, 2]], 2), ([[-1, -2]], -2), ([[-999, 7]], 7)])
def test_halves_are_rounded_to_even(codes, expected):
    packing = Packing(dtype="i2", missing=(-999,))
    assert overviews(np.array(codes, "i2"), packing, (2,), flags=False)[0].tolist() == [[expected]]


def test_weights_are_exact_where_cells_are_missing():
    codes = np.full((4, 4), -999, "i2")
    codes[0, 0] = 100
    codes[2:, 2:] = 0
    packing = Packing(dtype="i2", missing=(-999,))
    # The mean of the means of the quarters would be 50.
    assert overviews(codes, packing, (2, 4), flags=False)[1].tolist() == [[20]]


def test_infinite_values_leave_a_valid_block_valid():
    codes = np.array([[np.inf, -np.inf]], "f4")
    assert np.isinf(overviews(codes, Packing(dtype="f4"), (2,), flags=False)[0]).all()


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_the_largest_code_of_a_type_is_its_own_mean_at_every_level(dtype):
    for code in (np.iinfo(dtype).min, np.iinfo(dtype).max):
        codes = np.full((70, 33), code, dtype=dtype)
        for level in overviews(codes, Packing(dtype=dtype), (2, 4, 8, 16, 32), flags=False):
            assert (level == code).all()
