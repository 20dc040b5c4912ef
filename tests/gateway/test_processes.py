"""Several processes that do the same work: what dies is replaced, and signals reach all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAIN = """
import os, signal, sys, time
from pathlib import Path
from gateway.processes import supervise

PASSED_ON = frozenset({signal.SIGHUP})

def work(folder, announce):
    own = folder / str(os.getpid())
    signal.signal(signal.SIGHUP, lambda *_: own.write_text("told"))
    # What waits for who begins slowly is not lost on them.
    time.sleep(0.2)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
    announce()
    if not own.exists():
        own.write_text("ready")
    time.sleep(60)

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    supervise(2, work, (folder,), ready=lambda: (folder / "all").touch(), passed_on=PASSED_ON)
"""


@pytest.fixture
def crew(tmp_path):
    """Start a supervisor of two processes; return it and the folder in which each says how it is."""
    (tmp_path / "main.py").write_text(MAIN)
    folder = tmp_path / "said"
    folder.mkdir()
    command = [sys.executable, str(tmp_path / "main.py"), str(folder)]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)})
    yield process, folder
    process.terminate()
    process.wait(10)


def until(truth):
    for _ in range(400):
        if truth():
            return
        time.sleep(0.025)
    raise AssertionError("it does not become so")


def said(folder):
    return {path.name: path.read_text() for path in folder.iterdir() if path.name != "all"}


def test_a_signal_that_is_passed_on_reaches_all_and_ends_none(crew):
    process, folder = crew
    until(lambda: (folder / "all").exists() and len(said(folder)) == 2)
    process.send_signal(signal.SIGHUP)
    until(lambda: set(said(folder).values()) == {"told"})
    assert process.poll() is None


def test_one_that_replaces_another_stays(crew):
    process, folder = crew
    until(lambda: (folder / "all").exists() and len(said(folder)) == 2)
    before = set(said(folder))
    os.kill(int(min(before)), signal.SIGKILL)
    until(lambda: len(said(folder)) == 3)
    (new,) = set(said(folder)) - before
    process.send_signal(signal.SIGHUP)
    until(lambda: said(folder)[new] == "told")
    assert len(said(folder)) == 3
