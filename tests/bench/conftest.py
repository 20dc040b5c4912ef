"""A small ocean in a unit that is asked hard."""

import threading
from contextlib import contextmanager

import numpy as np
import pytest
import uvloop
from aiohttp import web

from bench.ocean import Ocean, write_day
from bench.shelf import written
from bench.standing import changed, configured
from gateway.config.file import load
from gateway.serve import make_runner

SMALL = Ocean(ny=40, nx=80, levels=2, variables=2)


@pytest.fixture(scope="session")
def standing(tmp_path_factory):
    """Return a unit of two days, and of a shelf sea on grids of other kinds, ready to be served."""
    folder = tmp_path_factory.mktemp("standing")
    waves = np.random.default_rng(7).standard_normal((3, SMALL.ny, SMALL.nx), dtype=np.float32)
    files = tuple(folder / f"day{day}.nc" for day in range(2))
    for day, path in enumerate(files):
        write_day(path, day, SMALL, waves)
    found = configured(folder, files, others=written(folder))
    changed(found, unit={"workers": 1}, limits={"client_timeout": 0.5})
    return found


@contextmanager
def serving(standing):
    """Serve a unit in a thread of this process, and yield its port."""
    loop, started, stop = uvloop.new_event_loop(), threading.Event(), threading.Event()
    ports = []

    async def serve():
        runner = make_runner(load(standing.config))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[0][1])
        started.set()
        await loop.run_in_executor(None, stop.wait)
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert started.wait(30)
        yield ports[0]
    finally:
        stop.set()
        thread.join()
        loop.close()


@pytest.fixture(scope="session")
def port(standing):
    """Return the port at which the unit is served."""
    with serving(standing) as found:
        yield found
