"""A unit that is served beside the test."""

import threading
from contextlib import contextmanager

import uvloop
from aiohttp import web

from gateway.config.file import load
from gateway.serve import make_runner


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
