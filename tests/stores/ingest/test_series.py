import shutil

import netCDF4
import pytest

from stores.ingest.series import grouped
from tests.sea import write_sea


@pytest.fixture
def files(tmp_path):
    """Return two days of one sea, another sea with a further variable, and a file that is none."""
    paths = [tmp_path / name for name in ("day 1.nc", "day 2.nc", "other.nc", "sub/day 1.nc", "broken.nc")]
    (tmp_path / "sub").mkdir()
    write_sea(paths[0], days=1)
    write_sea(paths[1], days=1, first=2)
    for other in paths[2:4]:
        shutil.copy(paths[0], other)
        with netCDF4.Dataset(other, "a") as file:
            file.createVariable(other.parent.name.replace("-", "_") + "_extra", "f4", ("lat", "lon"))[:] = 1
    paths[4].write_bytes(b"no NetCDF")
    return paths


def test_files_that_differ_in_time_alone_are_one_series_and_others_stand_alone(files):
    groups = grouped(files)
    assert list(groups.values()) == [[files[0], files[1]], [files[2]], [files[3]], [files[4]]]


def test_the_names_of_series_are_fit_for_addresses_and_never_the_same(files):
    assert list(grouped(files)) == ["day-1", "other", "day-1-2", "broken"]
