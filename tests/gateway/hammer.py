"""Clients that ask without a pause, as HTTP/1.1 has it, and count what got no answer."""

import asyncio
from collections import Counter


class Hammer:
    """Clients of one address: some keep their connections as long as they are let, some open one for each request."""

    def __init__(self, port: int, path: str = "/health") -> None:
        """Ask nothing yet."""
        self._port, self._path = port, path
        self._tasks: list[asyncio.Task[None]] = []
        self._over = False
        self.seen: Counter[str] = Counter()
        """How often what happened: a status, `closing` answers, `refused` connections, `lost` requests."""

    def begin(self, keeping: int = 6, opening: int = 6) -> None:
        """Let the clients loose."""
        kinds = ["keep-alive"] * keeping + ["close"] * opening
        self._tasks = [asyncio.create_task(self._client(kind)) for kind in kinds]

    async def end(self) -> None:
        """Let each finish its request."""
        self._over = True
        await asyncio.wait_for(asyncio.gather(*self._tasks), 30)

    async def _client(self, kind: str) -> None:
        request = f"GET {self._path} HTTP/1.1\r\nHost: unit\r\nConnection: {kind}\r\n\r\n".encode()
        while not self._over:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except ConnectionRefusedError:
                self.seen["refused"] += 1
                await asyncio.sleep(0.02)
                continue
            await self._ask(reader, writer, request)
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
        while not self._over:
            try:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
                await reader.readexactly(int(fields[b"content-length"]))
            except (OSError, asyncio.IncompleteReadError):
                self.seen["lost"] += 1
                return
            self.seen[head.split(b" ")[1].decode()] += 1
            # What is to begin meanwhile needs the processor too.
            await asyncio.sleep(0.002)
            if fields.get(b"connection") == b"close":
                self.seen["closing"] += 1
                return


async def ask(port: int, path: str) -> str:
    """Return the body of one answer, had over a connection of its own; nothing where there is none."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: unit\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
    except OSError:
        return ""
    return answer.decode()
