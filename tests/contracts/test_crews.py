"""What every `stores.ingest.crew.Crew` does: here, in processes of this machine, and on a Dask cluster."""

import os
import signal
import socket
import struct
import sys
import threading
import time
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path

import distributed
import pytest

from stores.ingest.cluster import ClusterError, DaskCrew
from stores.ingest.crew import Processes, WorkerDiedError, _undisturbed
from stores.ingest.refusal import Unreadable
from tests.dask_cluster import dask_cluster

CREWS = ["here", "one process", "two processes", "Dask"]
ELSEWHERE = CREWS[1:]
"""Where a worker may die."""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask")) as address:
        yield address


@pytest.fixture(scope="module")
def crew(request):
    """A crew that several tests share: none of them may leave it unfit for the next one."""
    sizes = {"here": 0, "one process": 1, "two processes": 2}
    dask = request.param not in sizes
    with DaskCrew(request.getfixturevalue("address")) if dask else Processes(sizes[request.param]) as entered:
        yield entered


everywhere = pytest.mark.parametrize("crew", CREWS, indirect=True)
elsewhere = pytest.mark.parametrize("crew", ELSEWHERE, indirect=True)


def slow_first(number):
    time.sleep(0.2 if number == 0 else 0)
    return -number


def refuse(number):
    if number == 2:
        raise Unreadable("a.nc", "its third part is damaged")
    return number


def die(number):
    if number == 2:
        os._exit(3)
    return number


def mark(path):
    path.touch()
    time.sleep(0.1)


def who(_item):
    """Return the process, and when it began and ended to do what only one thread may do."""
    began = time.monotonic()
    time.sleep(0.02)
    return os.getpid(), began, time.monotonic()


@everywhere
def test_results_come_in_the_order_of_the_items(crew):
    assert list(crew.each(slow_first, range(20))) == [-number for number in range(20)]


@everywhere
def test_nothing_comes_of_nothing(crew):
    assert list(crew.each(abs, [])) == []


@everywhere
def test_few_items_are_in_flight(crew):
    taken = []

    def items():
        for number in range(40):
            taken.append(number)
            yield number

    results = crew.each(abs, items())
    assert next(results) == 0
    assert len(taken) <= 6
    assert list(results) == list(range(1, 40))


@everywhere
def test_a_refusal_comes_back_as_it_is_after_what_came_before_it(crew):
    results = crew.each(refuse, range(6))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(Unreadable) as caught:
        next(results)
    assert (caught.value.name, caught.value.reason) == ("a.nc", "its third part is damaged")
    assert crew.one(abs, -1) == 1


@everywhere
def test_an_item_that_cannot_be_had_ends_it_and_the_crew_goes_on(crew):
    def items():
        yield 1
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        list(crew.each(abs, items()))
    assert crew.one(abs, -1) == 1


@elsewhere
def test_a_worker_that_dies_is_an_error_and_the_crew_goes_on(crew):
    with pytest.raises(WorkerDiedError, match="damaged or memory is short"):
        list(crew.each(die, range(6)))
    assert crew.one(abs, -1) == 1


@everywhere
def test_who_stops_listening_leaves_the_rest_undone(crew, tmp_path):
    marks = [tmp_path / str(number) for number in range(30)]
    results = crew.each(mark, marks)
    next(results)
    results.close()
    assert crew.one(abs, -1) == 1
    assert len(list(tmp_path.iterdir())) <= 8


@elsewhere
def test_ctrl_c_while_it_waits_ends_it_and_the_crew_goes_on(crew):
    assert crew.one(abs, -1) == 1  # it is there
    timer = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
    began = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        list(crew.each(time.sleep, [0.9] * 4))
    assert time.monotonic() - began < 0.8
    timer.join()
    assert crew.one(abs, -1) == 1


@elsewhere
def test_no_two_threads_of_a_process_work_at_once(crew):
    spans = {}
    for process, began, ended in crew.each(who, range(12)):
        spans.setdefault(process, []).append((began, ended))
    assert os.getpid() not in spans
    for found in spans.values():
        ordered = sorted(found)
        assert all(first[1] <= second[0] for first, second in pairwise(ordered))


# --- processes


def test_without_processes_the_work_is_done_here():
    with Processes(0) as crew:
        assert crew.one(lambda found: found + os.getpid(), 0) == os.getpid()


def begin_and_be_interrupted(done):
    with _undisturbed():
        signal.raise_signal(signal.SIGINT)
        done.append("whole")


def test_ctrl_c_waits_until_the_pool_is_whole():
    done = []
    with pytest.raises(KeyboardInterrupt):
        begin_and_be_interrupted(done)
    assert done == ["whole"]


# --- a Dask cluster


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("tcp://127.0.0.1:9", "refused"),
        ("127.0.0.1:9", "refused"),
        ("tcp://nowhere.invalid:8786", "not known|resolution"),
        ("tcp://127.0.0.1", "tcp://host:8786"),
        ("", "tcp://host:8786"),
        ("x:y", "could not be cast"),
        ("tcp://127.0.0.1:99999", "out of range"),
    ],
)
def test_an_address_where_nobody_answers_is_named_at_once(address, says):
    began = time.monotonic()
    with pytest.raises(ClusterError, match=rf"no Dask scheduler answers at {address} \(.*({says})"), DaskCrew(address):
        pass
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("says", [b"", b"HTTP/1.0 400 Bad Request\r\n\r\n"])
def test_somebody_else_at_the_address_is_no_scheduler(says, monkeypatch):
    monkeypatch.setattr("stores.ingest.cluster._CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        threading.Thread(target=answer, args=(server, says), daemon=True).start()
        with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {address}"), DaskCrew(address):
            pass


def answer(server: socket.socket, says: bytes) -> None:
    """Answer whoever comes, and end when nobody does any more."""
    server.settimeout(3)
    with suppress(OSError), ExitStack() as open_connections:
        while True:
            connection = open_connections.enter_context(server.accept()[0])
            connection.sendall(says)


def test_a_worker_at_the_address_is_no_scheduler(address):
    with DaskCrew(address) as crew:
        worker = crew.one(worker_address, None)
    with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {worker} .there is a Worker"):
        DaskCrew(worker).__enter__()


def worker_address(_item):
    return distributed.get_worker().address


def test_workers_of_another_version_are_refused(address, monkeypatch):
    monkeypatch.setattr("stores.ingest.cluster.INGEST_FORMAT", 99)
    said = r"has the ingest format \d+, this process 99: install the same"
    with pytest.raises(ClusterError, match=said), DaskCrew(address):
        pass


def test_a_scheduler_that_goes_away_is_an_error_and_no_refusal_of_a_file(tmp_path):
    with dask_cluster(tmp_path) as address, DaskCrew(address) as crew:
        results = crew.each(time.sleep, [0.0, 0.0, 0.0, 0.0, 0.0, 60.0])
        next(results)
        os.kill(scheduler_of(tmp_path), signal.SIGKILL)
        with pytest.raises(ClusterError, match="is gone"):
            list(results)


def scheduler_of(folder: Path) -> int:
    """Return the process that a cluster in `folder` runs in."""
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if str(folder / "cluster.py").encode() in status.read_bytes().split(b"\0"):
                return int(status.parent.name)
    raise LookupError(folder)


def die_within_an_answer(_):
    """Write the first bytes of an answer, as one does who is killed while writing a long one."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        frame = frame.f_back
    os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 100) + b"begun")
    os._exit(9)


def test_a_process_that_is_killed_within_its_answer_does_not_hold_up_the_rest(monkeypatch):
    monkeypatch.setattr("stores.ingest.crew._LOOK_SECONDS", 0.2)
    with Processes(2) as crew:
        with pytest.raises(WorkerDiedError):
            crew.one(die_within_an_answer, 0)
        assert crew.one(abs, -1) == 1
