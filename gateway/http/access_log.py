"""One line for each answer, for those who want them: JSON, without secrets, written beside the event loop."""

import json
import logging
import os
import re
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from gateway.http.buffered import Buffered
from gateway.keys import ARRIVAL, QUERY
from gateway.protocol import Protocol

_LOG = logging.getLogger(__name__)
_WAITING: Final = 65536
"""Answers that wait to be written; beyond them lines are dropped, and counted in the next one."""
_LONGEST: Final = 500
"""Characters of one value."""
STANDARD_OUTPUT: Final = "-"

# A capability in the path is as good as a password.
_CAPABILITY: Final = re.compile(r"(?:~|%7[eE])[^/]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One answer, as it is held until it is written."""

    time: float
    """Seconds since 1970-01-01T00:00:00Z, of the answer."""
    remote: str | None
    """Address of the other end."""
    method: str
    path: str
    """As it was sent: escaped."""
    parameters: tuple[tuple[str, str], ...]
    """Those with names that the protocol knows; never one that may hold a secret."""
    status: int
    """Of HTTP; 499 where the client had gone."""
    size: int | None
    """Bytes of the body; None where it is not known."""
    seconds: float
    """From the request read to the answer ready."""
    agent: str | None
    """User-Agent."""

    def line(self) -> str:
        """Return the entry in JSON, on one line: control characters are escaped, and so is all that is not ASCII."""
        stamp = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps(
            {
                "time": stamp,
                "remote": self.remote,
                "method": self.method,
                "path": _CAPABILITY.sub("~", self.path)[:_LONGEST],
                "parameters": {name: value[:_LONGEST] for name, value in self.parameters},
                "status": self.status,
                "bytes": self.size,
                "seconds": round(self.seconds, 6),
                "agent": None if self.agent is None else self.agent[:_LONGEST],
            }
        )


def entry_of(request: web.Request, protocol: Protocol, answer: web.StreamResponse | None, seconds: float) -> Entry:
    """Describe an answer; None is that nobody waited for it any more."""
    return Entry(
        time=time.time(),
        remote=request[ARRIVAL].remote,
        method=request.method,
        path=request.rel_url.raw_path,
        parameters=tuple(
            (name.upper(), value)
            for name, value in request.get(QUERY) or request.query.items()
            if protocol.logged(name.upper())
        ),
        status=499 if answer is None else answer.status,
        size=None if answer is None else answer.content_length,
        seconds=seconds,
        agent=request.headers.get("User-Agent"),
    )


class AccessLog(Buffered[Entry]):
    """Holds entries and appends them to a file, or writes them to standard output, in one piece every half second."""

    def __init__(self, target: str) -> None:
        """Write to the file `target`, or to standard output where it is `-`."""
        super().__init__(_WAITING)
        self._target = target
        self._failed = False
        self._torn = False

    def write(self) -> None:
        """Write all entries that are held now; a fault is logged once, and costs these lines alone."""
        entries, dropped = self.taken()
        lines = [entry.line() for entry in entries]
        if dropped:
            lines.append(json.dumps({"dropped": dropped}))
        try:
            # On a disk that was full the last line may be without its end: the next one is not to be lost with it.
            begin = "\n" if self._torn else ""
            self._append((begin + "".join(f"{line}\n" for line in lines)).encode("ascii"))
            self._failed = False
        except OSError as error:
            if not self._failed:
                _LOG.error("the access log %s cannot be written: %s", self._target, error)
            self._failed = True

    def _append(self, text: bytes) -> None:
        if self._target == STANDARD_OUTPUT:
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
            return
        # Opened each time: whoever rotates the file need not tell us. Appending keeps lines of several processes whole.
        file = os.open(self._target, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            while text:
                text = text[os.write(file, text) :]
                self._torn = bool(text)
        finally:
            os.close(file)
