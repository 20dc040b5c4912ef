"""A writer that was killed while it made the repository is in nobody's way."""

import icechunk
import pytest

from stores.failures import StoreError
from stores.halfmade import clear_half_made, is_begun
from stores.location import Location
from stores.writer import open_writer

HALF_MADE = [
    ["snapshots/"],
    ["snapshots/1CECHNKREP0F1RSTCMT0"],
    ["snapshots/1CECHNKREP0F1RSTCMT0", "refs/branch.main/"],
    ["snapshots/1CECHNKREP0F1RSTCMT0", "refs/branch.main/ref.json#1", "config.yaml"],
]


def make(folder, paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).mkdir() if path.endswith("/") else (folder / path).write_bytes(b"x")


@pytest.fixture
def location(tmp_path):
    return Location.parse(str(tmp_path / "store"))


@pytest.mark.parametrize("paths", HALF_MADE)
def test_a_repository_that_was_left_half_made_is_made_anew(location, paths):
    folder = location.folder / "phys"
    make(folder, paths)
    assert not is_begun(folder)
    with open_writer(location, "phys") as writer:
        assert writer.version is None
    assert is_begun(folder)


@pytest.mark.parametrize(
    "paths", [["snapshots/A", "chunks/B"], ["snapshots/A", "manifests/B"], ["refs/branch.x/ref.json"]]
)
def test_what_is_left_of_a_repository_with_data_is_never_removed(location, paths):
    folder = location.folder / "phys"
    make(folder, paths)
    clear_half_made(folder)
    assert all((folder / path).exists() for path in paths)


def test_a_folder_with_files_of_somebody_else_is_left_as_it_is(location):
    folder = location.folder / "phys"
    make(folder, ["snapshots/A", "day1.nc"])
    with pytest.raises(StoreError, match="dataset phys"), open_writer(location, "phys"):
        pass
    assert (folder / "day1.nc").exists()


def test_a_repository_is_begun_as_soon_as_the_library_has_made_it(tmp_path):
    icechunk.set_logs_filter("error")
    icechunk.Repository.create(icechunk.local_filesystem_storage(str(tmp_path / "phys")))
    clear_half_made(tmp_path / "phys")
    icechunk.Repository.open(icechunk.local_filesystem_storage(str(tmp_path / "phys")))
    assert is_begun(tmp_path / "phys")


@pytest.mark.parametrize("part", ["refs", "manifests", "chunks"])
def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path, part):
    # Looking for names by a pattern finds nothing in a link to itself, and says nothing.
    (tmp_path / part).symlink_to(part)
    with pytest.raises(OSError, match=part):
        is_begun(tmp_path)


def test_a_link_to_a_disk_that_is_away_is_no_empty_folder(tmp_path):
    (tmp_path / "phys").symlink_to(tmp_path / "disk")
    with pytest.raises(OSError, match="phys"):
        is_begun(tmp_path / "phys")
    (tmp_path / "disk").mkdir()
    assert not is_begun(tmp_path / "phys")
