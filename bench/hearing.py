"""Asks a unit questions while something is wrong with it: an answer is right, or a 503 that says when to come back."""

import http.client
import os
import random
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.oracle import Oracle, Question
from bench.victims import Server

_PATIENCE: Final = 60.0
"""Seconds for an answer."""
_RECOVERING: Final = 20.0
"""Seconds after which all is as before."""


_LISTENS: Final = "0A"
"""State of a socket in /proc/net/tcp."""


class UntrueError(Exception):
    """An answer is wrong, of another status than it should be, or none at all."""


@dataclass(slots=True, kw_only=True)
class Count:
    """What was answered."""

    right: int = 0
    refused: int = 0
    hung_up: int = 0
    """Connections lost with the process that served them."""
    seconds: list[float] = field(default_factory=list)
    """From the end of each fault until nothing was refused any more."""


class Hearing:
    """One unit, and what it is asked."""

    def __init__(self, server: Server, oracle: Oracle, draw: random.Random, count: Count) -> None:
        """Ask the server; what was answered is added to `count`."""
        self.server, self.oracle, self.draw, self.count = server, oracle, draw, count
        self.refused: list[Question] = []
        """Questions that found the fault; they are asked again when it is over."""

    def heard(self, question: Question, headers: dict[str, str] | None = None) -> int:
        """Ask, and return the status: 200 where the answer is right, 503 where the unit says that it cannot tell.

        Raises:
            UntrueError: it is neither.
            OSError: the connection was lost.

        """
        asked = urllib.request.Request(self.server.base + question.path, headers=headers or {})
        try:
            with urllib.request.urlopen(asked, timeout=_PATIENCE) as answer:
                wrong = self.oracle.wrong(question, answer.read())
        except urllib.error.HTTPError as error:
            return self._fault(question, error)
        except TimeoutError as error:
            raise UntrueError(f"no answer in {_PATIENCE:g} s to {question.path}") from error
        except http.client.HTTPException as error:
            raise ConnectionError(f"the answer was cut: {error!r}") from error
        if wrong:
            raise UntrueError(f"{wrong}: {question.path}")
        self.count.right += 1
        return 200

    def _fault(self, question: Question, error: urllib.error.HTTPError) -> int:
        text = error.read().decode("utf-8", "replace")
        if error.code != 503:
            raise UntrueError(f"{error.code} {text[:300]!r} to {question.path}")
        if "no-store" not in error.headers.get("Cache-Control", "") or "Retry-After" not in error.headers:
            raise UntrueError(f"a 503 that may be kept, or does not say for how long: {dict(error.headers)}")
        self.count.refused += 1
        self.refused.append(question)
        return 503

    def truthful(self, times: int, kind: str = "") -> int:
        """Ask so many questions, of one kind or of all; return how many were refused."""
        return sum(self.heard(self.oracle.question(self.draw, kind)) == 503 for _ in range(times))

    def sound(self, times: int, kind: str = "") -> None:
        """Ask so many questions, of which none may be refused.

        Raises:
            UntrueError: one was.

        """
        if self.truthful(times, kind):
            raise UntrueError(f"refused without a fault: {self.refused[-1].path}; {self.server.said()[-1500:]}")

    def recovered(self) -> None:
        """Wait until what was refused is answered, which must be soon, then ask other things.

        Raises:
            UntrueError: it is not.

        """
        begun = ended = time.monotonic()
        asked, self.refused = self.refused, []
        while asked:
            asked = [question for question in asked if self.heard(question) == 503]
            if asked and time.monotonic() - begun > _RECOVERING:
                raise UntrueError(f"still refused after {_RECOVERING:g} s: {asked[0].path}")
            if asked:
                ended = time.monotonic()
                time.sleep(0.1)
        self.count.seconds.append(ended - begun)
        self.refused = []
        self.sound(20)

    def figure(self, name: str) -> float:
        """Return a figure of the unit's metrics."""
        with urllib.request.urlopen(f"{self.server.base}/metrics", timeout=_PATIENCE) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    def alive(self) -> None:
        """See that the process answers at all.

        Raises:
            UntrueError: it does not.

        """
        with urllib.request.urlopen(f"{self.server.base}/health", timeout=_PATIENCE) as answer:
            if answer.status != 200:
                raise UntrueError(f"/health is {answer.status}")


def writable(process: int, most: int | None) -> None:
    """Let a process, which may have ended, write no file beyond so many bytes; None for as many as it likes."""
    import resource  # noqa: PLC0415 -- there is none on every system

    try:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY if most is None else most, -1))
    except ProcessLookupError:
        return


def names_of(process: int) -> str:
    """Return the command line of a process; nothing where it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def children_of(server: Server) -> list[int]:
    """Return the processes below a server that it started for work."""
    return sorted(pid for pid in server.processes if "spawn_main" in names_of(pid) and pid != os.getpid())


def listeners(server: Server) -> list[int]:
    """Return the processes below a server that listen for connections."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    port = int(server.base.rsplit(":", 1)[1])
    listening = [line for line in lines if line[3] == _LISTENS and int(line[1].split(":")[1], 16) == port]
    sockets = {f"socket:[{line[9]}]" for line in listening}
    return [process for process in children_of(server) if sockets & _handles(process)]


def _handles(process: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for handle in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                found.add(str(handle.readlink()))
    return found
