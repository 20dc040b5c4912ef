"""`halocline ingest --watch`: keeps a store current, and ends when it is told to."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cli.ingest import Job
from cli.watch import Watched
from stores.ingest.crew import Processes
from stores.location import Location
from stores.lock import locked
from tests.sea import write_sea

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "sea"
    found.mkdir()
    write_sea(found / "day1.nc", days=1)
    return found


@pytest.fixture
def watched(tmp_path, folder):
    return Watched(Job(location=Location.parse(str(tmp_path / "store")), dataset="sea", source=f"{folder}/*.nc"))


@pytest.fixture
def crew():
    with Processes(0) as found:
        yield found


@pytest.fixture
def said(capsys):
    def lines():
        return capsys.readouterr().err.splitlines()

    return lines


def test_a_file_is_taken_when_two_looks_agree_about_it(watched, crew, folder, said):
    assert watched.look(crew)
    assert said() == []
    assert not watched.look(crew)
    assert said()[0].startswith("sea: 1 steps (0 before); files: 1 new")
    write_sea(folder / "day2.nc", days=1, first=2)
    assert watched.look(crew)
    with (folder / "day2.nc").open("ab") as file:
        file.write(b"\0" * 64)
    assert watched.look(crew)
    assert said() == []
    assert not watched.look(crew)
    assert said()[0].startswith("sea: 2 steps (1 before); files: 1 new")


def test_a_file_that_is_being_replaced_is_served_as_it_was(watched, crew, folder, said):
    watched.look(crew)
    watched.look(crew)
    said()
    whole = (folder / "day1.nc").read_bytes()
    for length in (0, 1000, len(whole) // 2):
        (folder / "day1.nc").write_bytes(whole[:length])
        assert watched.look(crew)
        assert said() == []
    (folder / "day1.nc").unlink()
    assert watched.look(crew)
    assert said() == []


def test_another_file_is_taken_while_one_is_still_being_written(watched, crew, folder, said):
    watched.look(crew)
    watched.look(crew)
    said()
    write_sea(folder / "day2.nc", days=1, first=2)
    for size in range(3):
        (folder / "day1.nc").write_bytes(b"growing" * size)
        assert watched.look(crew)
    (line,) = said()
    assert line.startswith("sea: 2 steps (1 before); files: 1 new, 0 replaced, 0 withdrawn, 1 unchanged")


def test_a_file_that_stays_away_is_withdrawn(watched, crew, folder, said):
    write_sea(folder / "day2.nc", days=1, first=2)
    watched.look(crew)
    watched.look(crew)
    (folder / "day1.nc").unlink()
    said()
    assert watched.look(crew)
    assert said() == []
    assert not watched.look(crew)
    assert said()[0].startswith("sea: 1 steps (2 before); files: 0 new, 0 replaced, 1 withdrawn")


def test_what_is_wrong_is_said_once(watched, crew, folder, said):
    (folder / "broken.nc").write_bytes(b"no NetCDF at all")
    watched.look(crew)
    watched.look(crew)
    assert sum("refused broken.nc" in line for line in said()) == 1
    write_sea(folder / "day2.nc", days=1, first=2)
    watched.look(crew)
    watched.look(crew)
    assert [line for line in said() if "refused broken.nc" in line] == []


def test_an_error_is_said_once_and_tried_again(watched, crew, folder, said, tmp_path):
    (tmp_path / "store").write_text("in the way")
    watched.look(crew)
    for _ in range(3):
        watched.look(crew)
    (line,) = said()
    assert "trying again" in line
    (tmp_path / "store").unlink()
    watched.look(crew)
    assert said()[0].startswith("sea: 1 steps")


def test_a_dataset_that_somebody_else_writes_is_waited_for(watched, crew, said, tmp_path):
    watched.look(crew)
    with locked(tmp_path / "store" / ".locks" / "sea.lock"):
        assert watched.look(crew)
        assert watched.look(crew)
    (line,) = said()
    assert "waiting" in line
    assert not watched.look(crew)
    assert said()[0].startswith("sea: 1 steps")


def test_a_look_at_ten_thousand_files_in_which_nothing_is_new_is_quick(watched, crew, folder, monkeypatch):
    for number in range(10_000):
        (folder / f"file{number}.nc").touch()
    monkeypatch.setattr("cli.watch.ingest_quietly", lambda *_, **__: pytest.fail("it is not idle"))
    watched.look(crew)
    watched._taken = watched._seen
    begun = time.process_time()
    assert not watched.look(crew)
    assert time.process_time() - begun < 1.5


@contextlib.contextmanager
def watching(folder, *, deaf=False):
    (folder / "unit.yaml").write_text("store: store\ndatasets: [{id: sea, source: 'sea/*.nc'}]\n")
    command = [sys.executable, "-m", "cli.main", "ingest", str(folder / "unit.yaml"), "--watch", "--every", "0.2"]
    # As a shell starts what is to run in the background.
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"] if deaf else []
    process = subprocess.Popen([*ignoring, *command, "--processes", "1"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    # A test that waits for a line that never comes would wait for ever.
    guard = threading.Timer(60, lambda: os.kill(process.pid, signal.SIGKILL))
    guard.start()
    try:
        yield process
    finally:
        guard.cancel()
        process.kill()
        process.communicate()


def heard(process, text):
    for line in process.stderr:
        if text in line:
            return
    pytest.fail(f"it ended without saying {text!r}")


@pytest.mark.parametrize(
    ("number", "deaf", "code"), [(signal.SIGTERM, False, 0), (signal.SIGINT, False, 130), (signal.SIGTERM, True, 0)]
)
def test_it_keeps_a_store_current_until_it_is_told_to_stop(tmp_path, folder, number, deaf, code):
    with watching(tmp_path, deaf=deaf) as process:
        heard(process, "sea: 1 steps (0 before)")
        write_sea(folder / ".day2.nc", days=1, first=2)
        (folder / ".day2.nc").rename(folder / "day2.nc")
        heard(process, "sea: 2 steps (1 before)")
        process.send_signal(number)
        said = process.communicate(timeout=30)[1]
        assert process.returncode == code
    assert "Traceback" not in said
