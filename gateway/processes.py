"""Keeps several processes alive that do the same work."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_RESPAWN: Final = 1.0
"""Seconds before a process that died is replaced, so that one that cannot start does not spin."""
# Spawned: an Icechunk reader hangs after a fork.
_SPAWN: Final = multiprocessing.get_context("spawn")


def supervise(
    count: int,
    work: Callable[..., None],
    arguments: tuple[Any, ...],
    *,
    ready: Callable[[], None],
    passed_on: frozenset[signal.Signals] = frozenset(),
) -> None:
    """Run `work(*arguments, announce)` in `count` processes until SIGTERM or SIGINT, which they are sent too.

    Signals of `passed_on` are sent to all; they begin with these blocked, and `work` is to unblock what it handles.
    `work` calls `announce` once it does what it is for. `ready` is called when each of the first processes has, or
    has died; one that dies is replaced.
    """
    crew = _Crew(work, arguments, passed_on)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: crew.stop())
    for number in passed_on:
        signal.signal(number, lambda number, _frame: crew.tell(number))
    for receiver in [crew.start() for _ in range(count)]:
        with contextlib.suppress(EOFError):
            receiver.recv()
    ready()
    crew.watch()


class _Crew:
    """The processes that there are."""

    def __init__(
        self, work: Callable[..., None], arguments: tuple[Any, ...], passed_on: frozenset[signal.Signals]
    ) -> None:
        self._work, self._arguments, self._passed_on = work, arguments, passed_on
        self._processes: list[BaseProcess] = []
        self._stopping = False

    def start(self) -> Connection:
        """Start one more; what is returned can be received from once it has announced itself, or has died."""
        receiver, sender = _SPAWN.Pipe(duplex=False)
        process = _SPAWN.Process(target=_begin, args=(self._work, self._arguments, sender), name="halocline-worker")
        # What is blocked stays so in what is started, and waits there; else it would end what handles no signal yet.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, self._passed_on)
        process.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        # The other end must close with the process.
        sender.close()
        self._processes.append(process)
        return receiver

    def stop(self) -> None:
        """Tell all to end, and replace none from now on."""
        self._stopping = True
        for process in self._processes:
            if process.is_alive():
                process.terminate()

    def tell(self, number: int) -> None:
        """Send a signal to all."""
        for process in self._processes:
            if process.is_alive() and process.pid is not None:
                os.kill(process.pid, number)

    def watch(self) -> None:
        """Replace what dies; return when all have ended after `stop`."""
        while self._processes:
            wait([process.sentinel for process in self._processes])
            alive = [process for process in self._processes if process.is_alive()]
            lost = len(self._processes) - len(alive)
            self._processes = alive
            if not self._stopping:
                time.sleep(_RESPAWN)
                for _ in range(lost):
                    self.start()


def _begin(work: Callable[..., None], arguments: tuple[Any, ...], sender: Connection) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(*arguments, lambda: _announce(sender))


def _announce(sender: Connection) -> None:
    # One that replaces another is waited for by nobody.
    with contextlib.suppress(BrokenPipeError):
        sender.send("ready")


def _end_with_parent() -> None:
    """End as if told to when the parent is gone: a supervisor that was killed can tell nobody, and holds the port."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
