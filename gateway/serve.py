"""Runs a unit: one process, or several on one port, supervised."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final

import uvloop
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.app import make_app
from gateway.config.file import Config
from gateway.faults import ConfigError
from gateway.faults import PortTakenError as PortTakenError  # noqa: PLC0414 -- part of what callers need
from gateway.http.wire import UnitRunner
from gateway.keys import DRAINING, UNIT
from gateway.processes import supervise

_BACKLOG = 1024
_RELOAD: Final = frozenset({signal.SIGHUP})
_DRAIN = 20.0
"""Seconds that requests in flight are given at the end."""


def serve(config: Config, *, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight; SIGHUP reads the rules anew.

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
        # Without a file there is nothing to read anew, and SIGHUP is a terminal that was closed.
        passed_on = _RELOAD if config.file is not None else frozenset()
        arguments = (config, host, port)
        supervise(config.unit.workers, _run_one, arguments, ready=lambda: ready(address), passed_on=passed_on)


def run(config: Config, host: str, port: int, ready: Callable[[], None] | None = None) -> None:
    """Serve in this process alone."""
    uvloop.run(_run(config, host, port, ready))


def _run_one(config: Config, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve in one of several processes; one that cannot begin by the rules as they are now does not begin."""
    try:
        run(config, host, port, ready)
    except ConfigError as error:
        logging.getLogger(__name__).critical("a process cannot begin: %s", error)
        sys.exit(1)


async def _run(config: Config, host: str, port: int, ready: Callable[[], None] | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = make_runner(config)
    if config.file is not None:
        loop.add_signal_handler(signal.SIGHUP, runner.app[UNIT].rules.ask)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _RELOAD)
    await runner.setup()
    shared = config.unit.workers > 1
    await web.TCPSite(runner, host, port, backlog=_BACKLOG, reuse_port=shared).start()
    if ready is not None:
        ready()
    await stop.wait()
    # Whoever shares out the requests is told before connections are refused.
    runner.app[DRAINING].set()
    await asyncio.sleep(config.unit.drain_seconds)
    await runner.cleanup()


def make_runner(config: Config) -> web.AppRunner:
    """Return what serves a unit, before it listens anywhere."""
    log = logging.getLogger(__name__)
    log.addFilter(_ours)
    return UnitRunner(
        make_app(config),
        # The access log is ours; two lines for one request help nobody.
        access_log=None,
        logger=log,
        shutdown_timeout=_DRAIN,
        keepalive_timeout=config.limits.client_timeout,
    )


def _ours(record: logging.LogRecord) -> bool:
    """Keep out of the log what is no HTTP: its sender is told, and anybody could fill the disk with it."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError | web.RequestPayloadError))


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
