"""What was taken stays until what takes its place was read: files that cannot be read take nothing away."""

import contextlib

import pytest

from tests.stores.ingest.test_taking import FILL, CutShortError, Source, at_days, run, there, write

HEAT = (("so", 1), ("thetao", 2))


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "source"
    path.mkdir()
    return path


def damage(path) -> None:
    path.write_bytes(path.read_bytes()[:900])


def test_a_file_found_unreadable_late_keeps_the_days_that_it_would_no_longer_have(location, folder, stored):
    write(folder / "a.nc", Source(days=(0, 1, 2), fields=HEAT))
    run(location, folder)
    write(folder / "a.nc", Source(days=(1, 3), fields=(("so", 13),), broken=("so",)))
    versions = set()
    for _ in range(2):
        summary = run(location, folder)
        versions.add(summary.version)
        assert "so cannot be read" in summary.refused[0][1]
        assert (at_days(stored(), "so"), at_days(stored(), "thetao")) == (
            dict.fromkeys(range(3), 1),
            {0: 2, 1: 2, 2: 2},
        )
    assert len(versions) == 1


def test_nothing_else_takes_the_place_of_a_file_that_is_found_unreadable_late(location, folder, stored):
    write(folder / "a.nc", Source(days=(0, 1), fields=(("so", 1),)))
    write(folder / "b.nc", Source(days=(1, 2), fields=(("so", 2),)))
    run(location, folder)
    write(folder / "b.nc", Source(days=(2,), fields=(("so", 13),), broken=("so",)))
    run(location, folder)
    assert at_days(stored(), "so") == {0: 1, 1: 2, 2: 2}


def test_where_all_that_is_there_is_found_unreadable_late_nothing_is_withdrawn(location, folder, stored):
    first = write(folder / "a.nc", Source(days=(0,), fields=(("so", 1),)))
    version = run(location, folder).version
    first.unlink()
    write(folder / "b.nc", Source(days=(1,), fields=(("so", 13),), broken=("so",)))
    for _ in range(2):
        assert run(location, folder).added == ()
        assert (stored().dataset.version, at_days(stored(), "so")) == (version, {0: 1})
    write(folder / "b.nc", Source(days=(1,), fields=(("so", 3),)))
    run(location, folder)
    assert at_days(stored(), "so") == {1: 3}


def test_what_is_left_of_a_file_that_cannot_be_read_stays_when_what_hid_the_rest_goes(location, folder, stored):
    lower = write(folder / "a.nc", Source(days=(0,), fields=HEAT))
    upper = write(folder / "b.nc", Source(days=(0,), fields=(("so", 3),)))
    run(location, folder)
    before = lower.read_bytes()
    damage(lower)
    upper.unlink()
    for _ in range(3):
        run(location, folder)
        assert there(stored()) == {("thetao", 0): 2}
    write(folder / "0.nc", Source(days=(0,), fields=(("so", 5),)))
    for _ in range(2):
        run(location, folder)
        assert there(stored()) == {("thetao", 0): 2, ("so", 0): 5}
    lower.write_bytes(before)
    run(location, folder)
    assert there(stored()) == {("thetao", 0): 2, ("so", 0): 1}


def test_what_a_file_gave_follows_it_to_its_new_name_while_another_takes_its_old_one(location, folder, stored):
    path = write(folder / "b.nc", Source(days=(0,), fields=HEAT))
    run(location, folder)
    path.rename(folder / "a.nc")
    write(path, Source(days=(0,), fields=(("thetao", 7),)))
    run(location, folder)
    assert there(stored()) == {("so", 0): 1, ("thetao", 0): 7}


@pytest.mark.parametrize("cut", [0, 1])
def test_a_run_cut_short_takes_nothing_from_what_cannot_be_read_again(location, folder, stored, cut):
    write(folder / "a.nc", Source(days=(0,), fields=(("so", 3),)))
    lower = write(folder / "b.nc", Source(days=(0,), fields=(("thetao", 2),)))
    upper = write(folder / "c.nc", Source(days=(0,), fields=(("so", 1),)))
    run(location, folder)
    damage(lower)
    upper.unlink()
    with contextlib.suppress(CutShortError):
        run(location, folder, cut)
    run(location, folder)
    assert there(stored()) == {("thetao", 0): 2, ("so", 0): 3}


def test_a_variable_that_comes_back_shows_nothing_of_what_it_was(location, folder, stored):
    write(folder / "a.nc", Source(days=(0,), fields=(("thetao", 2),)))
    gone = write(folder / "b.nc", Source(days=(1,), fields=(("so", 1),)))
    run(location, folder)
    gone.unlink()
    run(location, folder)
    write(folder / "c.nc", Source(days=(3,), fields=(("thetao", 3),)))
    write(folder / "d.nc", Source(days=(0,), fields=(("so", 5),)))
    run(location, folder)
    found = stored()
    assert there(found) == {("thetao", 0): 2, ("so", 0): 5, ("thetao", 3): 3}
    assert (found.arrays["data/so"][found.dataset.steps[1].slot] == FILL).all()
