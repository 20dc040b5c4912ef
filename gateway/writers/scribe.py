"""One process that writes netCDF-4 files, and the end of it that the server holds."""

import asyncio
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.selection.layout import Layout
from gateway.writers.hdf5_options import Hdf5Options

_DONE: Final = ""
"""What the process says when all is well; else why not."""


class Scribe:
    """Hands files to a process, block by block: whoever hands over waits while the process is behind."""

    def __init__(self) -> None:
        """Start the process; it is ready after about half a second, and what is handed over meanwhile waits."""
        context = multiprocessing.get_context("spawn")
        self._end, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other,), daemon=True, name="netcdf4-writer")
        self._process.start()
        other.close()
        # One thread, so that messages keep their order.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scribe")

    async def begin(self, path: Path, layout: Layout, options: Hdf5Options) -> None:
        """Begin a file."""
        await self._run(self._end.send, ("begin", path, layout, options))

    async def put(self, name: str, start: tuple[int, ...], values: NDArray[Any]) -> None:
        """Hand over a part of a variable.

        Raises:
            OSError: the process cannot write, or is gone.

        """
        await self._run(self._put, name, start, values)

    async def finish(self) -> None:
        """Finish the file.

        Raises:
            OSError: the process cannot write, or is gone.

        """
        await self._run(self._finish)

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process.is_alive()

    def kill(self) -> None:
        """End the process whatever it is at; what it was writing is no whole file."""
        self._process.kill()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def gone(self) -> None:
        """Wait until the process, which was killed, has ended."""
        await asyncio.to_thread(self._process.join)
        await asyncio.to_thread(self._thread.shutdown)
        self._end.close()

    async def _run(self, work: Any, *args: Any) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
        except EOFError as error:
            raise OSError("the process that writes netCDF-4 has ended") from error

    def _put(self, name: str, start: tuple[int, ...], values: NDArray[Any]) -> None:
        if self._end.poll():
            # It says nothing before the end, unless it cannot go on.
            raise OSError(self._end.recv())
        if values.dtype == object:
            self._end.send(("text", name, start, values))
            return
        self._end.send(("values", name, start, values.dtype.str, values.shape))
        if values.size:
            self._end.send_bytes(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)

    def _finish(self) -> None:
        self._end.send(("finish",))
        said = self._end.recv()
        if said != _DONE:
            raise OSError(said)


def _work(end: Connection) -> None:
    """Write files until the other end is closed."""
    # Here, for the server itself never loads the library.
    from gateway.writers.hdf5 import Hdf5File  # noqa: PLC0415

    file: Hdf5File | None = None
    failed = False
    while True:
        try:
            what, *said = end.recv()
            values = _values(end, what, said)
        except (EOFError, OSError):
            return
        try:
            if what == "begin":
                file, failed = Hdf5File(*said), False
            elif failed or file is None:
                continue
            elif what == "finish":
                file.close()
                end.send(_DONE)
            else:
                file.write(said[0], said[1], values)
        except (OSError, RuntimeError, ValueError, AttributeError, TypeError, IndexError) as error:
            failed = True
            end.send(f"netCDF-4 cannot be written: {error}")


def _values(end: Connection, what: str, said: list[Any]) -> Any:
    """Return the values that belong to a message."""
    if what == "text":
        return said[2]
    if what != "values":
        return None
    dtype, shape = np.dtype(said[2]), said[3]
    if not np.prod(shape, dtype=np.int64):
        return np.empty(shape, dtype)
    return np.frombuffer(end.recv_bytes(), dtype=dtype).reshape(shape)
