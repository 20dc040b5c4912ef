"""A unit as it is started: under load it is reloaded, ended, and loses nobody's request."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gateway.config.file import load
from gateway.service import renewed
from gateway.sockets import free_port
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.gateway.hammer import Hammer, ask
from tests.sea import write_sea

ROOT = Path(__file__).parents[2]
CAPABILITIES = "/wms?service=WMS&request=GetCapabilities"


class Serving:
    """A unit in processes of its own."""

    def __init__(self, folder):
        self.file, self.port = folder / "unit.yaml", free_port("127.0.0.1", 0)
        self.log = folder / "log"

    def write(self, title):
        unit = f"unit: {{port: {self.port}, workers: 2, title: {title}}}"
        self.file.write_text(f"{unit}\nstore: store\ndatasets: [{{id: sea, source: '*.nc'}}]\n")

    def start(self):
        command = [sys.executable, "-m", "cli.main", "serve", str(self.file)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stderr=log, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})

    def workers(self):
        """Return the numbers of the processes that serve."""
        supervisor = self.process.pid
        children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
        return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]

    async def all_say(self, text, path=CAPABILITIES, connections=16):
        """Ask on many connections, which are shared out to both processes, until all of them have a text."""
        for _ in range(300):
            answers = [await ask(self.port, path) for _ in range(connections)]
            if all(text in answer for answer in answers):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"not all say {text}")


async def until(truth):
    for _ in range(1200):
        if truth():
            return
        await asyncio.sleep(0.025)
    raise AssertionError("it does not become so")


@pytest.fixture
async def serving(sea_store, tmp_path):
    """Return a unit of two processes that serves the small sea."""
    shutil.copytree(sea_store / "store", tmp_path / "store")
    shutil.copy(sea_store / "sea.nc", tmp_path)
    made = Serving(tmp_path)
    made.write("Before")
    made.start()
    await until(lambda: "Stop with Ctrl-C" in made.log.read_text())
    yield made
    made.process.kill()
    made.process.wait()


async def one_alone_answers_all(serving):
    """Kill one of two processes, and let its replacement not begin until many have been answered."""
    before = serving.workers()
    os.kill(before[0], signal.SIGKILL)
    await until(lambda: [*set(serving.workers()) - {*before}])
    (new,) = set(serving.workers()) - {*before}
    os.kill(new, signal.SIGSTOP)
    asking = asyncio.gather(*(ask(serving.port, "/health/live") for _ in range(32)))
    try:
        assert all(await asyncio.wait_for(asking, 10))
    finally:
        os.kill(new, signal.SIGCONT)


async def test_no_request_is_lost_by_a_death_a_reload_a_new_version_or_the_end(serving):
    for worker in serving.workers():
        os.kill(worker, signal.SIGKILL)
    # It waits for the processes that take their places.
    assert "<Title>Before</Title>" in await ask(serving.port, CAPABILITIES)
    await serving.all_say('process="1"', "/metrics", 1)
    await one_alone_answers_all(serving)
    hammer = Hammer(serving.port)
    hammer.begin()
    serving.write("After")
    serving.process.send_signal(signal.SIGHUP)
    await serving.all_say("<Title>After</Title>")
    folder = serving.file.parent
    write_sea(folder / "later.nc", days=1, first=9)
    files = [folder / "sea.nc", folder / "later.nc"]
    location = Location.parse(str(folder / "store"))
    await asyncio.to_thread(ingest, location, "sea", files, crew=Processes(0), report=lambda _: None)
    await serving.all_say("2015-03-09T12:00:00Z")
    serving.write("[")
    serving.process.send_signal(signal.SIGHUP)
    for number in (0, 1):
        await serving.all_say(f'halocline_in_flight{{process="{number}"}}', "/metrics", 1)
    await until(lambda: "the configuration in force stays" in serving.log.read_text())
    await serving.all_say("<Title>After</Title>")
    assert set(hammer.seen) == {"200", "closing"}
    serving.process.send_signal(signal.SIGTERM)
    await until(lambda: serving.process.poll() is not None)
    await hammer.end()
    assert serving.process.returncode == 0
    assert set(hammer.seen) == {"200", "closing", "refused"}
    assert hammer.seen["200"] > 100
    assert "Traceback" not in serving.log.read_text()


UNIT = "unit: {title: Kept}\naccess: [{datasets: '*', view: [major]}]\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("unit: [", "not YAML"),
        ("unit: {titel: x}", "unit.titel"),
        ("unit: {title: Open}", "no rule any more"),
        ("", "no rule any more"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_used_renews_nothing(tmp_path, caplog, text, says):
    file = tmp_path / "unit.yaml"
    file.write_text(UNIT)
    config = load(file)
    file.unlink() if text is None else file.write_text(text)
    assert renewed(config) is None
    assert says in caplog.text


def test_a_file_that_is_being_written_is_read_once_it_is_whole(tmp_path):
    file = tmp_path / "unit.yaml"
    file.write_text(UNIT)
    config = load(file)

    def write():
        for number in range(8):
            file.write_text("unit: {title: Half}\naccess: [{datasets: '*', view: [public]}]\n#" + "#" * number)
            time.sleep(0.05)
        file.write_text(UNIT.replace("Kept", "Whole"))

    file.write_text("#")
    writing = threading.Thread(target=write)
    writing.start()
    order = renewed(config)
    writing.join()
    assert order.what.unit.title == "Whole"
    assert order.what.access[0].view == ["major"]


def test_what_cannot_change_while_it_runs_stays_and_is_said(tmp_path, caplog):
    file = tmp_path / "unit.yaml"
    file.write_text(UNIT)
    config = load(file)
    file.write_text(UNIT.replace("title: Kept", "title: New, host: 0.0.0.0, port: 81, workers: 3, hang_seconds: 9"))
    order = renewed(config)
    unit = order.what.unit
    assert (unit.title, unit.host, unit.port, unit.workers, order.hang) == ("New", "127.0.0.1", 8080, 1, 9.0)
    assert [name for name in ("host", "port", "workers") if f"unit.{name} stays" in caplog.text] == [
        "host",
        "port",
        "workers",
    ]
    assert order.what.file == file
    assert order.what.changed == load(file).changed


def test_the_supervisor_loads_no_server():
    heavy = {"aiohttp", "uvloop", "icechunk", "zarr"}
    code = f"import sys, cli.main, gateway.service; print(*sorted({heavy} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_what_cannot_begin_is_said_in_a_line_and_with_exit_code_2(tmp_path):
    (tmp_path / "keys").write_text("[]")
    file = tmp_path / "unit.yaml"
    file.write_text(f"unit: {{port: {free_port('127.0.0.1', 0)}}}\naccounting: {{secret: keys}}\n")
    command = [sys.executable, "-m", "cli.main", "serve", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "a process cannot begin" in done.stderr
    assert "Traceback" not in done.stderr
