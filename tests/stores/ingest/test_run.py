import asyncio
import os
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from core.layer import layers_of
from core.steps import Step
from stores.ingest.crew import Processes
from stores.ingest.run import Progress, ingest
from stores.location import Location
from stores.lock import LockedError
from stores.repository import StoredDataset
from stores.writer import open_writer

DAY = 86_400_000
FIRST = 1_577_836_800_000
"""2020-01-01T00:00:00Z."""


def days_of(stored) -> list[float]:
    return [(int(time) - FIRST) / DAY for time in stored.dataset.steps.times]


def firsts(stored) -> list[float]:
    """The value at the first cell, step by step."""
    return [float(stored.values("t", step)[0, 0]) for step in range(len(stored.dataset.steps))]


def test_the_first_file_becomes_the_dataset(make, take, stored):
    summary = take(make("a.nc", [0, 1, 2], 7))
    assert (summary.added, summary.steps, summary.refused) == (("a.nc",), 3, ())
    assert days_of(stored()) == [0, 1, 2]
    assert firsts(stored()) == [7, 7, 7]
    assert stored().dataset.title == "t"


def test_a_second_run_reads_nothing_and_publishes_nothing(make, take, stored):
    path = make("a.nc", [0])
    take(path)
    version = stored().dataset.version
    summary = take(path)
    assert (summary.kept, summary.added, summary.bytes_read) == (("a.nc",), (), 0)
    assert stored().dataset.version == version


def test_a_file_that_was_only_touched_is_kept(make, take, stored):
    path = make("a.nc", [0])
    take(path)
    before = stored().dataset.steps.rows
    os.utime(path, ns=(1, 1))
    assert take(path).kept == ("a.nc",)
    np.testing.assert_array_equal(stored().dataset.steps.rows, before)
    assert take(path).bytes_read == 0


def test_files_append_also_between_times_that_are_there(make, take, stored):
    files = [make("a.nc", [0, 4], 1), make("c.nc", [6], 3)]
    take(*files)
    files.append(make("b.nc", [2, 5], 2))
    assert take(*files).added == ("b.nc",)
    assert days_of(stored()) == [0, 2, 4, 5, 6]
    assert firsts(stored()) == [1, 2, 1, 2, 3]


def test_a_replaced_file_gives_its_steps_new_revisions_and_no_other(make, take, stored):
    files = [make("a.nc", [0], 1), make("b.nc", [1], 2)]
    take(*files)
    before = stored().dataset.steps
    files[1] = make("b.nc", [1], 5)
    assert take(*files).replaced == ("b.nc",)
    after = stored().dataset.steps
    assert firsts(stored()) == [1, 5]
    assert after[0] == before[0]
    assert after[1].revision != before[1].revision
    assert stored().dataset.statistics["t"].maximum == (5 + 4) * 0.5


def test_a_withdrawn_file_takes_its_times_with_it(make, take, stored):
    files = [make("a.nc", [0, 1], 1), make("b.nc", [2], 2)]
    take(*files)
    summary = take(files[1])
    assert (summary.withdrawn, summary.steps) == (("a.nc",), 1)
    assert (days_of(stored()), firsts(stored())) == ([2], [2])
    assert stored().dataset.statistics["t"].minimum == 1.0


def test_the_later_file_wins_a_time_and_gives_it_back_when_it_goes(make, take, stored):
    files = [make("a.nc", [0, 1], 1), make("b.nc", [1, 2], 2)]
    take(*files)
    assert firsts(stored()) == [1, 2, 2]
    take(files[0])
    assert (days_of(stored()), firsts(stored())) == ([0, 1], [1, 1])


def test_statistics_are_those_of_the_steps_that_there_are_however_they_came(make, take, look, stored, tmp_path):
    runs = [make("a.nc", range(6), 90), make("b.nc", range(3, 9), 10), make("c.nc", range(3), 20)]
    for number, there in enumerate([runs[:1], runs, runs[:2], runs[1:]]):
        take(*there)
        found, values = stored().dataset.statistics, stored().arrays["data/t"] * 0.5
        slots = stored().dataset.steps.rows[:, 1]
        assert (found["t"].minimum, found["t"].maximum) == (values[slots].min(), values[slots].max())
        clean = Location.parse(str(tmp_path / f"clean{number}"))
        ingest(clean, "d", there, crew=Processes(0), report=lambda progress: None)
        assert found == look(clean).dataset.statistics


def test_statistics_of_what_has_no_time_are_those_of_its_last_file_also_where_the_codes_are_the_same(
    make, take, stored
):
    files = [make("a.nc", [0], scale=0.5, mask=3), make("b.nc", [1], scale=0.25, mask=3)]
    for count, expected in ((1, 1.5), (2, 0.75), (1, 1.5)):
        take(*files[:count])
        assert stored().dataset.statistics["mask"].maximum == expected


def test_a_time_in_another_unit_is_told_in_the_dataset_s_when_it_is_given_back(make, take, stored):
    files = [make("a.nc", [0]), make("b.nc", [24, 48], units="hours since 2020-01-01"), make("c.nc", [1], 3)]
    take(*files)
    take(*files[:2])
    rows = stored().dataset.steps.rows
    assert stored().arrays["data/time"][rows[:, 1]].tolist() == [0.0, 1.0, 2.0]


def test_a_window_that_slides_reuses_slots_and_the_store_stays_as_large(make, take, stored, location):
    files = [make(f"{day:02}.nc", [day], day) for day in range(4)]
    take(*files)
    sizes = []
    for day in range(4, 9):
        files = [*files[1:], make(f"{day:02}.nc", [day], day)]
        take(*files)
        sizes.append((stored().arrays["data/t"].shape[0], stored().chunks))
    assert days_of(stored()) == [5, 6, 7, 8]
    assert firsts(stored()) == [5, 6, 7, 8]
    assert sizes == [(4, 4)] * 5


def test_a_renamed_file_is_not_stored_again(make, take, stored):
    path = make("a.nc", [0], 4)
    take(path)
    rows = stored().dataset.steps.rows
    summary = take(path.rename(path.with_name("z.nc")))
    assert (summary.added, summary.withdrawn) == (("z.nc",), ("a.nc",))
    np.testing.assert_array_equal(stored().dataset.steps.rows, rows)
    assert stored().dataset.statistics["t"].minimum == 2.0


def test_global_attributes_and_fixed_variables_are_those_of_the_newest_file(make, take, stored):
    files = [make("a.nc", [0], title="old", mask=1), make("b.nc", [1], title="new", mask=2)]
    take(*files)
    assert stored().dataset.title == "new"
    assert stored().arrays["data/mask"].max() == 2
    take(files[0])
    assert stored().dataset.title == "old"
    assert stored().arrays["data/mask"].max() == 1


def test_packings_may_differ_from_file_to_file(make, take, stored):
    take(make("a.nc", [0], 8, scale=0.5), make("b.nc", [1], 8, scale=0.25))
    dataset = stored().dataset
    scales = [dataset.packings[dataset.steps[step].packing]["t"].scale for step in (0, 1)]
    assert scales == [0.5, 0.25]
    assert dataset.statistics["t"].minimum == 2.0


def test_what_has_no_time_is_unpacked_as_the_newest_file_says(make, take, location):
    take(make("a.nc", [0], 8, scale=0.5, mask=3), make("b.nc", [1], 8, scale=0.25, mask=7))

    async def mask():
        dataset, reader = await StoredDataset(location, "d").open()
        chosen = layers_of(dataset)["mask"].select(None, None)
        return chosen.packing.unpack(await reader.read("data/mask", (0, 0)))

    assert set(asyncio.run(mask()).ravel()) == {7 * 0.25}


def test_a_matrix_that_has_a_dimension_twice_is_kept(make, take, stored):
    path = make("a.nc", [0])
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("covariance", "f4", ("lat", "lat"))[:] = np.arange(16).reshape(4, 4)
    assert take(path).refused == ()
    assert (stored().arrays["data/covariance"] == np.arange(16).reshape(4, 4)).all()


def test_a_variable_may_be_named_like_a_part_of_a_key(make, take, stored):
    path = make("a.nc", [0])
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("c", "i2", ("lat", "lon"))[:] = 4
    assert take(path).refused == ()
    assert (stored().arrays["data/c"] == 4).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"nx": 6}, "shape"),
        ({"dtype": "i4"}, "dtype is i4, not i2"),
        ({"west": 0.5}, "longitudes"),
        ({"measured": "K"}, "field t: its units are K, not degC"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_and_the_others_are_taken(make, take, stored, change, says):
    summary = take(make("a.nc", [0], 1), make("b.nc", [1], 2, **change), make("c.nc", [2], 3))
    assert [name for name, _ in summary.refused] == ["b.nc"]
    assert says in summary.refused[0][1]
    assert firsts(stored()) == [1, 3]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_bytes(b"<html>"), "not a NetCDF file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "truncated: its header needs"),
        (lambda path: path.unlink(), "No such file"),
    ],
)
def test_a_damaged_file_is_refused_and_the_others_are_taken(make, take, stored, spoil, says):
    files = [make(f"{name}.nc", [day], day, kind="NETCDF3_CLASSIC") for day, name in enumerate("abc")]
    spoil(files[1])
    summary = take(*files)
    assert summary.refused[0][0] == "b.nc"
    assert says in summary.refused[0][1]
    assert firsts(stored()) == [0, 2]


def test_a_file_that_was_good_and_is_damaged_now_stays_as_it_was(make, take, stored):
    files = [make("a.nc", [0], 1), make("b.nc", [1], 2)]
    take(*files)
    files[1].write_bytes(b"oops")
    summary = take(*files)
    assert summary.refused[0][0] == "b.nc"
    assert firsts(stored()) == [1, 2]


def test_where_every_file_is_refused_nothing_is_published(make, take):
    path = make("a.nc", [0])
    path.write_bytes(b"oops")
    summary = take(path)
    assert (summary.added, summary.steps, summary.version, len(summary.refused)) == ((), 0, None, 1)


def test_no_file_at_all_withdraws_nothing(make, take, stored):
    take(make("a.nc", [0], 1))
    assert take().withdrawn == ()
    assert firsts(stored()) == [1]


def test_two_ingests_at_once_are_one_too_many(make, take, location):
    path = make("a.nc", [0])
    with open_writer(location, "d"), pytest.raises(LockedError):
        take(path)
    assert take(path).added == ("a.nc",)


def test_processes_store_what_one_process_stores(make, take, stored, location):
    files = [make(f"{day}.nc", [day, day + 0.5], day) for day in range(3)]
    take(*files, workers=2)
    in_processes = stored()
    ingest(location, "e", files, crew=Processes(0), report=lambda progress: None)
    assert firsts(in_processes) == [0, 0, 1, 1, 2, 2]
    assert in_processes.dataset.steps[0] == Step(
        time=FIRST, slot=0, revision=in_processes.dataset.steps[0].revision, packing=0, source=0
    )


def test_progress_counts_the_bytes_of_the_files_that_are_read(make, location):
    files = [make("a.nc", [0]), make("b.nc", [1])]
    seen: list[Progress] = []
    ingest(location, "d", files, crew=Processes(0), report=seen.append)
    total = sum(Path(path).stat().st_size for path in files)
    assert [progress.file for progress in seen] == ["a.nc", "b.nc", ""]
    assert seen[-1].bytes_done == seen[-1].bytes_total == total
