"""Units that keep records, on a socket, and what reads the records without the code that wrote them."""

import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from gateway.app import make_app
from gateway.config.file import parse
from gateway.http.wire import UnitRunner
from gateway.keys import IDENTITY
from tests.gateway.somebody import Somebody


def lines_in(folder: Path) -> list[dict]:
    """Return all records of a folder, file by file."""
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.name.split(".")[1:])
    return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]


def uses_in(folder: Path) -> list[dict]:
    return [line for line in lines_in(folder) if line["kind"] == "use"]


class KeptUnit:
    """A unit on a socket."""

    def __init__(self, app, runner, who, folder):
        self.app, self.runner, self.who, self.folder = app, runner, who, folder
        self.port = runner.addresses[0][1]
        self.address = f"http://127.0.0.1:{self.port}"

    async def ended(self) -> list[dict]:
        """End it and return its uses."""
        await self.runner.cleanup()
        return uses_in(self.folder)


@pytest.fixture
async def kept(sea_store, tmp_path):
    """Return what starts a unit of the small sea that keeps records in `records`."""
    async with AsyncExitStack() as stack:

        async def start(*, extra=None, routes=(), **given):
            where = {"folder": str(tmp_path / "records"), "secret": str(tmp_path / "secret")}
            raw = {"store": "store", "datasets": [{"id": "sea", "source": "x"}], "accounting": where | (extra or {})}
            app, who = make_app(parse(raw | given, name="test", folder=sea_store)), Somebody()
            app[IDENTITY] = who
            for path, handler in routes:
                app.router.add_get(path, handler)
            runner = UnitRunner(app, shutdown_timeout=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return KeptUnit(app, runner, who, tmp_path / "records")

        yield start
