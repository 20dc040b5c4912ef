"""Who reads files: processes of their own, for HDF5 is not thread-safe and a damaged file may take one with it."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from types import FrameType, TracebackType
from typing import Final, Protocol, Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_LOOK_SECONDS: Final = 5.0
"""Between two looks at whether all processes still live, while an answer is waited for."""


class WorkerDiedError(RuntimeError):
    """A worker process ended without an answer: a damaged file, or too little memory."""


class Crew(Protocol):
    """Does work elsewhere. Every crew is run through `tests/contracts/test_crews.py`."""

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of `items`, of which few are in flight.

        Raises:
            WorkerDiedError: a worker died; the crew can go on.

        """
        ...

    def one(self, work: Callable[[T], R], item: T) -> R:
        """Return one result.

        Raises:
            WorkerDiedError: the worker died; the crew can go on.

        """
        ...


class Processes:
    """A `Crew` of `size` processes on this machine; of this process alone where `size` is 0."""

    def __init__(self, size: int) -> None:
        """Start nothing yet."""
        self._size = size
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Return the crew."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the processes end."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of `items`, of which few are in flight.

        Raises:
            WorkerDiedError: a worker process died; the crew can go on.

        """
        if not self._size:
            yield from map(work, items)
            return
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                with _undisturbed():
                    waiting.append(self._started().submit(work, item))
                if len(waiting) > 2 * self._size:
                    yield self._result(waiting.popleft())
            while waiting:
                yield self._result(waiting.popleft())
        except BrokenProcessPool as error:
            self._pool = None
            raise WorkerDiedError("a reading process died: the file is damaged or memory is short") from error
        finally:
            for future in waiting:
                future.cancel()

    def one(self, work: Callable[[T], R], item: T) -> R:
        """Return one result.

        Raises:
            WorkerDiedError: the worker process died; the crew can go on.

        """
        return next(self.each(work, [item]))

    def _result(self, future: Future[R]) -> R:
        while True:
            if futures.wait((future,), timeout=_LOOK_SECONDS).done:
                return future.result()
            self._release()

    def _release(self) -> None:
        """End the pool if one of its processes is dead: killed within an answer, it lets the pool wait for the rest.

        The pool learns of it once nobody is left who could write the rest.
        """
        pool = self._pool
        processes = [] if pool is None else list((pool._processes or {}).values())  # noqa: SLF001 -- it does not tell
        if pool is not None and any(process.exitcode is not None for process in processes):
            for process in processes:
                process.kill()
                process.join()
            pool._result_queue._writer.close()  # type: ignore[attr-defined]  # noqa: SLF001 -- nor does it let go

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned: an Icechunk reader hung after fork.
            self._pool = ProcessPoolExecutor(self._size, mp_context=get_context("spawn"), initializer=_follow_parent)
        return self._pool


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put Ctrl-C off until the pool is whole again: interrupted half way, it could not be shut down."""
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread is interrupted.
        yield
        return
    heard: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard and callable(before):
        before(*heard[0])


def _follow_parent() -> None:
    """End this process when its parent does, however that ends: a killed one cannot say so.

    Ctrl-C reaches the whole group of processes, and is the parent's to answer.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), name="follow-parent", daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
