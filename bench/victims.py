"""The commands as processes: an ingest that is killed, a server that is asked meanwhile."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from bench.processes import tree

_PATIENCE: Final = 600.0
_STARTING: Final = 60.0
_PROMPT: Final = 30.0
"""Seconds in which workers are gone after their parent."""


class StrayError(Exception):
    """Processes outlive those who started them."""


class Ingest:
    """`halocline ingest` with two workers, in a group of processes of its own."""

    def __init__(self, config: Path, env: dict[str, str]) -> None:
        """Start it."""
        command = [sys.executable, "-m", "cli.main", "ingest", str(config), "--processes", "2"]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with this object
        self._process = subprocess.Popen(
            command, env=env, stdout=self._said, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.was_hit = False

    def hit(self, how: str, *, after: float) -> None:
        """Kill some of it after so many seconds, if it still runs."""
        time.sleep(after)
        if self._process.poll() is not None:
            return
        group = self._process.pid
        number = {"terminate": signal.SIGTERM, "interrupt": signal.SIGINT}.get(how, signal.SIGKILL)
        try:
            if how == "all":
                os.killpg(group, number)
            elif how != "worker":
                os.kill(group, number)
            elif workers := [pid for pid in living(group) if _is_worker(pid)]:
                os.kill(workers[-1], number)
            else:
                return
        except ProcessLookupError:
            return
        self.was_hit = True

    def ended(self) -> int:
        """Wait for it and for all its workers, and return its exit status.

        Raises:
            StrayError: workers outlive it.

        """
        status = self._process.wait(_PATIENCE)
        until = time.monotonic() + _PROMPT
        while left := living(self._process.pid):
            if time.monotonic() > until:
                os.killpg(self._process.pid, signal.SIGKILL)
                raise StrayError(f"processes {left} outlive the ingest that started them")
            time.sleep(0.05)
        return status

    def said(self) -> str:
        """Return all that it has written."""
        return _text(self._said)


class Server:
    """`halocline serve` on a free port."""

    def __init__(self, config: Path, env: dict[str, str]) -> None:
        """Start it, and wait until it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "cli.main", "serve", str(config), "--port", str(port)]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with this object
        self._heard = 0
        self._process = subprocess.Popen(command, env=env, stdout=self._said, stderr=subprocess.STDOUT)
        until = time.monotonic() + _STARTING
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                self._process.kill()
                raise OSError(f"the server does not start: {_text(self._said)}")
            time.sleep(0.05)

    def __enter__(self) -> Self:
        """Return it, listening at `base`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._said.close()

    @property
    def pid(self) -> int:
        """Return the number of its process, below which all others are."""
        return self._process.pid

    @property
    def processes(self) -> frozenset[int]:
        """Return it and all below it that there are now."""
        return frozenset(tree(self.pid))

    def said(self) -> str:
        """Return all that it has written."""
        return _text(self._said)

    def news(self) -> str:
        """Return what it has written since this was asked last."""
        text = self.said()
        found, self._heard = text[self._heard :], len(text)
        return found

    def check(self) -> None:
        """Ask it to end, and see that it does so in order.

        Raises:
            OSError: it ended otherwise.

        """
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(_PATIENCE)
        if status:
            raise OSError(f"the server ended with {status}: {_text(self._said)[-2000:]}")

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.base}/health").read()
        except OSError:
            return False
        return True


def living(group: int) -> list[int]:
    """Return the processes of a group that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(path.parent.name))
    return sorted(found)


def _is_worker(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _text(said: BinaryIO) -> str:
    # Read in place: its writer shares the position in the file.
    return os.pread(said.fileno(), os.fstat(said.fileno()).st_size, 0).decode("utf-8", "replace")
