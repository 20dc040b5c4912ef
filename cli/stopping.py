"""How commands that run for long are told to end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(KeyboardInterrupt):
    """SIGTERM: the regular end of what runs until it is told to stop."""


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM interrupt just as SIGINT does, put off where that is, and be `Terminated`.

    Raises:
        Terminated: SIGTERM came.
        KeyboardInterrupt: SIGINT came.

    """
    heard: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # What a shell starts in the background ignores SIGINT.
    deaf = before[signal.SIGINT] == signal.SIG_IGN

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if heard or not deaf:
            raise KeyboardInterrupt

    def terminate(number: int, _frame: FrameType | None) -> None:
        heard.append(number)
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    except KeyboardInterrupt as interruption:
        if heard:
            raise Terminated from interruption
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
