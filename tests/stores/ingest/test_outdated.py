"""A store that other software made, which understood the same files otherwise, is brought up to date."""

from contextlib import contextmanager
from dataclasses import replace

import netCDF4
import numpy as np
import pytest

from core.attributes import Attribute
from core.layer import layers_of
from stores.ingest import scan
from stores.ingest.cf import describe
from stores.ingest.manifest import INGEST_FORMAT

CODES = np.array([[1, 100, 200], [250, 3, 127]], "u1")


@pytest.fixture
def earlier(monkeypatch):
    """Return a context in which files are taken up as `_Unsigned` and the digests of coordinates once were not."""

    @contextmanager
    def earlier():
        packing_in = scan.packing_in
        with monkeypatch.context() as patch:
            for module in ("manifest", "survey"):
                patch.setattr(f"stores.ingest.{module}.INGEST_FORMAT", INGEST_FORMAT - 1)
            patch.setattr(scan, "packing_in", lambda file, variable: replace(packing_in(file, variable), read_as=""))
            patch.setattr(scan, "_joined", lambda digests: "as before " + "".join(digests))
            yield

    return earlier


@pytest.fixture
def bytes_of(tmp_path):
    """Return a maker of a file of one day with bytes that are meant as unsigned, on a curvilinear grid."""

    def make(day: int, shift: float = 0.0):
        path = tmp_path / f"day{day}.nc"
        with netCDF4.Dataset(path, "w") as file:
            file.set_auto_maskandscale(False)
            for name, size in (("time", None), ("y", 2), ("x", 3)):
                file.createDimension(name, size)
            file.createVariable("time", "f8", ("time",))[:] = day
            file["time"].units = "days since 2020-01-01"
            for name, units in (("lat", "degrees_north"), ("lon", "degrees_east")):
                file.createVariable(name, "f8", ("y", "x"))[:] = (
                    np.add.outer(np.arange(2.0), 2 * np.arange(3.0)) + shift
                )
                file[name].units = units
            field = file.createVariable("t", "i1", ("time", "y", "x"))
            field.set_auto_maskandscale(False)
            field.setncattr("_Unsigned", "true")
            field.coordinates = "lat lon"
            field[0] = (CODES - day).view("i1")
        return path

    return make


def served(stored) -> list[np.ndarray]:
    found = stored()
    layer = layers_of(found.dataset)["t"]
    chosen = [layer.select(layer.steps.iso(index), None) for index in range(len(layer.steps))]
    return [each.packing.unpack(found.arrays["data/t"][each.indices]) for each in chosen]


def test_all_files_are_read_again_and_what_is_new_fits_them(earlier, bytes_of, take, stored):
    day = bytes_of(0)
    with earlier():
        take(day)
        assert served(stored)[0].min() < 0
    summary = take(day, bytes_of(1))
    assert (summary.added, summary.kept, summary.refused) == (("day1.nc",), ("day0.nc",), ())
    np.testing.assert_array_equal(served(stored), [CODES, CODES - 1])


def test_what_is_up_to_date_is_not_read_again(earlier, bytes_of, take):
    day = bytes_of(0)
    with earlier():
        take(day)
    assert take(day).bytes_read > 0
    assert take(day).bytes_read == 0


def test_a_file_that_cannot_be_read_now_is_served_as_it_was_taken(earlier, bytes_of, take, stored):
    days = [bytes_of(0), bytes_of(1)]
    with earlier():
        take(*days)
        before = served(stored)[0]
    days[0].write_bytes(b"gone")
    summary = take(*days)
    assert [name for name, _ in summary.refused] == ["day0.nc"]
    np.testing.assert_array_equal(served(stored), [before, CODES - 1])
    days[0].unlink()
    take(bytes_of(0), days[1])
    np.testing.assert_array_equal(served(stored), [CODES, CODES - 1])


def test_places_are_compared_with_those_of_the_files_that_were_there_already(earlier, bytes_of, take, stored):
    later = bytes_of(1)
    with earlier():
        take(later)
    other = bytes_of(0, shift=5.0)
    summary = take(other, later)
    assert "its horizontal coordinates are others" in dict(summary.refused)["day0.nc"]
    np.testing.assert_array_equal(served(stored), [CODES - 1])


def test_a_dataset_that_would_be_described_otherwise_is_served_as_it_is_and_the_cure_is_named(
    earlier, bytes_of, take, stored, monkeypatch
):
    day = bytes_of(0)

    def otherwise(*given):
        found = describe(*given)
        renamed = {"t": replace(found.variables["t"], attributes={"units": Attribute(type="char", data=b"K")})}
        return replace(found, variables={**found.variables, **renamed})

    with earlier(), monkeypatch.context() as patch:
        patch.setattr(scan, "describe", otherwise)
        take(day)
        before = served(stored)
    ((name, reason),) = take(day, bytes_of(1)).refused[:1]
    assert name == "day0.nc"
    assert (
        "remove the dataset from the store and ingest it again (it does not fit the dataset: field t: its units"
        in reason
    )
    np.testing.assert_array_equal(served(stored), before)
