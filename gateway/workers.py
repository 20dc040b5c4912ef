"""Where blocking or long work runs."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar, TypeVarTuple

P = ParamSpec("P")
R = TypeVar("R")
Ts = TypeVarTuple("Ts")


def _nobody(_: float) -> None:
    """Tell nobody."""


class Workers:
    """A bounded pool made at start-up and closed at clean-up.

    Only pure functions are sent here: arguments in, value out, no request object.
    """

    def __init__(self, threads: int, waited: Callable[[float], None] = _nobody) -> None:
        """Make a pool of `threads` threads; `waited` is told, in any thread, the seconds that each work waited."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="gateway")
        self._waited = waited

    async def run(self, work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `work` off the loop; its exception, if any, is raised here.

        Work of a caller that is cancelled is not begun, if it has not been.
        """
        asked = time.perf_counter()

        def begin() -> R:
            self._waited(time.perf_counter() - asked)
            return work(*args, **kwargs)

        # Cancelling this future takes the work out of the queue.
        return await asyncio.get_running_loop().run_in_executor(self._pool, begin)

    async def do(self, work: Callable[[*Ts], R], *args: *Ts, long: bool) -> R:
        """Run `work` off the loop where it takes long, else at once: handing it over costs about 0.1 ms."""
        return await self.run(work, *args) if long else work(*args)

    def close(self) -> None:
        """Refuse new work and wait for what is running."""
        self._pool.shutdown()
