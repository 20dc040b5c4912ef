"""One process of several that do the same work, as its supervisor sees it, and as it speaks to its supervisor."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import Any, Final

LEAVE: Final = signal.SIGUSR1
"""Another process takes the place: take no more connections, and end when those that there are have ended."""
END: Final = signal.SIGTERM
"""All end: let nobody begin any more, finish what is under way, and end."""
END_NOW: Final = signal.SIGQUIT
"""End without finishing."""

_READY: Final = b"r"
_BEAT: Final = b"."
# Spawned: an Icechunk reader hangs after a fork.
_SPAWN: Final = multiprocessing.get_context("spawn")
# Ctrl-C and the end of a terminal reach all processes in it, of which only the supervisor is to heed them.
_OTHERS: Final = frozenset({signal.SIGINT, signal.SIGHUP})


class Link:
    """What a process tells its supervisor, from its event loop; it never waits."""

    def __init__(self, sender: Connection) -> None:
        """Speak into `sender`."""
        # Held, for it closes when nobody knows it.
        self._sender = sender
        os.set_blocking(sender.fileno(), False)

    def ready(self) -> None:
        """Tell that the process does what it is for."""
        self._tell(_READY)

    def beat(self) -> None:
        """Tell that the event loop turns."""
        self._tell(_BEAT)

    def _tell(self, word: bytes) -> None:
        # A supervisor that is stopped hears nothing, one that is gone neither: no reason to stop here.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._sender.fileno(), word)


Work = Callable[[Any, Any, Link], None]
"""What a process does: with its order, with what its place has, and with its link. A function of a module."""


class Member:
    """One process."""

    def __init__(self, work: Work, order: Any, has: Any) -> None:
        """Start it; sockets may be among what it is handed."""
        receiver, sender = _SPAWN.Pipe(duplex=False)
        self._process = _SPAWN.Process(target=_begin, args=(work, order, has, sender), name="halocline-worker")
        self.ready = False
        """Whether it has said that it does what it is for."""
        self.missed = 0
        """Looks since it was heard; of its supervisor, who counts them."""
        self.deadline: float | None = None
        """When it is killed, on the clock `time.monotonic`, once it was told to end."""
        self._heard = self._begun = False
        self.receiver = receiver
        """What can be read from when it says something."""
        os.set_blocking(receiver.fileno(), False)
        # What is blocked stays so in what is started, and waits there until it is ignored.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _OTHERS)
        self._process.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        # The other end must close with the process.
        sender.close()

    @property
    def sentinel(self) -> int:
        """Return what can be read from when it has ended."""
        return self._process.sentinel

    @property
    def number(self) -> int:
        """Return the id of the process."""
        return self._process.pid or 0

    @property
    def begun(self) -> bool:
        """Whether its event loop has ever turned."""
        return self._begun

    @property
    def ended(self) -> int | None:
        """Return its exit code, negative for a signal; None while it lives."""
        return None if self._process.is_alive() else self._process.exitcode

    def hear(self) -> None:
        """Take what it has said."""
        with suppress(BlockingIOError):
            said = os.read(self.receiver.fileno(), 65536)
            self._heard = self._heard or bool(said)
            self._begun = self._begun or bool(said)
            self.ready = self.ready or _READY in said

    def look(self) -> int:
        """Return at how many looks in a row, this one with them, nothing had been heard."""
        self.missed = 0 if self._heard else self.missed + 1
        self._heard = False
        return self.missed

    def tell(self, word: signal.Signals, *, within: float) -> None:
        """Have it end in one of three ways, and be killed unless it has in so many seconds."""
        by = time.monotonic() + within
        self.deadline = by if self.deadline is None else min(by, self.deadline)
        if self.ended is None:
            # What handles no signals yet has nothing to finish.
            os.kill(self.number, word if self._begun else signal.SIGKILL)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def close(self) -> None:
        """Forget a process that has ended."""
        self.receiver.close()
        self._process.close()


def _begin(work: Work, order: Any, has: Any, sender: Connection) -> None:
    for number in _OTHERS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _OTHERS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(order, has, Link(sender))


def _end_with_parent() -> None:
    """End as if told to when the parent is gone: a supervisor that was killed can tell nobody, and holds the port."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), END)
