"""Files of netCDF-4 are made once, in a process, within their room, and nothing is left of what was given up."""

import asyncio
import multiprocessing
import os
from contextlib import suppress

import netCDF4
import numpy as np
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
    assert (made.st_size, found[0].etag) == (found[0].size, extraction.etag)
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
    assert not folder.joinpath(f"{extraction.etag.strip(chr(34))}.nc").exists()


async def fails_well(downloads, extraction, folder):
    """A file that cannot be written is an error that says so, and the next one is made all the same."""
    part = folder / f"{extraction.etag.strip(chr(34))}.{os.getpid()}.part"
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


def make(spool, tag, size):
    with spool.making(tag, size) as part:
        part.write_bytes(b"x" * size)
    return spool.find(tag)


def test_the_oldest_files_make_room_but_for_those_in_use(tmp_path):
    spool = Spool(tmp_path, most=100, seconds=3600)
    first, second = make(spool, '"a"', 40), make(spool, '"b"', 40)
    with spool.keeping(first):
        make(spool, '"c"', 40)
    assert spool.find('"a"') == first
    assert spool.find('"b"') is None, second
    with spool.making('"d"', 20) as part:
        part.write_bytes(b"")
        with pytest.raises(Problem, match="ask again") as refused, spool.making('"e"', 90):
            pass
    assert refused.value.kind == "busy"
    with pytest.raises(Problem, match="ask for less") as refused, spool.making('"f"', 101):
        pass
    assert refused.value.kind == "too_large"


def test_files_that_nobody_asked_for_lately_go_when_others_come(tmp_path):
    spool = Spool(tmp_path, most=100, seconds=0)
    make(spool, '"a"', 10)
    make(spool, '"b"', 10)
    assert [path.name for path in tmp_path.iterdir()] == ["b.nc"]


def test_what_a_dead_process_began_is_removed(tmp_path):
    dead = tmp_path / "a.4194304.part"
    dead.write_bytes(b"x" * 90)
    make(Spool(tmp_path, most=100, seconds=60), '"b"', 50)
    assert not dead.exists()


def test_what_a_process_of_the_same_number_began_before_a_restart_is_removed(tmp_path):
    left, here = tmp_path / f"a.{os.getpid()}.part", Spool(tmp_path, most=100, seconds=60)
    left.write_bytes(b"x" * 90)
    with here.making('"b"', 60) as part:
        part.write_bytes(b"x")
        make(here, '"c"', 40)
        assert part.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.nc", "c.nc"]


def test_nothing_is_left_of_a_file_that_was_not_finished(tmp_path):
    spool = Spool(tmp_path, most=100, seconds=60)
    making = spool.making('"a"', 10)
    making.__enter__().write_bytes(b"x")
    error = OSError("full")
    assert not making.__exit__(OSError, error, None)
    assert not [*tmp_path.iterdir()]
    assert np.isclose(sum(spool._reserved.values()), 0)
