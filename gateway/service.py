"""A unit as a service: processes on one port, supervised. What serves is loaded by those processes alone."""

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.config.file import Config, load, state_of
from gateway.faults import ConfigError
from gateway.processes import Link
from gateway.sockets import Place, free_port, places_at, share_among
from gateway.supervisor import Job, Order, supervise

_LOG = logging.getLogger(__name__)
_END: Final = 30.0
"""Seconds, beyond those of `unit.drain_seconds`, after which a process that was told to end is killed."""
_SETTLING: Final = 0.2
"""Seconds that a file has to stay as it is before it is read."""
_LOOKS: Final = 25
"""At a file that is being written, at most: meanwhile nothing else is looked after."""
_FIXED: Final = ("host", "port", "workers")
"""What holds as long as the unit runs."""


def serve(config: Config, *, ready: Callable[[str], None]) -> bool:
    """Serve until SIGTERM or SIGINT, then finish what is in flight; SIGHUP takes up the file as it is then.

    `ready` is called once with the address. False: no process could begin, and the log says why.

    Raises:
        PortTakenError: the address cannot be listened at.

    """
    host = config.unit.host
    port = free_port(host, config.unit.port)
    config = config.model_copy(update={"unit": config.unit.model_copy(update={"port": port})})
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{'localhost' if shown in ('0.0.0.0', '127.0.0.1') else shown}:{port}/"  # noqa: S104 -- compared
    places = places_at(host, port, config.unit.workers)
    job = Job(
        work=work,
        places=places,
        ready=lambda: ready(address),
        attended=lambda numbers: share_among(places, numbers),
        renewed=renewed if config.file else None,
    )
    return supervise(job, _order(config))


def work(config: Config, place: Place, link: Link) -> None:
    """Serve in this process; one that cannot begin says why in a line, and ends."""
    from gateway.serve import run  # noqa: PLC0415 -- the supervisor is not to load a server

    try:
        run(config, place, link)
    except (ConfigError, OSError) as error:
        _LOG.critical("a process cannot begin: %s", error)
        sys.exit(1)


def renewed(config: Config) -> Order | None:
    """Return the order by the file as it is now; None where it cannot be used, which the log says."""
    if config.file is None:
        return None
    try:
        _await_whole(config.file)
        given = load(config.file)
        _no_worse(config, given)
    except ConfigError as error:
        _LOG.error("the configuration in force stays, for that of the file cannot be used: %s", error)
        return None
    kept = {name: getattr(config.unit, name) for name in _FIXED}
    for name, value in kept.items():
        if (said := getattr(given.unit, name)) != value:
            _LOG.warning("unit.%s stays %s as long as the unit runs; the file says %s", name, value, said)
    return _order(given.model_copy(update={"unit": given.unit.model_copy(update=kept)}))


def _await_whole(file: Path) -> None:
    """Wait until nobody writes a file: half of it may read as one with fewer rules.

    Raises:
        ConfigError: somebody does all the time.

    """
    before = state_of(file)
    for _ in range(_LOOKS):
        time.sleep(_SETTLING)
        now = state_of(file)
        if now == before:
            return
        before = now
    raise ConfigError(f"{file}: it is being written all the time: write it elsewhere and rename it")


def _no_worse(config: Config, given: Config) -> None:
    """Refuse a file that lost its rules: half a file is not to open what was closed.

    Raises:
        ConfigError: there are none, and there were.

    """
    before, now = (bool(one.access or any(dataset.access for dataset in one.datasets)) for one in (config, given))
    if before and not now:
        raise ConfigError(
            f"{given.file}: access: there is no rule any more. To open the unit to all, say so: "
            "access: [{datasets: '*', download: [public]}]"
        )


def _order(config: Config) -> Order:
    return Order(what=config, hang=config.unit.hang_seconds, end=config.unit.drain_seconds + _END)
