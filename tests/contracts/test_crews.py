import os
import signal

import pytest

from stores.ingest.crew import Processes, WorkerDiedError, _undisturbed


def test_results_come_in_the_order_of_the_items_and_few_are_in_flight():
    taken = []

    def items():
        for number in range(20):
            taken.append(number)
            yield number

    with Processes(1) as crew:
        results = crew.each(abs, items())
        assert next(results) == 0
        assert len(taken) <= 4
        assert list(results) == list(range(1, 20))


def test_a_worker_that_dies_is_an_error_and_the_crew_goes_on():
    with Processes(1) as crew:
        with pytest.raises(WorkerDiedError):
            crew.one(os._exit, 3)
        assert crew.one(abs, -1) == 1


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
