"""A folder behind HTTP, with faults on demand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

Fault = Callable[[web.Request], web.StreamResponse | None]


@dataclass
class Site:
    """A server of one folder."""

    folder: Path
    address: str = ""
    asked: list[str] = field(default_factory=list)
    """Method, path and range of each request."""
    fault: Callable[[web.Request], object] | None = None
    """Called first; what it returns or raises is the answer, None lets the file be sent."""
    tags: bool = True
    """Whether the server sends entity tags."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.path} {request.headers.get('Range', '')}".strip())
        if self.fault is not None:
            found = self.fault(request)
            found = await found if asyncio.iscoroutine(found) else found
            if found is not None:
                return found
        path = self.folder / request.match_info["key"]
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path)


@pytest.fixture
async def site(tmp_path):
    """Return a server of `tmp_path / "site"`."""
    folder = tmp_path / "site"
    folder.mkdir()
    here = Site(folder=folder)
    app = web.Application()
    app.router.add_get("/{key:.*}", here.answer)
    server = TestServer(app)
    await server.start_server()
    here.address = str(server.make_url("")).rstrip("/")
    yield here
    await server.close()
