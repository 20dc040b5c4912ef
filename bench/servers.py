"""Servers that are measured: started on a free port of the loopback, watched, and ended with all their processes."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench import processes

_PATIENCE: Final = 90.0
"""Seconds that a server may take to its first answer."""


class NoAnswerError(Exception):
    """A server did not start."""


class Server:
    """The processes of one server; a context manager that ends them."""

    def __init__(
        self,
        commands: Callable[[int], Sequence[Sequence[str]]],
        *,
        ready: str = "/health",
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        """Start `commands(port)` and wait until `ready` is answered with success."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self._log = log
        begun = time.perf_counter()
        with (log or Path(os.devnull)).open("wb") as output:
            self._started = [
                subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **(environment or {})})
                for command in commands(port)
            ]
        try:
            self._wait(ready)
        except NoAnswerError:
            self.stop()
            raise
        self.seconds = time.perf_counter() - begun
        """To the first answer."""

    def __enter__(self) -> Self:
        """Return it, running."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.stop()

    def cpu(self) -> float:
        """Return the CPU seconds used so far by all its processes."""
        return sum(processes.cpu(one.pid) for one in self._started)

    def peak(self) -> float:
        """Return the MB that its processes had in memory at most, each by itself, added up."""
        return sum(_peak(process) for one in self._started for process in processes.tree(one.pid))

    def memory(self) -> float:
        """Return the MB that its processes have in memory now; what they share counts once."""
        return sum(processes.memory(one.pid) for one in self._started) / 1e6

    def stop(self) -> None:
        """End it with all its processes."""
        below = [process for one in self._started for process in processes.tree(one.pid)]
        for one in self._started:
            one.send_signal(signal.SIGTERM)
        for one in self._started:
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        for process in below:
            if Path(f"/proc/{process}").exists():
                os.kill(process, signal.SIGKILL)

    def _wait(self, ready: str) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and all(one.poll() is None for one in self._started):
            try:
                with urllib.request.urlopen(self.base + ready, timeout=_PATIENCE) as answer:
                    answer.read()
                    return
            except OSError:
                # It does not listen yet, or says that it is not ready.
                time.sleep(0.01)
        said = self._log.read_text(errors="replace").strip().splitlines()[-1:] if self._log else []
        raise NoAnswerError(f"the server does not answer {ready}: {' '.join(said) or 'it says nothing'}")


def ours(config: Path, ready: str = "/health") -> Server:
    """Start our server."""
    command = [sys.executable, "-m", "cli.main", "serve", str(config)]
    return Server(lambda port: [[*command, "--port", str(port)]], ready=ready, log=config.with_suffix(".log"))


def _peak(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0  # it has ended
    _, found, rest = status.partition("VmHWM:")
    return int(rest.split()[0]) * 1024 / 1e6 if found else 0.0
