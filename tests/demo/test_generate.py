"""The files: what is in them, and what an interruption leaves."""

from dataclasses import replace
from datetime import UTC, datetime

import netCDF4
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import files
from demo.generate import generate
from demo.products import CHLOROPHYLL, DEPTHS, ICE, PHYSICS

STEP = 2.0


def ignore(name, part):
    pass


@pytest.fixture
def opened(generated):
    found = [netCDF4.Dataset(path) for path in generated]
    yield found
    for file in found:
        file.close()


def raw(path):
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        return {name: variable[:].tobytes() for name, variable in file.variables.items()}


def test_there_is_a_file_for_every_day_of_every_product(generated):
    names = [path.name for path in generated]
    assert [name for name in names if "physics" in name][0::6] == [
        "demo-physics-20260228.nc",
        "demo-physics-20260306.nc",
    ]
    assert [sum(product.name in name for name in names) for product in (PHYSICS, ICE, CHLOROPHYLL)] == [7, 7, 3]
    assert all(path.parent.name in path.name for path in generated)


def test_the_same_day_gives_the_same_data_whatever_today_is(generated, today, tmp_path):
    later = generate(tmp_path, today=today.replace(day=8), report=ignore, step=STEP)
    shared = {path.name: path for path in generated}.keys() & {path.name for path in later}
    assert len(shared) == 4
    for path in later:
        if path.name in shared:
            assert raw(path) == raw(next(old for old in generated if old.name == path.name))


def test_every_file_says_what_it_is(opened):
    for file in opened:
        assert file.Conventions.startswith("CF-1.11")
        assert file.institution == "Halocline demonstration"
        for name in ("title", "source", "history", "comment", "references", "summary"):
            assert getattr(file, name)
        assert "ynthetic" in file.comment
        assert file["time"].units == "hours since 1950-01-01 00:00:00"
        assert (file["latitude"].units, file["latitude"].axis) == ("degrees_north", "Y")
        assert (file["longitude"].units, file["longitude"].axis) == ("degrees_east", "X")
        for variable in file.variables.values():
            if variable.ndim > 2:
                for name in ("standard_name", "long_name", "units", "cell_methods", "valid_min", "valid_max"):
                    assert getattr(variable, name) not in (None, "")
                assert variable.valid_min.dtype == variable.valid_max.dtype == variable.dtype


def test_values_lie_within_the_valid_range_and_are_not_all_missing(opened):
    for file in opened:
        for variable in file.variables.values():
            if variable.ndim > 2:
                variable.set_auto_maskandscale(False)
                stored = variable[:]
                missing = np.isnan(stored) if stored.dtype.kind == "f" else stored == variable._FillValue
                assert 0.2 < missing.mean() < 0.8
                assert stored[~missing].min() >= variable.valid_min
                assert stored[~missing].max() <= variable.valid_max


def test_time_is_the_noon_of_a_day_with_its_bounds(opened, today):
    file = opened[3]
    noon = netCDF4.num2date(file["time"][0], file["time"].units, file["time"].calendar)
    assert (noon.year, noon.month, noon.day, noon.hour) == (today.year, today.month, today.day, 12)
    assert file["time"].bounds == "time_bnds"
    assert np.diff(file["time_bnds"][0]) == 24
    assert datetime.fromisoformat(file.time_coverage_start) == datetime(2026, 3, 3, tzinfo=UTC)


def test_depth_is_positive_down(opened):
    assert (opened[0]["depth"].positive, opened[0]["depth"].axis, opened[0]["depth"].units) == ("down", "Z", "m")
    np.testing.assert_allclose(opened[0]["depth"][:], DEPTHS, rtol=1e-6)


@given(part=st.lists(st.floats(0, 1), min_size=1, max_size=50), which=st.integers(0, 6))
def test_packing_keeps_values_within_half_a_unit(part, which):
    variable = (*PHYSICS.variables, *ICE.variables)[which]
    low = max(variable.low, variable.offset - 32766 * variable.scale)
    high = min(variable.high, variable.offset + 32767 * variable.scale)
    values = (low + np.array(part) * (high - low)).astype(np.float32)
    stored = files.packed(values, variable)
    assert stored.dtype == np.int16
    assert (stored != files.FILL).all()
    back = stored * variable.scale + variable.offset
    # float32 itself is a few millionths wrong at 40.
    np.testing.assert_allclose(back, values, atol=0.5 * variable.scale + 8e-6, rtol=0)


def test_missing_values_pack_to_the_fill_value():
    assert files.packed(np.array([np.nan, 0.0]), PHYSICS.variables[-1]).tolist() == [files.FILL, 0]


def test_floats_keep_the_bits_asked_for():
    values = np.array([0.01, 0.123456, 29.9, np.nan], dtype=np.float32)
    kept = files.packed(values, CHLOROPHYLL.variables[0])
    np.testing.assert_allclose(kept, values, rtol=2.0**-12)
    assert (kept.view(np.uint32)[:3] & 0xFFF == 0).all()


def test_the_files_hold_what_the_ocean_is(opened, day):
    temperature = next(day.fields(PHYSICS)["thetao"])
    stored = opened[3]["thetao"][0, 0]
    assert (np.ma.getmaskarray(stored) == np.isnan(temperature)).all()
    np.testing.assert_allclose(stored.compressed(), temperature[~np.isnan(temperature)], atol=0.00051)


class Stopped(Exception):  # noqa: N818 -- what an interruption looks like from inside
    pass


def test_an_interruption_leaves_no_half_file_and_the_next_call_resumes(tmp_path, today, generated):
    def stop(name, part):
        if part > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        generate(tmp_path, today=today, report=stop, step=STEP)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*") if path.is_file()}
    assert before
    assert all(path.suffix == ".nc" for path in before)
    said = []
    paths = generate(tmp_path, today=today, report=lambda name, part: said.append((name, part)), step=STEP)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert [path.name for path in paths] == [path.name for path in generated]
    assert raw(paths[6]) == raw(generated[6])
    assert [part for _, part in said] == sorted(part for _, part in said)
    assert said[-1][1] == 1.0


def test_a_failure_amid_a_file_leaves_nothing_of_it(tmp_path, day, world):
    def broken():
        yield np.zeros(world.grid.shape, dtype=np.float32)
        raise Stopped

    fields = dict(day.fields(PHYSICS)) | {"so": broken()}
    with pytest.raises(Stopped):
        files.write(tmp_path / "physics" / "a.nc", PHYSICS, world.grid, day.date, fields)
    assert list((tmp_path / "physics").iterdir()) == []


def test_what_a_killed_run_left_behind_is_replaced(tmp_path, day, world):
    (tmp_path / "a.nc.part").write_bytes(b"rubbish")
    files.write(tmp_path / "a.nc", ICE, world.grid, day.date, day.fields(ICE))
    assert [path.name for path in tmp_path.iterdir()] == ["a.nc"]


def test_nothing_is_computed_when_nothing_is_missing(generated, today):
    said = []
    again = generate(generated[0].parents[1], today=today, report=lambda name, part: said.append(part), step=STEP)
    assert again == generated
    assert said == [1.0]


def test_a_variable_that_is_not_packed_is_float32():
    assert files.packed(np.zeros(3), replace(PHYSICS.variables[0], scale=None)).dtype == np.float32
