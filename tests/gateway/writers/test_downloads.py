"""Files of netCDF-4 are made once, in a process, within their room, and nothing is left of what was given up."""

import asyncio
import multiprocessing
import os
from contextlib import suppress

import netCDF4
import pytest

from core.problem import Problem
from core.selection.asked import Subset
from gateway.config.downloads import DownloadsConfig
from gateway.extract import Wanted, prepare
from gateway.writers.downloads import Downloads
from gateway.writers.spool import Spool
from tests.gateway.writers.conftest import SMALL, unanswered
from tests.gateway.writers.cutting import REQUEST

NC4 = Wanted(format="netcdf4", request=REQUEST)


async def test_a_file_is_whole_and_made_once_for_all_who_ask(sea, downloads, sea_file):
    extraction = await prepare(sea, Subset(), NC4)
    found = await asyncio.gather(*(downloads.netcdf4(extraction) for _ in range(5)))
    assert len(set(found)) == 1
    made = found[0].path.stat()
    assert made.st_size == found[0].size
    assert downloads.found(extraction, ".nc4") == found[0]
    with netCDF4.Dataset(found[0].path) as ours, netCDF4.Dataset(sea_file) as source:
        for file in (ours, source):
            file.set_auto_maskandscale(False)
        for name, variable in source.variables.items():
            assert ours[name][:].tobytes() == variable[:].tobytes()
        assert ours["thetao"].filters()["zlib"]
    assert (await downloads.netcdf4(extraction)).path.stat().st_ino == made.st_ino

    first = found[0].path.read_bytes()
    found[0].path.unlink()
    assert (await downloads.netcdf4(extraction)).path.read_bytes() == first, "equal tags are equal bytes"

    classic = await prepare(sea, Subset(place=SMALL), Wanted(format="netcdf4-classic", request=REQUEST))
    with netCDF4.Dataset((await downloads.netcdf4(classic)).path) as file:
        assert (file.data_model, file["thetao"].shape) == ("NETCDF4_CLASSIC", (3, 2, 5, 10))

    await is_replaced(downloads, await prepare(sea, Subset(stride=4), NC4))
    await gives_up(downloads, await prepare(sea, Subset(stride=2), NC4), found[0].path.parent)
    await fails_well(downloads, await prepare(sea, Subset(stride=3), NC4), found[0].path.parent)


async def is_replaced(downloads, extraction):
    """An idle process that the system ended is not asked to write the next file."""
    for process in multiprocessing.active_children():
        process.kill()
        process.join()
    assert (await downloads.netcdf4(extraction)).size


async def gives_up(downloads, extraction, folder):
    """All who wait go: what was begun is removed; another one who asks then gets a whole file."""
    first, second = (asyncio.create_task(downloads.netcdf4(extraction)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    assert (await second).size, "the other one still waits"
    second.result().path.unlink()
    silent, never = unanswered(extraction)
    only = asyncio.create_task(downloads.netcdf4(silent))
    await never.asked.wait()
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    at_once = await asyncio.wait_for(downloads.netcdf4(extraction), 30)
    assert at_once.path.stat().st_size == at_once.size, "not handed what is being stopped"
    at_once.path.unlink()
    for _ in range(500):
        if not [*folder.glob("*.part")] and not downloads._flights:
            break
        await asyncio.sleep(0.01)
    assert never.waiting == 0
    assert not [*folder.glob("*.part")]
    assert downloads.found(extraction, ".nc4") is None


async def fails_well(downloads, extraction, folder):
    """A file that cannot be written is an error that says so, and the next one is made all the same."""
    size = extraction.estimate.sizes["netcdf4"]
    part = folder / f"{downloads.tag(extraction).strip(chr(34))}.nc4.{size}.{os.getpid()}.part"
    part.mkdir()
    with pytest.raises(OSError, match=r"cannot be written|directory"):
        await downloads.netcdf4(extraction)
    with suppress(FileNotFoundError):
        part.rmdir()
    assert (await downloads.netcdf4(extraction)).size


async def test_too_many_are_refused(sea, tmp_path):
    spool = tmp_path / "spool"
    downloads = Downloads(DownloadsConfig(folder=str(spool), writers=1, queue=0))
    waiting = asyncio.create_task(downloads.netcdf4(await prepare(sea, Subset(), NC4)))
    await asyncio.sleep(0)
    with pytest.raises(Problem, match="waiting already") as refused:
        await downloads.netcdf4(await prepare(sea, Subset(place=SMALL), NC4))
    assert refused.value.kind == "busy"
    waiting.cancel()
    await downloads.close()
    assert not [*spool.glob("*")]


def make(spool, name, size):
    with spool.making(name, size) as made:
        made.path.write_bytes(b"x" * size)
    return spool.find(name)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_oldest_files_make_room_but_for_those_in_use(tmp_path):
    spool = Spool(tmp_path, most=100, seconds=3600)
    first, second = make(spool, "a", 40), make(spool, "b", 40)
    with spool.keeping(first):
        make(spool, "c", 40)
    assert spool.find("a") == first
    assert spool.find("b") is None, second
    with spool.making("d", 20), pytest.raises(Problem, match="ask again") as refused, spool.making("e", 90):
        pass
    assert refused.value.kind == "busy"
    with pytest.raises(Problem, match="ask for less") as refused, spool.making("f", 101):
        pass
    assert refused.value.kind == "too_large"


@pytest.mark.parametrize("process", [1, os.getppid()])
def test_what_another_process_is_making_takes_the_room_that_is_kept_for_it(tmp_path, process):
    spool = Spool(tmp_path, most=100, seconds=3600)
    other = tmp_path / f"a.csv.70.{process}.part"
    other.touch()
    make(spool, "b", 30)
    with pytest.raises(Problem, match="ask again"), spool.making("c", 31):
        pass
    assert names(tmp_path) == [other.name]
    other.write_bytes(b"x" * 90)
    with pytest.raises(Problem, match="ask again"), spool.making("c", 11):
        pass
    other.rename(tmp_path / "a.csv")
    make(spool, "c", 10)
    assert names(tmp_path) == ["a.csv", "c"]


def test_of_two_who_come_at_once_the_second_sees_what_the_first_keeps(tmp_path):
    """Two spools of one folder: what one process knows of itself does not help."""
    one, other = (Spool(tmp_path, most=100, seconds=3600) for _ in range(2))
    with one.making("a", 60) as first:
        process = first.path.with_name(f"a.60.{os.getppid()}.part")
        first.path.rename(process)
        with pytest.raises(Problem, match="ask again"), other.making("b", 60):
            pass
        process.rename(first.path)
    assert names(tmp_path) == ["a"]


def test_a_file_that_turns_out_larger_gets_more_room_or_ends(tmp_path):
    spool = Spool(tmp_path, most=100, seconds=3600)
    make(spool, "old", 50)
    with spool.making("a", 20) as made, made.path.open("wb") as file:
        made.require(20)
        assert [made.path.name, "old"] == names(tmp_path)
        made.require(60)
        assert made.path.name == f"a.75.{os.getpid()}.part"
        assert names(tmp_path) == [made.path.name], "the old one made room"
        file.write(b"x" * 60)
    assert spool.find("a").size == 60
    with spool.keeping(spool.find("a")):
        with pytest.raises(Problem, match="ask again"), spool.making("b", 20) as made:
            made.require(40)
        with pytest.raises(Problem, match="ask for less"), spool.making("b", 20) as made:
            made.require(90)
    assert names(tmp_path) == ["a"]


def test_files_that_nobody_asked_for_lately_go_when_others_come(tmp_path):
    spool = Spool(tmp_path, most=100, seconds=0)
    make(spool, "a", 10)
    make(spool, "b", 10)
    assert names(tmp_path) == ["b"]


def test_what_a_dead_process_began_is_removed(tmp_path):
    dead = tmp_path / "a.90.4194304.part"
    dead.write_bytes(b"x" * 90)
    make(Spool(tmp_path, most=100, seconds=60), "b", 50)
    assert not dead.exists()


def test_what_a_process_of_the_same_number_began_before_a_restart_is_removed(tmp_path):
    left, here = tmp_path / f"a.90.{os.getpid()}.part", Spool(tmp_path, most=100, seconds=60)
    left.write_bytes(b"x" * 90)
    with here.making("b", 60) as made:
        make(here, "c", 40)
        assert made.path.exists()
    assert names(tmp_path) == ["b", "c"]


def test_nothing_is_left_of_a_file_that_was_not_finished(tmp_path):
    spool = Spool(tmp_path, most=100, seconds=60)
    making = spool.making("a", 100)
    making.__enter__().path.write_bytes(b"x")
    error = OSError("full")
    assert not making.__exit__(OSError, error, None)
    assert not names(tmp_path)
    make(spool, "b", 100)
