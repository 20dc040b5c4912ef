"""Oracle: the size of files that the library has closed."""

import netCDF4
import numpy as np
import pytest

from stores.ingest.hdf5 import SIGNATURE, bytes_stated
from stores.ingest.refusal import Unreadable
from stores.ingest.source import Source


def write(path, *, size):
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("x", size)
        file.createVariable("v", "f8", ("x",))[:] = np.arange(size)
    return path


@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_a_whole_file_has_the_size_that_it_states(tmp_path, size):
    path = write(tmp_path / "a.nc", size=size)
    assert bytes_stated(path.read_bytes()[:64]) == path.stat().st_size


@pytest.mark.parametrize(
    ("file", "size"), [("bad/derived_truncated_nc4.nc", 34783), ("grid/cmems_1x1/ship_t.nc", None)]
)
def test_real_files_state_their_size(real_data, file, size):
    path = real_data(file)
    assert bytes_stated(path.read_bytes()[:64]) == (size or path.stat().st_size)


@pytest.mark.parametrize("start", [b"", b"CDF\x01" + bytes(100), SIGNATURE, SIGNATURE + b"\x09" + bytes(80)])
def test_what_has_no_known_superblock_states_nothing(start):
    assert bytes_stated(start) is None


def test_a_file_that_was_cut_short_is_refused_with_both_sizes(tmp_path):
    path = write(tmp_path / "a.nc", size=1000)
    whole = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(Unreadable, match=f"truncated: it should have {whole} bytes and it has {whole - 100}"):
        Source(path)
