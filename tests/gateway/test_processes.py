"""Several processes at the same work: what dies, hangs or cannot begin is replaced, and signals do what they say."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAIN = """
import logging, os, signal, sys, time
from pathlib import Path
from gateway.supervisor import Job, Order, supervise

def work(order, place, link):
    # Each says in its file what it is told; the order says how it behaves.
    folder, behaviour = order
    own = folder / f"{place}-{os.getpid()}"
    if behaviour == "broken" or (behaviour == "one broken" and place == 1):
        own.write_text("broken")
        sys.exit(3)
    told = []
    for word in (signal.SIGUSR1, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(word, lambda number, _: told.append(number))
    link.ready()
    own.write_text("ready")
    while not told or (behaviour == "stubborn" and signal.SIGQUIT not in told):
        link.beat()
        time.sleep(0.05)
    own.write_text(f"told {signal.Signals(told[0]).name}")

def renewed(order):
    behaviour = (folder / "order").read_text()
    return Order(what=(folder, behaviour), hang=0 if behaviour == "slow" else 2, end=30) if behaviour else None

if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    folder = Path(sys.argv[1])
    job = Job(
        work=work,
        places=(0, 1),
        ready=lambda: (folder / "all").touch(),
        attended=lambda numbers: (folder / "attended").write_text(" ".join(map(str, numbers))),
        renewed=None if sys.argv[2] == "without" else renewed,
    )
    sys.exit(0 if supervise(job, renewed(None)) else 9)
"""


class Crew:
    """A supervisor of two places, and the folder in which its processes say how they are."""

    def __init__(self, folder, behaviour, renewing):
        self.folder = folder / "said"
        self.folder.mkdir()
        (folder / "main.py").write_text(MAIN)
        self.order(behaviour)
        command = [sys.executable, str(folder / "main.py"), str(self.folder), renewing]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log)

    def order(self, behaviour):
        (self.folder / "order").write_text(behaviour)

    def said(self, word="ready"):
        """Return the numbers of the processes that said a word last."""
        files = self.folder.glob("[01]-*")
        return {int(path.name.partition("-")[2]) for path in files if path.read_text() == word}

    def attended(self, *places):
        """Tell whether it is known that there is somebody at these places, and at no others."""
        return (self.folder / "attended").read_text().split() == [*places]

    def ready(self):
        until(lambda: (self.folder / "all").exists() and len(self.said()) == 2)
        return self.said()


@pytest.fixture
def crew(tmp_path):
    """Return what starts a crew, which is ended."""
    made = []

    def start(behaviour="willing", renewing="renewing"):
        made.append(Crew(tmp_path, behaviour, renewing))
        return made[0]

    yield start
    made[0].process.send_signal(signal.SIGTERM)
    made[0].process.send_signal(signal.SIGTERM)
    made[0].process.wait(20)


def until(truth):
    for _ in range(800):
        if truth():
            return
        time.sleep(0.025)
    raise AssertionError("it does not become so")


def test_one_that_dies_is_replaced_at_its_place(crew):
    crew = crew()
    before = crew.ready()
    victim = min(before)
    place = next(path.name[0] for path in crew.folder.glob(f"*-{victim}"))
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(crew.said()) == 3)
    (new,) = crew.said() - before
    assert list(crew.folder.glob(f"{place}-{new}"))
    assert f"process {victim} ended (-9)" in crew.log.read_text()


def test_one_that_hangs_is_killed_and_replaced_and_one_that_works_is_not(crew):
    crew = crew()
    before = crew.ready()
    os.kill(min(before), signal.SIGSTOP)
    until(lambda: len(crew.said()) == 3)
    assert f"process {min(before)} hangs" in crew.log.read_text()
    os.kill(max(before), 0)


def test_where_nobody_answers_nobody_is_sent(crew):
    crew = crew("slow")
    before = crew.ready()
    until(lambda: crew.attended("0", "1"))
    silent = next(crew.folder.glob("0-*"))
    os.kill(int(silent.name[2:]), signal.SIGSTOP)
    until(lambda: crew.attended("1"))
    os.kill(int(silent.name[2:]), signal.SIGCONT)
    until(lambda: crew.attended("0", "1"))
    assert crew.said() == before
    # One that is not yet ready does not answer either.
    crew.order("one broken")
    crew.process.send_signal(signal.SIGHUP)
    until(lambda: "that in force stays" in crew.log.read_text())
    os.kill(next(int(path.name[2:]) for path in crew.folder.glob("1-*") if path.read_text() == "ready"), signal.SIGKILL)
    until(lambda: crew.attended("0"))


def test_a_supervisor_that_was_stopped_takes_none_for_hung(crew):
    crew = crew()
    before = crew.ready()
    # Longer than a process may be silent: as of a computer that sleeps, or a clock that jumps.
    for word, seconds in ((signal.SIGSTOP, 2.5), (signal.SIGCONT, 1.5)):
        for process in (crew.process.pid, *before):
            os.kill(process, word)
        time.sleep(seconds)
    assert crew.said() == before
    assert "hangs" not in crew.log.read_text()


def test_where_none_can_begin_there_is_an_end(crew):
    crew = crew("broken")
    assert crew.process.wait(20) == 9
    assert not (crew.folder / "all").exists()


def test_one_that_cannot_begin_is_tried_again_more_and_more_rarely(crew):
    crew = crew("one broken")
    until(lambda: (crew.folder / "all").exists() and len(crew.said("broken")) == 3)
    waits = [line.rsplit(" ", 2)[1] for line in crew.log.read_text().splitlines() if "another one" in line]
    # The last one may not have been noted yet.
    assert waits[:2] == ["1", "2"]
    assert len(crew.said()) == 1


def test_on_sighup_each_place_is_taken_over_before_it_is_left(crew):
    crew = crew()
    before = crew.ready()
    crew.process.send_signal(signal.SIGHUP)
    until(lambda: crew.said("told SIGUSR1") == before and len(crew.said()) == 2)
    assert "is in force" in crew.log.read_text()
    assert crew.process.poll() is None


@pytest.mark.parametrize("behaviour", ["", "broken"])
def test_on_sighup_nothing_changes_by_what_cannot_be_used(crew, behaviour):
    crew = crew()
    before = crew.ready()
    crew.order(behaviour)
    crew.process.send_signal(signal.SIGHUP)
    if behaviour:
        until(lambda: "that in force stays" in crew.log.read_text())
    # One that is replaced now begins by the order in force.
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(crew.said()) == 3)
    assert not crew.said("told SIGUSR1")


def test_sighup_is_an_end_where_there_is_nothing_to_renew(crew):
    crew = crew(renewing="without")
    before = crew.ready()
    crew.process.send_signal(signal.SIGHUP)
    assert crew.process.wait(20) == 0
    assert crew.said("told SIGTERM") == before


def test_ctrl_c_reaches_the_supervisor_alone(crew):
    crew = crew()
    before = crew.ready()
    for process in before:
        os.kill(process, signal.SIGINT)
        os.kill(process, signal.SIGHUP)
    time.sleep(0.2)
    assert crew.said() == before
    crew.process.send_signal(signal.SIGINT)
    assert crew.process.wait(20) == 0
    assert crew.said("told SIGTERM") == before


def test_the_second_word_to_end_ends_at_once(crew):
    crew = crew("stubborn")
    crew.ready()
    crew.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert crew.process.poll() is None
    crew.process.send_signal(signal.SIGTERM)
    assert crew.process.wait(20) == 0
