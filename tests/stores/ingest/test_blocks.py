"""The copy that is cut for series: its values are netCDF4's whatever happens to the steps, and few chunks are read."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from core.series import SLOTS
from gateway.sampling import Sampler
from gateway.series import CellSeries, cell_series
from gateway.workers import Workers
from stores.cache import ChunkCache
from stores.ingest.blocks import Blocks
from stores.ingest.crew import Processes
from stores.ingest.ledger import LostChunkError, Written
from stores.ingest.run import ingest
from stores.repository import StoredDataset
from stores.writer import Writer

CELL = (2, 3)


class Counting:
    """A reader that counts."""

    def __init__(self, reader) -> None:
        self._reader, self.read_from = reader, []

    @property
    def version(self) -> str:
        return self._reader.version

    async def read(self, array, chunk):
        self.read_from.append(array)
        return await self._reader.read(array, chunk)


async def read_series(location, variable: str, cell: tuple[int, int]) -> tuple[CellSeries, np.ndarray, list[str]]:
    dataset, reader = await StoredDataset(location, "d").open()
    counting = Counting(reader)
    sampler = Sampler(dataset="d", reader=counting, cache=ChunkCache(2**26), workers=Workers(1), geometry={})
    rows = dataset.steps.rows
    rows = rows[[variable in dataset.packings[packing] for packing in rows[:, 3]]]
    found = await cell_series(sampler, dataset.description.variables[variable], rows, cell)
    return found, rows[:, 0], counting.read_from


def series_of(location, variable: str = "t", cell: tuple[int, int] = CELL):
    return asyncio.run(read_series(location, variable, cell))


def in_files(files: Sequence[Path], variable: str = "t", cell: tuple[int, int] = CELL) -> dict[float, np.ndarray]:
    """Return what netCDF4 reads, by milliseconds; later files win."""
    found = {}
    for path in files:
        with netCDF4.Dataset(path) as file:
            file.set_auto_maskandscale(False)
            days = file["time"][:]
            values = file[variable][..., cell[0], cell[1]]
        for day, value in zip(days, values, strict=True):
            found[1577836800000 + round(day * 86400000)] = value
    return found


def check(location, files: Sequence[Path], variable: str = "t", cell: tuple[int, int] = CELL) -> list[str]:
    found, times, read_from = series_of(location, variable, cell)
    expected = in_files(files, variable, cell)
    assert times.tolist() == sorted(expected)
    assert found.written.all()
    np.testing.assert_array_equal(found.codes, np.stack([expected[time] for time in sorted(expected)]))
    return read_from


def test_fewer_steps_than_a_block_have_no_copy(make, take, stored, location):
    path = make("a.nc", range(SLOTS - 1))
    take(path)
    assert not [name for name in stored().arrays if "series" in name]
    assert stored().dataset.description.variables["t"].series == ()
    assert check(location, [path]) == ["data/t"] * (SLOTS - 1)


def test_closed_blocks_are_read_and_the_open_tail_comes_from_the_maps(make, take, stored, location):
    files = [make(f"{number}.nc", range(50 * number, 50 * number + 50), number) for number in range(3)]
    take(*files)
    read_from = check(location, files)
    assert read_from == ["meta/series", "series/t", "series/t", *["data/t"] * 22]
    arrays = stored().arrays
    rows = stored().dataset.steps.rows
    np.testing.assert_array_equal(arrays["series/t"], arrays["data/t"][: 2 * SLOTS])
    np.testing.assert_array_equal(arrays["meta/series"].reshape(-1), rows[: 2 * SLOTS, 2])


def test_a_replaced_step_is_read_from_the_maps_and_a_block_half_replaced_is_written_anew(make, take, location):
    files = [make(f"{number}.nc", range(16 * number, 16 * number + 16), number) for number in range(4)]
    take(*files)
    assert check(location, files) == ["meta/series", "series/t"]
    make("1.nc", range(16, 32), 50)
    take(*files)
    assert check(location, files) == ["meta/series", "series/t", *["data/t"] * 16]
    make("3.nc", range(48, 64), 70)
    take(*files)
    assert check(location, files) == ["meta/series", "series/t"]


def test_a_variable_that_goes_takes_its_copy_with_it_and_is_read_rightly_once_it_is_back(make, take, stored, location):
    files = [make(f"{number}.nc", range(32 * number, 32 * number + 32), number) for number in range(4)]
    others = [make("4.nc", range(20), 4), make("5.nc", range(64, 84), 5)]
    for path in others:
        with netCDF4.Dataset(path, "a") as file:
            file.renameVariable("t", "u")
    take(*files, *others)
    # With half of its steps replaced a block is written anew, and has what has come meanwhile.
    make("1.nc", range(32, 64), 6)
    make("3.nc", range(96, 128), 7)
    take(*files, *others)
    assert check(location, others, "u") == ["meta/series", "series/u", "series/u"]
    take(*files)
    assert not [name for name in stored().arrays if name.endswith("/u")]
    # The second block is written anew then, and the first is recorded as it was.
    make("3.nc", range(96, 128), 8)
    take(*files, *others)
    assert check(location, others, "u") == ["meta/series", "series/u", "series/u", *["data/u"] * 20]
    check(location, files)


def test_withdrawn_steps_go_and_their_slots_are_read_rightly_once_they_are_reused(make, take, location):
    files = [make(f"{number}.nc", range(16 * number, 16 * number + 16), number) for number in range(4)]
    take(*files)
    take(*files[1:])
    assert check(location, files[1:]) == ["meta/series", "series/t"]
    files = [*files[1:], make("9.nc", range(200, 216), 9)]
    take(*files)
    assert check(location, files) == ["meta/series", "series/t", *["data/t"] * 16]
    for number in range(10, 14):
        files = [*files[1:], make(f"{number}.nc", range(20 * number + 100, 20 * number + 116), number)]
        take(*files)
        check(location, files)


def test_one_step_after_the_other_gives_the_same_copy_as_all_at_once(make, take, stored, location):
    path = make("a.nc", range(SLOTS + 3), 5)
    take(path)
    first = stored().arrays["series/t"]
    daily = [make(f"{day:03d}.nc", [day], 5) for day in range(SLOTS + 3)]
    other = type(location).parse(str(location.folder.parent / "daily"))
    for end in (40, SLOTS - 1, SLOTS, SLOTS + 3):
        ingest(other, "d", daily[:end], crew=Processes(0), report=lambda _: None)
    assert check(other, daily).count("series/t") == 1
    dataset = asyncio.run(StoredDataset(other, "d").open())[0]
    assert dataset.description.variables["t"].series == (SLOTS, 4, 5)
    np.testing.assert_array_equal(first, stored().arrays["series/t"])


def test_a_store_from_before_gets_its_blocks_when_nothing_else_is_new(make, take, location, monkeypatch):
    path = make("a.nc", range(SLOTS))
    with monkeypatch.context() as before:
        before.setattr(Blocks, "renewed", lambda _, state, again: (state, ""))
        take(path)
    assert check(location, [path]) == ["data/t"] * SLOTS
    assert take(path).kept == ("a.nc",)
    assert check(location, [path]) == ["meta/series", "series/t"]


def test_an_ingest_that_is_ended_while_it_writes_a_block_goes_on_from_there(make, take, location, monkeypatch):
    files = [make(f"{number}.nc", range(SLOTS * number, SLOTS * number + SLOTS), number) for number in range(3)]
    commit = Writer.commit

    def ended(writer: Writer, message: str) -> str:
        if message == "series, block 1":
            raise KeyboardInterrupt
        return commit(writer, message)

    with monkeypatch.context() as cut:
        cut.setattr(Writer, "commit", ended)
        with pytest.raises(KeyboardInterrupt):
            take(*files)
    commits = watched(monkeypatch)
    take(*files)
    assert [message for message in commits if "series" in message] == ["series, block 1", "series, block 2"]
    assert check(location, files) == ["meta/series", *["series/t"] * 3]


def watched(monkeypatch) -> list[str]:
    """Return the messages of all commits from now on."""
    commits, commit = [], Writer.commit
    monkeypatch.setattr(Writer, "commit", lambda writer, message: commits.append(message) or commit(writer, message))
    return commits


def test_a_damaged_chunk_of_the_maps_is_named_and_all_else_is_published(tmp_path, take, location):
    files = [write_deep(tmp_path / f"{number}.nc", range(22 * number, 22 * number + 22)) for number in range(3)]
    take(*files[:2])
    damage(location)
    for _ in range(2):
        summary = take(*files)
        ((name, reason),) = summary.refused
        assert name == "copy for series"
        assert re.fullmatch(r"chunk \(.*\) of data/(thetao|w) is damaged: the checksum does not match", reason)
        assert summary.steps == SLOTS + 2
        assert asyncio.run(StoredDataset(location, "d").open())[0].description.variables["w"].series == ()


def damage(location) -> None:
    """Flip a bit in one chunk of noise."""
    chunks = (path for path in (location.folder / "d" / "chunks").iterdir() if path.stat().st_size > 20_000)
    chunk = min(chunks, key=lambda path: path.stat().st_mtime_ns)
    content = bytearray(chunk.read_bytes())
    content[-20] ^= 4
    chunk.write_bytes(content)


def test_a_block_that_the_store_does_not_give_back_is_dropped_and_written_anew(make, take, location, monkeypatch):
    path = make("a.nc", range(SLOTS))
    check_written = Written.check

    def lossy(written: Written, place, dataset_id: str, version: str) -> None:
        if any(key.startswith("series/") for key in written._digests):
            written._digests = dict.fromkeys(written._digests, b"other")
        check_written(written, place, dataset_id, version)

    with monkeypatch.context() as lost:
        lost.setattr(Written, "check", lossy)
        with pytest.raises(LostChunkError, match=r"series/t/c/0/0/0 of .* is not what was written"):
            take(path)
    commits = watched(monkeypatch)
    take(path)
    assert "series, block 0" in commits
    assert check(location, [path]) == ["meta/series", "series/t"]


@pytest.mark.parametrize("cell", [(0, 0), (99, 149), (63, 64)])
def test_levels_and_several_fields_of_other_types_are_all_copied(tmp_path, take, stored, location, cell):
    path = write_deep(tmp_path / "deep.nc", range(SLOTS + 2))
    take(path)
    assert check(location, [path], "w", cell).count("series/w") == 1
    read_from = check(location, [path], "thetao", cell)
    assert read_from.count("data/thetao") == 2 * 3
    assert read_from.count("series/thetao") == 1
    arrays = stored().arrays
    for name in ("thetao", "w"):
        np.testing.assert_array_equal(arrays[f"series/{name}"], arrays[f"data/{name}"][:SLOTS])
        assert arrays[f"series/{name}"].dtype == arrays[f"data/{name}"].dtype


def write_deep(path: Path, days: range) -> Path:
    """Write a packed field on three levels, and a float one on a plane, both of noise."""
    noise = np.random.default_rng(days.start)
    with netCDF4.Dataset(path, "w") as file:
        file.set_auto_maskandscale(False)
        units = {"time": "days since 2020-01-01", "depth": "m", "lat": "degrees_north", "lon": "degrees_east"}
        for (name, unit), size in zip(units.items(), (len(days), 3, 100, 150), strict=True):
            file.createDimension(name, size)
            axis = file.createVariable(name, "f8", (name,))
            axis.units = unit
            axis[:] = days if name == "time" else np.arange(size) / 2
        packed = file.createVariable("thetao", "i2", tuple(units), fill_value=-999)
        packed.set_auto_maskandscale(False)
        packed.scale_factor = np.float32(0.01)
        packed[:] = noise.integers(-999, 999, packed.shape)
        plain = file.createVariable("w", "f4", ("time", "lat", "lon"))
        plain[:] = noise.standard_normal(plain.shape, dtype=np.float32)
    return path


def test_ten_years_of_one_cell_are_read_from_few_chunks(location, make, take):
    path = make("a.nc", range(3650), nx=2)
    take(path)
    assert len(check(location, [path], cell=(1, 1))) <= 60 + SLOTS
