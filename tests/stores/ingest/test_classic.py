import contextlib

import netCDF4
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.ingest.classic import HeaderError, bytes_needed, is_classic

KINDS = ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("records", [0, 1, 3])
@pytest.mark.parametrize("variables", [["i1"], ["i1", "f8"], ["i2", "i2"], ["S1", "f4", "i1"]])
def test_the_size_is_that_of_the_file_that_the_library_writes(tmp_path, kind, records, variables):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w", format=kind) as file:
        file.setncattr("history", "x" * 7)
        file.createDimension("time", None)
        file.createDimension("x", 3)
        file.createVariable("still", "f8", ("x",))[:] = 1.0
        file.createVariable("number", "i4").assignValue(3)
        for number, dtype in enumerate(variables):
            variable = file.createVariable(f"v{number}", dtype, ("time", "x"))
            variable[:] = np.zeros((records, 3), dtype)
    content = path.read_bytes()
    # The library pads the end of the file to four bytes.
    assert 0 <= len(content) - bytes_needed(content) < 4


@given(st.binary(max_size=200), st.sampled_from([b"CDF\x01", b"CDF\x02", b"CDF\x05"]))
def test_any_bytes_are_a_size_or_refused(rest, magic):
    with contextlib.suppress(HeaderError):
        assert bytes_needed(magic + rest) >= 0


@pytest.mark.parametrize("start", [b"", b"CD", b"CDF", b"CDF\x03", b"\x89HDF\r\n\x1a\n"])
def test_other_formats_are_not_classic(start):
    assert not is_classic(start)
    with pytest.raises(HeaderError):
        bytes_needed(start)
