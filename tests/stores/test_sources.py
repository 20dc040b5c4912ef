"""Which files a pattern names."""

import os
from glob import glob

import pytest

from stores.sources import files_of

FILES = [
    "a.nc",
    "b.nc",
    ".c.nc",
    "b.nc.part",
    "day[1].nc",
    "in/a.nc",
    "in/deep/d.nc",
    ".hidden/e.nc",
    "x1.dat",
    "x2.dat",
]


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    "pattern",
    [
        "*.nc", "**/*.nc", "a.nc", "*/*.nc", "x?.dat", "x[13].dat", ".*.nc", "none.nc", "none/*.nc", "in/**/*.nc",
        "a.nc/*.nc", "*", "in/../*.nc", "**/deep/*.nc", "day[[]1].nc",
    ],
)  # fmt: skip
def test_a_pattern_names_what_the_standard_library_finds(folder, pattern):
    expected = sorted(set(glob(str(folder / pattern), recursive=True)))  # noqa: PTH207 -- the oracle
    assert [str(path) for path in files_of(str(folder / pattern))] == expected


def test_links_to_nowhere_are_named(folder):
    (folder / "z.nc").symlink_to("nothing")
    assert folder / "z.nc" in files_of(f"{folder}/*.nc")


def test_a_link_upwards_does_not_go_round_for_ever(folder):
    (folder / "in" / "up").symlink_to(folder)
    assert len(files_of(f"{folder}/**/*.nc")) == 5


def test_a_folder_that_cannot_be_read_is_no_empty_folder(folder, monkeypatch):
    before = os.scandir

    def broken(path):
        if str(path).endswith("deep"):
            raise OSError(116, "Stale file handle", str(path))
        return before(path)

    monkeypatch.setattr(os, "scandir", broken)
    with pytest.raises(OSError, match=r"Stale file handle.*deep"):
        files_of(f"{folder}/**/*.nc")


@pytest.mark.parametrize("pattern", ["years/*/*.nc", "years/*/a.nc", "years/2019/*.nc"])
def test_a_link_in_place_of_a_folder_that_leads_nowhere_is_an_error_not_a_folder_without_files(folder, pattern):
    (folder / "years" / "2020").mkdir(parents=True)
    (folder / "years" / "2020" / "a.nc").touch()
    (folder / "years" / "2019").symlink_to("/nowhere/2019")
    with pytest.raises(OSError, match="2019: it is a link that leads nowhere"):
        files_of(f"{folder}/{pattern}")
