"""Files read on a Dask cluster, whose workers find them under the same paths as this process."""

import asyncio
import platform
import socket
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar
from urllib.parse import urlsplit

from stores.ingest.crew import WorkerDiedError
from stores.ingest.manifest import INGEST_FORMAT

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")

_CONNECT_SECONDS: Final = 5
_WORKER_SECONDS: Final = 30
"""How long a cluster may be without any worker: those that died are started anew in a few seconds."""
_SAME: Final = ("halocline", "netCDF4", "numcodecs", "numpy")
"""What decides which bytes a worker makes of a file."""
_ALONE: Final = threading.Lock()
"""Of a worker process: HDF5 is not thread-safe, and a Dask worker has a thread for each core."""


class ClusterError(OSError):
    """The cluster cannot be used; the message names its address and the cure."""


class DaskCrew:
    """A `stores.ingest.crew.Crew` on a Dask cluster. It belongs to others too: nothing of it is changed."""

    def __init__(self, address: str) -> None:
        """Name the scheduler, as in `tcp://host:8786`; nothing is connected yet."""
        self._address = address
        self._client: Client | None = None

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            ClusterError: nobody answers, there are no workers, or they run other versions.

        """
        self._client = _connected(self._address)
        try:
            _require_workers(self._client, self._address)
            _require_same(self._client, self._address)
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect; the cluster stays."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of `items`, of which few are in flight.

        Dask tries the work of a worker that died elsewhere, as often as its scheduler allows (`allowed-failures`).

        Raises:
            WorkerDiedError: every worker that tried died; the crew can go on.
            ClusterError: the scheduler, or the last worker, is gone.

        """
        client = self._entered()
        most = 2 * max(1, len(client.nthreads()))
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                # Not pure: a file that changed is read again.
                waiting.append(client.submit(_alone, work, item, pure=False, retries=0))
                if len(waiting) > most:
                    yield self._result(waiting.popleft())
            while waiting:
                yield self._result(waiting.popleft())
        finally:
            if waiting and client.status == "running":
                client.cancel(list(waiting), force=True)

    def one(self, work: Callable[[T], R], item: T) -> R:
        """Return one result.

        Raises:
            WorkerDiedError: every worker that tried died; the crew can go on.
            ClusterError: the scheduler, or the last worker, is gone.

        """
        return next(self.each(work, [item]))

    def _entered(self) -> "Client":
        if self._client is None:
            raise RuntimeError("a DaskCrew is used inside its context")
        return self._client

    def _result(self, future: "Future[R]") -> R:
        from distributed import KilledWorker  # noqa: PLC0415

        try:
            self._wait(future)
            return future.result()
        except KilledWorker as error:
            raise WorkerDiedError("a worker of the cluster died: the file is damaged or memory is short") from error
        except (asyncio.CancelledError, OSError) as error:
            if future.status == "error":
                # The work's own.
                raise
            raise self._gone() from error
        except BaseException:
            future.cancel()
            raise

    def _wait(self, future: "Future[R]") -> None:
        """Wait for the work, however long it takes, as long as there is anybody to do it."""
        client = self._entered()
        while not future.done():
            try:
                future.exception(timeout=_WORKER_SECONDS)
            except TimeoutError:
                _require_workers(client, self._address)
        if future.status not in ("finished", "error"):
            raise self._gone()

    def _gone(self) -> ClusterError:
        return ClusterError(f"the Dask scheduler at {self._address} is gone: start it and ingest again")


def _alone(work: Callable[[T], R], item: T) -> R:
    """Do the work, in a worker, while no other thread of its process does any."""
    with _ALONE:
        return work(item)


def _connected(address: str) -> "Client":
    from distributed import Client  # noqa: PLC0415 -- takes 0.3 s, and is wanted by few
    from distributed.versions import VersionMismatchWarning  # noqa: PLC0415

    try:
        # A client that finds nobody waits for ever, or is not undone cleanly: so it is not made.
        with socket.create_connection(_host_and_port(address), timeout=_CONNECT_SECONDS):
            pass
        asyncio.run(_require_scheduler(address))
        with warnings.catch_warnings():
            # What matters is compared below.
            warnings.simplefilter("ignore", VersionMismatchWarning)
            return Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, KeyError, MemoryError) as error:
        # Who speaks something else may seem to announce any number of bytes.
        reason = str(error) or type(error).__name__
        message = f"no Dask scheduler answers at {address} ({reason}): start one, or mend the address"
        raise ClusterError(message) from error


async def _require_scheduler(address: str) -> None:
    from distributed.comm.core import connect  # noqa: PLC0415
    from distributed.core import send_recv  # noqa: PLC0415

    async with asyncio.timeout(_CONNECT_SECONDS):
        comm = await connect(address, timeout=_CONNECT_SECONDS)
        try:
            found = await send_recv(comm, op="identity")
        finally:
            comm.abort()
    if found["type"] != "Scheduler":
        raise ValueError(f"there is a {found['type']}")


def _host_and_port(address: str) -> tuple[str, int]:
    """Split an address, whose scheme may be left away.

    Raises:
        ValueError: it is none.

    """
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if not parts.hostname or parts.port is None:
        raise ValueError("an address is written tcp://host:8786")
    return parts.hostname, parts.port


def _require_workers(client: "Client", address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
    except TimeoutError as error:
        raise ClusterError(f"the Dask scheduler at {address} has no workers: start some") from error


def _require_same(client: "Client", address: str) -> None:
    """Refuse a cluster whose workers would store other bytes, or none."""
    try:
        found: Mapping[str, Mapping[str, str]] = client.run(_versions)
    except ImportError as error:
        raise ClusterError(f"the workers of {address} cannot import Halocline ({error}): install it there") from error
    here = _versions()
    for worker, there in found.items():
        for name, ours in here.items():
            if there.get(name) != ours:
                message = f"worker {worker} of {address} has {name} {there.get(name)}, this process {ours}"
                raise ClusterError(f"{message}: install the same versions")


def _versions() -> dict[str, str]:
    """Return what must be the same in a worker."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {name: version(name) for name in _SAME} | {"Python": python, "the ingest format": str(INGEST_FORMAT)}
