"""What is damaged in a store is read again from the files, and is then what they hold."""

import os
import shutil
from pathlib import Path

import icechunk
import netCDF4
import numpy as np
import pytest
import zarr
from zarr.core.buffer import default_buffer_prototype
from zarr.core.sync import sync

from stores.damage import Damage
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.layout import INGEST, MAIN
from stores.location import Location
from stores.verify import verify

SHAPE = (60, 80)
DAYS = 70
"""More than one block for series."""


def write_days(path: Path, first: int, count: int, names=("sst", "ice", "mask")) -> None:
    """Write some days of noise on a curvilinear grid, which compresses badly: no chunk is small."""
    noise = np.random.default_rng(first)
    with netCDF4.Dataset(path, "w") as file:
        for name, length in {"time": count, "y": SHAPE[0], "x": SHAPE[1]}.items():
            file.createDimension(name, length)
        time = file.createVariable("time", "f8", ("time",))
        time.setncatts({"units": "days since 2015-03-01", "standard_name": "time"})
        time[:] = np.arange(first, first + count)
        row, column = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
        for name, units, values in (
            ("lat", "degrees_north", 40 + row * 0.1 + column * 0.01),
            ("lon", "degrees_east", 5 + column * 0.1 - row * 0.01),
        ):
            file.createVariable(name, "f8", ("y", "x")).setncatts({"units": units})
            file[name][:] = values
        for name in names:
            dimensions = ("y", "x") if name == "mask" else ("time", "y", "x")
            variable = file.createVariable(name, "f4", dimensions)
            variable.setncatts({"units": "1", "coordinates": "lat lon"})
            # What has no time is alike in all files.
            source = np.random.default_rng(1) if name == "mask" else noise
            variable[:] = source.normal(size=variable.shape)


class Sea:
    """A dataset in a store of its own, and its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "files"
        self.location = Location.parse(str(folder / "store"))

    @property
    def files(self):
        return sorted(self.folder.iterdir())

    def ingest(self, damage: Damage | None = None):
        with Processes(0) as crew:
            return ingest(self.location, "sea", self.files, crew=crew, report=lambda _: None, damage=damage)

    def verify(self):
        return verify(self.location, "sea", lambda *_: None)

    def mend(self):
        return self.ingest(self.verify().damage)

    def group(self, version=None):
        repository = icechunk.Repository.open(self.location.storage("sea"))
        session = repository.readonly_session(snapshot_id=version) if version else repository.readonly_session(MAIN)
        return zarr.open_group(session.store, mode="r")

    def damage(self, *paths: str) -> None:
        """Flip a bit in each chunk object that holds `paths`, found by its content."""
        store = icechunk.Repository.open(self.location.storage("sea")).readonly_session(MAIN).store
        contents = {sync(store.get(path, default_buffer_prototype())).to_bytes() for path in paths}
        for file in (Path(self.location.folder) / "sea" / "chunks").iterdir():
            if (content := file.read_bytes()) in contents:
                contents.discard(content)
                file.write_bytes(bytes([content[0] ^ 1]) + content[1:])
        assert not contents

    def spoil(self, key: str) -> None:
        """Put something else in the place of a chunk, also of one that lies in a manifest."""
        repository = icechunk.Repository.open(self.location.storage("sea"))
        session = repository.writable_session(INGEST)
        sync(session.store.set(key, default_buffer_prototype().buffer.from_bytes(b"no chunk at all")))
        repository.reset_branch(MAIN, session.commit("spoilt"))


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """A dataset of two files, ingested once for all tests here."""
    sea = Sea(tmp_path_factory.mktemp("taken"))
    sea.folder.mkdir()
    write_days(sea.folder / "a.nc", 0, 2)
    write_days(sea.folder / "b.nc", 2, DAYS - 2)
    sea.ingest()
    return sea


@pytest.fixture
def sea(taken, tmp_path):
    """A copy of it that a test may damage; the files are the very ones that were taken."""
    shutil.copytree(taken.location.folder, tmp_path / "store")
    found = Sea(tmp_path)
    found.folder = taken.folder
    return found


DAMAGED = {
    "a step": ["data/sst/c/1/0/0"],
    "steps of both files": ["data/sst/c/0/0/0", "data/sst/c/5/0/0", "data/ice/c/5/0/0"],
    "what has no time": ["data/mask/c/0/0"],
    "coordinates": ["data/lat/c/0/0"],
    "a block for series": ["series/sst/c/0/0/0"],
    "all of that": ["data/ice/c/69/0/0", "data/mask/c/0/0", "series/ice/c/0/0/0"],
}


@pytest.mark.parametrize("paths", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_damaged_is_read_again_and_is_as_it_was(sea, taken, paths):
    sea.damage(*paths)
    assert {fault.path for fault in sea.verify().faults} == {path.partition("/c/")[0] for path in paths}
    summary = sea.mend()
    assert (summary.steps, summary.steps_before, summary.refused) == (DAYS, DAYS, ())
    assert sea.verify().faults == ()
    mended, whole = sea.group(), taken.group()
    with netCDF4.Dataset(sea.folder / "b.nc") as file:
        slots = {int(row[0]): int(row[1]) for row in mended["meta/steps"][:]}
        for index, time in enumerate(sorted(slots)[2:]):
            for name in ("sst", "ice"):
                assert np.array_equal(mended[f"data/{name}"][slots[time]], file[name][index])
        for name in ("mask", "lat", "lon"):
            assert np.array_equal(mended[f"data/{name}"][...], file[name][:])
    for name in ("meta/statistics", "meta/packings", "meta/description"):
        assert np.array_equal(mended[name][:], whole[name][:]), name


def test_what_finds_cells_on_a_curvilinear_grid_is_worked_out_anew(sea, taken):
    ((grid, arrays),) = taken.group()["geometry"].groups()
    # Chunks as small as those of `breaks` and the first two zooms lie in a manifest, and are no objects of their own.
    names = sorted(f"geometry/{grid}/{name}" for name in arrays if name not in ("breaks", "zoom0", "zoom1"))
    paths = [f"{name}/c/{'/'.join('0' * taken.group()[name].ndim)}" for name in names]
    sea.damage(*paths)
    assert len(sea.verify().faults) == len(paths)
    sea.mend()
    assert sea.verify().faults == ()
    for name in names:
        assert sea.group()[name][...].tobytes() == taken.group()[name][...].tobytes()


def test_what_its_file_cannot_give_again_stays_and_is_said(sea, tmp_path):
    sea.folder = Path(shutil.copytree(sea.folder, tmp_path / "files", copy_function=shutil.copy2))
    sea.ingest()
    content = bytearray((sea.folder / "a.nc").read_bytes())
    times = (sea.folder / "a.nc").stat()
    content[-100] ^= 1
    (sea.folder / "a.nc").write_bytes(content)
    os.utime(sea.folder / "a.nc", ns=(times.st_atime_ns, times.st_mtime_ns))
    sea.damage("data/sst/c/0/0/0", "data/sst/c/5/0/0")
    before = sea.group()["data/sst"][1]
    summary = sea.mend()
    assert summary.refused == (("a.nc", "what is damaged of it stays: its content is not the one that was taken"),)
    assert summary.steps == DAYS
    assert [fault.what for fault in sea.verify().faults] == ["data/sst chunk 0.0.0"]
    assert np.array_equal(sea.group()["data/sst"][1], before)


def test_what_was_replaced_or_withdrawn_meanwhile_is_as_its_files_are_now(sea, tmp_path):
    sea.folder = Path(shutil.copytree(sea.folder, tmp_path / "files", copy_function=shutil.copy2))
    sea.ingest()
    sea.damage("data/sst/c/0/0/0", "data/sst/c/5/0/0")
    damage = sea.verify().damage
    write_days(sea.folder / "a.nc", 900, 1)
    (sea.folder / "b.nc").unlink()
    summary = sea.ingest(damage)
    assert (summary.steps, summary.replaced, summary.withdrawn, summary.refused) == (1, ("a.nc",), ("b.nc",), ())
    assert sea.verify().faults == ()


def test_what_was_written_since_the_verification_is_left_alone(sea):
    sea.damage("data/sst/c/1/0/0")
    damage = sea.verify().damage
    sea.ingest(damage)
    other = Damage(chunks=damage.chunks, revisions=dict.fromkeys(damage.revisions, 0))
    assert sea.ingest(other).bytes_read == 0
    assert sea.verify().faults == ()


@pytest.mark.parametrize("name", ["description", "packings", "sources", "statistics", "steps", "files", "series"])
def test_where_the_record_itself_is_damaged_the_dataset_is_made_anew_from_its_files(sea, taken, name):
    array = taken.group()[f"meta/{name}"]
    key = f"meta/{name}/c/{'/'.join('0' * array.ndim)}"
    sea.spoil(key)
    assert f"meta/{name}" in {fault.path for fault in sea.verify().faults}
    assert sea.mend().steps == DAYS
    assert sea.verify().faults == ()
    assert np.array_equal(sea.group()["meta/statistics"][:], taken.group()["meta/statistics"][:])
    assert sea.group()["meta/steps"].shape == taken.group()["meta/steps"].shape
    assert np.array_equal(sea.group()["meta/series"][:].shape, taken.group()["meta/series"][:].shape)


@pytest.mark.parametrize("path", ["data/sst", "data/mask", "data/lat", "series/sst"])
def test_an_array_that_is_lost_as_a_whole_is_made_anew(sea, taken, path):
    repository = icechunk.Repository.open(sea.location.storage("sea"))
    session = repository.writable_session(INGEST)
    sync(session.store.delete(f"{path}/zarr.json"))
    repository.reset_branch(MAIN, session.commit("lost"))
    damage = Damage(arrays=(path,)) if path.startswith("series/") else sea.verify().damage
    assert damage.arrays == (path,)
    sea.ingest(damage)
    assert sea.verify().faults == ()
    assert np.array_equal(sea.group()[path][...], taken.group()[path][...])


def test_who_is_killed_while_mending_leaves_no_holes_to_be_published(sea, taken, monkeypatch):
    repository = icechunk.Repository.open(sea.location.storage("sea"))
    session = repository.writable_session(INGEST)
    sync(session.store.delete("data/sst/zarr.json"))
    repository.reset_branch(MAIN, session.commit("lost"))

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as change:
        change.setattr("stores.ingest.run.Taking.all", killed)
        with pytest.raises(KeyboardInterrupt):
            sea.mend()
    sea.ingest()
    assert sea.verify().faults == ()
    assert np.array_equal(sea.group()["data/sst"][...], taken.group()["data/sst"][...])


def test_a_damaged_manifest_is_mended_and_keeps_nobody_from_new_data(sea, taken):
    repository = icechunk.Repository.open(sea.location.storage("sea"))
    served = repository.lookup_snapshot(repository.lookup_branch(MAIN))
    for manifest in served.manifests:
        file = Path(sea.location.folder) / "sea" / "manifests" / manifest.id
        content = file.read_bytes()
        file.write_bytes(content[:60] + b"XXXX" + content[64:])
    assert sea.verify().damage.arrays
    summary = sea.mend()
    assert (summary.steps, [name for name, _ in summary.refused]) == (DAYS, ["old versions"])
    assert sea.verify().faults == ()
    assert np.array_equal(sea.group()["data/ice"][...], taken.group()["data/ice"][...])
