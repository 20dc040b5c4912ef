"""Many clients at once, each on one connection, each asking again as soon as it has an answer, whatever that was."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

Choice = Callable[[random.Random], tuple[str, str]]
"""Chooses what is asked for next: its kind and its path."""

_OK: Final = 200


@dataclass(slots=True, kw_only=True)
class Heard:
    """What all clients together were told."""

    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Answers by kind of question and status."""
    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Of the answers that were accepted, by kind."""
    seconds: float = 0.0

    def answered(self, status: int) -> int:
        """Return the number of answers with this status."""
        return sum(count for (_, found), count in self.counts.items() if found == status)

    def wrong(self) -> list[tuple[str, int]]:
        """Return kinds and statuses that are neither an answer nor a refusal for want of room."""
        return [(kind, status) for kind, status in self.counts if status not in (_OK, 503)]


async def crowd(port: int, clients: int, seconds: float, choose: Choice, *, seed: int = 2014) -> Heard:
    """Ask with so many clients for so long."""
    heard = Heard()
    begun = time.perf_counter()
    until = begun + seconds
    tasks = [
        asyncio.create_task(_client(port, random.Random(f"{seed} {number}"), until, choose, heard))
        for number in range(clients)
    ]
    done, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        # Whoever still waits goes away, as people do.
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    heard.seconds = time.perf_counter() - begun
    for task in done:
        task.result()
    return heard


async def _client(port: int, chosen: random.Random, until: float, choose: Choice, heard: Heard) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    try:
        while time.perf_counter() < until:
            kind, path = choose(chosen)
            begun = time.perf_counter()
            status, _ = await asked(reader, writer, path)
            heard.counts[kind, status] += 1
            if status == _OK:
                heard.milliseconds[kind].append((time.perf_counter() - begun) * 1000)
    finally:
        writer.close()


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> tuple[int, bytes]:
    """Return the status and the body of one answer."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: unit\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)
