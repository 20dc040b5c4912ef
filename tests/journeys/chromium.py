"""Drive a headless Chromium over the DevTools protocol, with nothing but aiohttp.

Source: https://chromedevtools.github.io/devtools-protocol/ (domains Target, Page, Runtime, Network, Log, Input and
Emulation).
"""

import asyncio
import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

PROGRAM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
"""The browser on PATH, or None: then a test says that it was skipped for want of one."""

FLAGS: Final = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --remote-debugging-port=0"
)


@contextmanager
def browser() -> Iterator[str]:
    """Run a browser with an empty profile; yields the address at which it is driven."""
    assert PROGRAM, "no Chromium on PATH"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [PROGRAM, *FLAGS.split(), f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
        assert process.stderr
        try:
            yield next(line.split()[-1] for line in process.stderr if line.startswith("DevTools listening on"))
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # its own group: the browser's helpers end with it
            process.wait()
            process.stderr.close()


class Page:
    """One tab in a profile of its own; it remembers what it asked for and what went wrong."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.errors: list[str] = []
        """Uncaught exceptions, console.error and what the browser logs as an error, in order."""
        self.requests: list[str] = []
        """Addresses asked for over the network, in order."""
        self.session = ""
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    @property
    def hosts(self) -> set[str]:
        """The hosts, with their ports, of everything asked for."""
        return {urlsplit(url).netloc for url in self.requests}

    async def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send one command of the protocol and return its result."""
        number = next(self._numbers)
        answered = self._waiting[number] = asyncio.get_running_loop().create_future()
        command = {"id": number, "method": method, "params": parameters}
        await self._socket.send_json(command | ({"sessionId": self.session} if self.session else {}))
        answer = await asyncio.wait_for(answered, 30)
        assert "error" not in answer, f"{method}: {answer}"
        return dict(answer["result"])

    async def open(self, url: str) -> None:
        """Go to an address; returns when the browser has begun to load it."""
        await self.send("Page.navigate", url=url)

    async def run(self, expression: str) -> Any:
        """Evaluate JavaScript, await its promise if it is one, and return its value."""
        result = await self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def until(self, expression: str, seconds: float = 15) -> Any:
        """Wait until an expression is true, as JavaScript has it, and return its value; an element comes back as {}."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (value := await self.run(expression)) in (None, False, 0, ""):
            assert loop.time() < end, f"not within {seconds} s: {expression}; errors: {self.errors}"
            await asyncio.sleep(0.05)
        return value

    async def click(self, x: float, y: float) -> None:
        """Press and release the left button at a point of the window, in CSS pixels from its upper left."""
        for kind in ("mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def show(self, width: int, height: int, *, dark: bool = False, phone: bool = False) -> None:
        """Set the size of the window in CSS pixels, the colour scheme, and whether it is a phone."""
        size = {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone}
        await self.send("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])

    async def screenshot(self, path: Path) -> None:
        """Save what the window shows as PNG."""
        picture = base64.b64decode((await self.send("Page.captureScreenshot"))["data"])
        await asyncio.to_thread(path.write_bytes, picture)

    async def listen(self) -> None:
        """Take what the browser says, until it is closed."""
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                if not (waiting := self._waiting.pop(said["id"])).done():
                    waiting.set_result(said)
            elif said.get("sessionId") == self.session:
                self._note(said["method"], said["params"])

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent" and not told["request"]["url"].startswith(("blob:", "data:")):
            self.requests.append(told["request"]["url"])
        elif event == "Runtime.exceptionThrown":
            self.errors.append(str(told["exceptionDetails"].get("exception", {}).get("description", told)))
        elif event == "Runtime.consoleAPICalled" and told["type"] == "error":
            self.errors.append(" ".join(str(one.get("value", one.get("description"))) for one in told["args"]))
        elif event == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.errors.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")


@asynccontextmanager
async def new_page(address: str) -> AsyncIterator[Page]:
    """Open a tab, 1280 x 800 and light, in a fresh profile of a running browser."""
    async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
        page = Page(socket)
        listening = asyncio.create_task(page.listen())
        try:
            profile = (await page.send("Target.createBrowserContext"))["browserContextId"]
            tab = await page.send("Target.createTarget", url="about:blank", browserContextId=profile)
            attached = await page.send("Target.attachToTarget", targetId=tab["targetId"], flatten=True)
            page.session = attached["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                await page.send(f"{domain}.enable")
            await page.show(1280, 800)
            yield page
            page.session = ""
            await page.send("Target.disposeBrowserContext", browserContextId=profile)
        finally:
            listening.cancel()
