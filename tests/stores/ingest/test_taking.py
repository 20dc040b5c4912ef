"""Any sequence of folders: after each ingest the store holds, of each variable and time, what the winning file says."""

import contextlib
import os
import shutil
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.layer import layers_of
from stores.ingest.crew import Processes
from stores.ingest.run import Progress, Summary, ingest
from stores.location import Location

FIRST = 1_577_836_800_000
DAY = 86_400_000
FILL = -99
STEPPED = ("so", "thetao")
FIXED = ("deptho", "mask")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file: what its fields are everywhere."""

    days: tuple[int, ...] = ()
    """None for a file without time."""
    fields: tuple[tuple[str, int], ...]
    run: int | None = None
    """Day of the forecast's reference time."""
    scale: float = 1.0
    broken: tuple[str, ...] = ()
    """Fields whose chunks are damaged."""
    kind: str = "i2"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.fields if name in FIXED or self.days)


def write(path: Path, source: Source) -> Path:
    """Write a file whose modification time says nothing about its rank."""
    draft = path.with_suffix(".part")
    with netCDF4.Dataset(draft, "w") as file:
        file.title = path.name
        for name, size, units in (("lat", 2, "degrees_north"), ("lon", 3, "degrees_east")):
            file.createDimension(name, size)
            file.createVariable(name, "f8", (name,))[:] = np.arange(size)
            file[name].units = units
        if source.days:
            file.createDimension("time", None)
            file.createVariable("time", "i4", ("time",))[:] = source.days
            file["time"].units = "days since 2020-01-01"
        if source.run is not None:
            file.createVariable("run", "i4", ())[...] = source.run
            file["run"].units, file["run"].standard_name = "days since 2020-01-01", "forecast_reference_time"
        for name, value in source.fields:
            if name in source.names:
                stepped = ("time",) if name in STEPPED else ()
                field = file.createVariable(
                    name,
                    source.kind,
                    (*stepped, "lat", "lon"),
                    fill_value=FILL,
                    fletcher32=True,
                    chunksizes=(*((1,) if stepped else ()), 2, 3),
                )
                field.set_auto_maskandscale(False)
                field.scale_factor = source.scale
                field[:] = np.full((len(source.days), 2, 3) if stepped else (2, 3), value)
    for name in source.broken:
        chunk = struct.pack("<h", dict(source.fields)[name]) * 6
        assert chunk in draft.read_bytes()
        draft.write_bytes(draft.read_bytes().replace(chunk, b"\0\1" + chunk[2:]))
    draft.replace(path)
    return path


def at_days(stored, name: str) -> dict[int, float]:
    return {day: value for (found, day), value in there(stored).items() if found == name and day is not None}


def ranked(folder: Mapping[str, Source]) -> list[tuple[str, Source]]:
    return sorted(folder.items(), key=lambda item: (item[1].run is not None, item[1].run or 0, item[0]))


def expected(folder: Mapping[str, Source]) -> dict[tuple[str, int | None], float]:
    """By variable and day: the value of the file that wins."""
    return {
        (name, day): value * source.scale
        for _, source in ranked(folder)
        for name, value in source.fields
        if name in source.names
        for day in (source.days if name in STEPPED else (None,))
    }


def there(stored) -> dict[tuple[str, int | None], float]:
    """What the store has of each field, as a reader is to see it: uniform fields by one value."""
    found = {}
    for name, layer in layers_of(stored.dataset).items():
        array = stored.arrays[f"data/{name}"]
        for index in range(len(layer.steps)) if layer.has_time else [None]:
            chosen = layer.select(None if index is None else layer.steps.iso(index), None)
            codes = array[chosen.indices]
            assert (codes == codes[0, 0]).all()
            day = None if index is None else (int(layer.steps.times[index]) - FIRST) // DAY
            found[name, day] = float(chosen.packing.unpack(codes)[0, 0])
    return found


def check_nothing_is_left(stored, wanted: Mapping[tuple[str, int | None], float]) -> None:
    """Of what a step does not have, other software sees no values either."""
    for time, slot, *_ in stored.dataset.steps.rows.tolist():
        for name in STEPPED:
            if f"data/{name}" in stored.arrays and (name, (time - FIRST) // DAY) not in wanted:
                array = stored.arrays[f"data/{name}"]
                assert slot >= len(array) or (array[slot] == FILL).all(), (name, time)


VALUES = st.integers(1, 50)
SOURCES = st.builds(
    Source,
    days=st.lists(st.integers(0, 3), max_size=3, unique=True).map(lambda days: tuple(sorted(days))),
    fields=st.dictionaries(st.sampled_from(STEPPED + FIXED), VALUES, min_size=1, max_size=4).map(
        lambda fields: tuple(sorted(fields.items()))
    ),
    run=st.none() | st.integers(0, 2),
    scale=st.sampled_from([1.0, 0.5]),
).filter(lambda source: source.names and bool(source.days) == any(name in STEPPED for name, _ in source.fields))
FOLDERS = st.dictionaries(st.sampled_from(["a.nc", "b.nc", "c.nc", "d.nc"]), SOURCES, min_size=1, max_size=4)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(folders=st.lists(FOLDERS, min_size=2, max_size=3), cuts=st.lists(st.integers(0, 4), min_size=3, max_size=3))
def test_whatever_comes_changes_or_goes_the_winner_is_stored(tmp_path, look, folders, cuts):
    for made in tmp_path.iterdir():
        shutil.rmtree(made)
    folder = tmp_path / "source"
    folder.mkdir()
    location = Location.parse(str(tmp_path / "store"))
    last: dict[str, Source] = {}
    for sources, cut in zip(folders, cuts, strict=False):
        for name in last.keys() - sources.keys():
            (folder / name).unlink()
        for name, source in sources.items():
            if last.get(name) != source:
                write(folder / name, source)
        with contextlib.suppress(CutShortError):
            run(location, folder, cut)
        summary = run(location, folder)
        assert summary.refused == ()
        wanted = expected(sources)
        stored = look(location)
        assert there(stored) == wanted
        check_nothing_is_left(stored, wanted)
        assert stored.dataset.title == ranked(sources)[-1][0]
        again = run(location, folder)
        assert (again.bytes_read, again.version) == (0, summary.version)
        last = sources
    check_like_a_first_ingest(stored, look, Location.parse(str(tmp_path / "clean")), folder)


def check_like_a_first_ingest(stored, look, location: Location, folder: Path) -> None:
    run(location, folder)
    clean, grown = look(location).dataset, stored.dataset
    assert clean.description.variables.keys() == grown.description.variables.keys()
    assert (clean.description.time, clean.description.grids) == (grown.description.time, grown.description.grids)
    np.testing.assert_array_equal(clean.steps.times, grown.steps.times)
    np.testing.assert_array_equal(clean.steps.rows[:, 2], grown.steps.rows[:, 2], "revisions")
    assert clean.statistics == grown.statistics


class CutShortError(Exception):
    """The ingest ends here."""


def run(location: Location, folder: Path, cut: int | None = None) -> Summary:
    """Ingest a folder; `cut` ends it before so many files are read, as a kill does."""
    left = iter(range(99 if cut is None else cut))

    def report(progress: Progress) -> None:
        if next(left, None) is None:
            raise CutShortError

    return ingest(location, "d", sorted(folder.iterdir()), crew=Processes(0), report=report)


@pytest.fixture
def folder(tmp_path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    return path


def test_only_the_file_that_changed_is_read(location, folder, stored):
    write(folder / "so.nc", Source(days=(0,), fields=(("so", 1),)))
    write(folder / "thetao.nc", Source(days=(0,), fields=(("thetao", 2),)))
    run(location, folder)
    changed = write(folder / "so.nc", Source(days=(0,), fields=(("so", 3),)))
    # Once to look at it, once to read it.
    assert run(location, folder).bytes_read == 2 * changed.stat().st_size
    assert there(stored()) == {("so", 0): 3.0, ("thetao", 0): 2.0}


def test_the_variables_of_a_file_without_time_stand_beside_the_steps_of_others(location, folder, stored):
    write(folder / "bathymetry.nc", Source(fields=(("deptho", 40),)))
    run(location, folder)
    assert there(stored()) == {("deptho", None): 40.0}
    write(folder / "day.nc", Source(days=(0, 1), fields=(("so", 1),), scale=0.5))
    run(location, folder)
    assert there(stored()) == {("deptho", None): 40.0, ("so", 0): 0.5, ("so", 1): 0.5}
    (folder / "day.nc").unlink()
    run(location, folder)
    assert there(stored()) == {("deptho", None): 40.0}


def test_a_later_run_wins_whatever_its_name_and_gives_back_what_it_took(location, folder, stored):
    write(folder / "b.nc", Source(days=(0, 1, 2), fields=(("so", 1),), run=0))
    later = write(folder / "a.nc", Source(days=(1, 2, 3), fields=(("so", 2),), run=1))
    run(location, folder)
    assert at_days(stored(), "so") == {0: 1, 1: 2, 2: 2, 3: 2}
    later.unlink()
    run(location, folder)
    assert at_days(stored(), "so") == {0: 1, 1: 1, 2: 1}


def test_a_variable_that_cannot_be_read_is_left_out_of_its_file_alone(location, folder, stored):
    fields = (("so", 11), ("thetao", 12))
    for day in range(3):
        write(folder / f"{day}.nc", Source(days=(day,), fields=fields, broken=("so",) if day == 1 else ()))
    summary = run(location, folder)
    assert [left_out[:2] for left_out in summary.left_out] == [("1.nc", "so")]
    assert "so cannot be read" in summary.left_out[0][2]
    assert (at_days(stored(), "so"), at_days(stored(), "thetao")) == ({0: 11, 2: 11}, {0: 12, 1: 12, 2: 12})
    again = run(location, folder)
    assert (again.left_out, again.bytes_read, again.refused) == (summary.left_out, 0, ())
    write(folder / "1.nc", Source(days=(1,), fields=fields))
    assert run(location, folder).left_out == ()
    assert at_days(stored(), "so") == {0: 11, 1: 11, 2: 11}


def test_a_damaged_file_takes_nothing_away_that_the_one_before_it_gave(location, folder, stored):
    write(folder / "a.nc", Source(days=(0,), fields=(("so", 1), ("thetao", 2))))
    run(location, folder)
    write(folder / "a.nc", Source(days=(0,), fields=(("so", 13), ("thetao", 14)), broken=("so",)))
    for _ in range(2):
        summary = run(location, folder)
        assert (summary.kept, summary.left_out) == (("a.nc",), ())
        assert "so cannot be read" in summary.refused[0][1]
        assert there(stored()) == {("so", 0): 1.0, ("thetao", 0): 2.0}


def test_a_file_of_which_no_field_can_be_read_is_refused(location, folder):
    write(folder / "a.nc", Source(days=(0,), fields=(("so", 11), ("thetao", 12)), broken=("so", "thetao")))
    summary = run(location, folder)
    assert (summary.added, summary.left_out, len(summary.refused)) == ((), (), 1)


def test_what_has_no_time_stays_until_another_file_can_give_it(location, folder, stored):
    write(folder / "a.nc", Source(days=(0,), fields=(("mask", 11), ("so", 1))))
    write(folder / "b.nc", Source(days=(1,), fields=(("mask", 12), ("so", 2))))
    run(location, folder)
    (folder / "b.nc").unlink()
    whole = (folder / "a.nc").read_bytes()
    at = (folder / "a.nc").stat().st_mtime_ns
    (folder / "a.nc").write_bytes(b"\0" * len(whole))
    os.utime(folder / "a.nc", ns=(at, at))
    for _ in range(2):
        summary = run(location, folder)
        assert "what has no time stays that of b.nc" in summary.refused[0][1]
        assert there(stored()) == {("mask", None): 12.0, ("so", 0): 1.0}
    (folder / "a.nc").write_bytes(whole)
    os.utime(folder / "a.nc", ns=(at, at))
    assert run(location, folder).refused == ()
    assert there(stored()) == {("mask", None): 11.0, ("so", 0): 1.0}


def test_a_file_that_comes_back_as_it_was_gives_its_steps_again(location, folder, stored):
    write(folder / "a.nc", Source(days=(0,), fields=(("mask", 11), ("so", 1))))
    gone = write(folder / "b.nc", Source(days=(1,), fields=(("mask", 12), ("so", 2))))
    run(location, folder)
    (folder / "a.nc").write_bytes(b"damaged: what has no time stays that of b.nc")
    gone.rename(folder.parent / "b.nc")
    versions = {run(location, folder).version for _ in range(2)}
    assert len(versions) == 1
    assert there(stored()) == {("mask", None): 12.0, ("so", 0): 1.0}
    (folder.parent / "b.nc").rename(gone)
    run(location, folder)
    assert there(stored()) == {("mask", None): 12.0, ("so", 0): 1.0, ("so", 1): 2.0}


def test_of_what_a_step_does_not_have_other_software_sees_nothing(location, folder, stored):
    write(folder / "a.nc", Source(days=(0,), fields=(("so", 1), ("thetao", 2))))
    write(folder / "b.nc", Source(days=(1,), fields=(("so", 1), ("thetao", 2))))
    run(location, folder)
    (folder / "a.nc").unlink()
    write(folder / "c.nc", Source(days=(2,), fields=(("so", 3),)))
    run(location, folder)
    slot = stored().dataset.steps[1].slot
    assert (slot, stored().arrays["data/so"][slot].max(), stored().arrays["data/thetao"][slot].max()) == (0, 3, FILL)


def test_a_variable_that_no_file_holds_any_more_leaves_nothing_and_may_come_back_as_another_type(
    location, folder, stored
):
    write(folder / "a.nc", Source(days=(0,), fields=(("so", 1), ("thetao", 2))))
    run(location, folder)
    write(folder / "a.nc", Source(days=(0,), fields=(("thetao", 2),)))
    run(location, folder)
    assert "so" not in stored().dataset.description.variables
    assert not [name for name in stored().arrays if name.endswith("/so")]
    write(folder / "b.nc", Source(days=(1,), fields=(("so", 1),), kind="f4"))
    assert run(location, folder).refused == ()
    assert there(stored()) == {("thetao", 0): 2.0, ("so", 1): 1.0}


def test_packings_that_no_file_uses_any_more_are_dropped(location, folder, stored):
    for day in range(4):
        write(folder / "a.nc", Source(days=(day,), fields=(("so", 1),), scale=1.0 + day))
        run(location, folder)
    assert len(stored().dataset.packings) == 1
    assert there(stored()) == {("so", 3): 4.0}


def test_a_corrupt_chunk_leaves_out_its_variable(real_data, location, take, stored):
    summary = take(real_data("bad/derived_corrupt_chunk_nc4.nc"))
    assert [left_out[1] for left_out in summary.left_out] == ["adt"]
    assert "sla" in layers_of(stored().dataset)
    assert "adt" not in layers_of(stored().dataset)
