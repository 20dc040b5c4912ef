"""`halocline serve`: a unit that was ingested before. Nothing slow is imported: it starts in a second."""

import sys
from typing import TYPE_CHECKING

from cli.codes import DONE, FAILED

if TYPE_CHECKING:
    from gateway.config.file import Config

Listen = tuple[str | None, int | None]
"""Host and port where the command line gives them."""


def listening(config: "Config", *, listen: Listen, workers: int | None = None) -> "Config":
    """Return `config` with what the command line says otherwise, once it is sure that it can listen there.

    Raises:
        PortTakenError: somebody else listens there; said before any long work.

    """
    from gateway.sockets import free_port  # noqa: PLC0415 -- who only has something to `say` is not to load a server

    host, port = listen
    given = {"host": host, "port": port, "workers": workers}
    unit = config.unit.model_copy(update={key: value for key, value in given.items() if value is not None})
    return config.model_copy(update={"unit": unit.model_copy(update={"port": free_port(unit.host, unit.port)})})


def serve_config(config: "Config") -> int:
    """Serve until told to stop, in processes of their own; return the exit code.

    Raises:
        PortTakenError: somebody else listens there.

    """
    from gateway.service import serve  # noqa: PLC0415

    count = f"{len(config.datasets)} dataset{'' if len(config.datasets) == 1 else 's'}"
    served = serve(
        config,
        ready=lambda address: say(
            f"Halocline serves {count}.\n  map   {address}\n"
            f"  WMS   {address}wms?service=WMS&request=GetCapabilities\nStop with Ctrl-C."
        ),
    )
    return DONE if served else FAILED


def say(line: str) -> None:
    """Write a line for people."""
    print(line, file=sys.stderr, flush=True)
