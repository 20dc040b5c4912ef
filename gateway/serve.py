"""Runs a unit: one process, or several on one port, supervised."""

import asyncio
import contextlib
import multiprocessing
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import uvloop
from aiohttp import web

from gateway.app import make_app
from gateway.config import Config

_BACKLOG = 1024
_DRAIN = 20.0
"""Seconds that requests in flight are given at the end."""
_RESPAWN = 1.0
"""Seconds before a process that died is replaced, so that one that cannot start does not spin."""

_SPAWN = multiprocessing.get_context("spawn")


class PortTakenError(Exception):
    """Somebody else listens at the address; the message says what to do."""


def serve(config: Config, *, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight.

    `ready` is called once with the address.

    Raises:
        PortTakenError: the address cannot be listened at.

    """
    host = config.unit.host
    port = free_port(host, config.unit.port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{'localhost' if shown in ('0.0.0.0', '127.0.0.1') else shown}:{port}/"  # noqa: S104 -- compared
    if config.unit.workers == 1:
        run(config, host, port, lambda: ready(address))
    else:
        _supervise(config, host, port, lambda: ready(address))


def run(config: Config, host: str, port: int, ready: Callable[[], None] | None = None) -> None:
    """Serve in this process alone."""
    uvloop.run(_run(config, host, port, ready))


async def _run(config: Config, host: str, port: int, ready: Callable[[], None] | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # The access log is the accounting's affair; two lines for one request help nobody.
    runner = web.AppRunner(make_app(config), access_log=None, shutdown_timeout=_DRAIN)
    await runner.setup()
    shared = config.unit.workers > 1
    await web.TCPSite(runner, host, port, backlog=_BACKLOG, reuse_port=shared).start()
    if ready is not None:
        ready()
    await stop.wait()
    await runner.cleanup()


def _supervise(config: Config, host: str, port: int, ready: Callable[[], None]) -> None:
    """Keep the configured number of processes alive. They are spawned: an Icechunk reader hangs after a fork."""
    stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        for process in processes:
            if process.is_alive():
                process.terminate()

    processes: list[BaseProcess] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    listening = [_started(config, host, port, processes) for _ in range(config.unit.workers)]
    for receiver in listening:
        with contextlib.suppress(EOFError):
            receiver.recv()
    ready()
    while processes:
        wait([process.sentinel for process in processes])
        dead = [process for process in processes if not process.is_alive()]
        processes[:] = [process for process in processes if process.is_alive()]
        if not stopping:
            time.sleep(_RESPAWN)
            for _ in dead:
                _started(config, host, port, processes)


def _started(config: Config, host: str, port: int, processes: list[BaseProcess]) -> Connection:
    """Start one more process; what is returned can be received from once it listens, or once it has died."""
    receiver, sender = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_worker, args=(config, host, port, sender), name="halocline-worker")
    process.start()
    sender.close()
    processes.append(process)
    return receiver


def _worker(config: Config, host: str, port: int, sender: Connection) -> None:
    run(config, host, port, lambda: sender.send("listening"))


def free_port(host: str, port: int) -> int:
    """Return the port if nobody listens there; 0 chooses one.

    Asked without SO_REUSEPORT, under which a second unit would silently take half of the first one's clients.

    Raises:
        PortTakenError: somebody does.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            cure = "choose another with --port, or stop what listens there"
            raise PortTakenError(f"port {port} on {host} is not free ({error.strerror}): {cure}") from error
        return int(probe.getsockname()[1])
