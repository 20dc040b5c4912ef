"""The command line as an operator types it."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.sea import write_sea

HALOCLINE = [sys.executable, "-m", "cli.main"]
pytestmark = pytest.mark.journey


def run(*arguments, timeout=60):
    return subprocess.run(
        [*HALOCLINE, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, check=False
    )


@contextlib.contextmanager
def serving(*arguments):
    """Serve, and give the address and the lines that were said until then."""
    command = [*HALOCLINE, "serve", *map(str, arguments), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    lines = []
    try:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r"map\s+(http://\S+/)$", line):
                yield found[1], "".join(lines), process
                break
        else:
            pytest.fail("the unit ended before it served: " + "".join(lines))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def get(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read()


@pytest.fixture
def files(tmp_path):
    write_sea(tmp_path / "day1.nc", days=1)
    write_sea(tmp_path / "day2.nc", days=1, first=2)
    (tmp_path / "broken.nc").write_bytes(b"no NetCDF at all")
    return tmp_path


@pytest.fixture
def config(files):
    (files / "unit.yaml").write_text("store: store\ndatasets: [{id: sea, source: 'day*.nc'}]\n")
    return files / "unit.yaml"


def test_files_are_served_as_one_series_without_any_configuration(files):
    with serving(files / "day1.nc", files / "day2.nc", "--cache", files / "cache") as (address, said, _):
        capabilities = get(f"{address}wms?service=WMS&request=GetCapabilities").decode()
        assert "<Name>day1/thetao</Name>" in capabilities
        assert "2015-03-01T12:00:00Z,2015-03-02T12:00:00Z" in capabilities
        assert "2 new" in said


def test_the_second_start_reads_nothing_again(files):
    for expected in ("1 new", "1 unchanged"):
        with serving(files / "day1.nc", "--cache", files / "cache") as (_, said, _):
            assert expected in said


def test_a_file_that_cannot_be_served_is_named_and_the_others_are_served(files):
    with serving(files / "day1.nc", files / "broken.nc", "--cache", files / "cache") as (address, said, _):
        assert "refused broken.nc" in said
        assert "serves 1 dataset" in said
        assert get(f"{address}health")


def test_nothing_that_can_be_served_ends_with_a_reason(files):
    done = run("serve", files / "broken.nc", "--cache", files / "cache", "--port", "0")
    assert done.returncode == 2
    assert "none of these files can be served" in done.stderr


def test_a_taken_port_is_said_plainly_before_any_work(files):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", files / "day1.nc", "--cache", files / "cache", "--port", port)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (files / "cache" / "day1").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serve", "absent.nc"], "there is no such file"),
        (["serve", "absent.yaml"], "absent.yaml"),
        (["ingest", "absent.yaml"], "absent.yaml"),
        (["serve"], "CONFIG|FILE.nc"),
        (["paint"], "paint"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_code_2(arguments, says):
    done = run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["serve", "ingest", "demo"])
def test_help_shows_examples(command):
    done = run(command, "--help")
    assert done.returncode == 0
    assert f"halocline {command}" in done.stdout.split("examples:")[1]


def test_an_ingest_reads_only_what_is_new_and_tells_refusals_by_its_exit_code(config, files):
    assert run("ingest", config).returncode == 0
    again = run("ingest", config)
    assert "2 unchanged" in again.stderr
    shutil.copy(files / "broken.nc", files / "day3.nc")
    refused = run("ingest", config, "sea")
    assert refused.returncode == 1
    assert "refused day3.nc" in refused.stderr


def test_an_unknown_dataset_is_refused_naming_those_there_are(config):
    done = run("ingest", config, "sae")
    assert done.returncode == 2
    assert "there are sea" in done.stderr


def test_several_processes_share_a_port_and_one_that_dies_is_replaced(config):
    run("ingest", config)
    with serving(config, "--workers", "2") as (address, _, process):
        workers = workers_of(process.pid)
        assert len(workers) == 2
        os.kill(workers[-1], signal.SIGKILL)
        assert b"WMS_Capabilities" in patiently(lambda: get(f"{address}wms?service=WMS&request=GetCapabilities"))
        assert patiently(lambda: workers_of(process.pid) != workers[:1] and len(workers_of(process.pid)) == 2)


def test_processes_do_not_outlive_a_supervisor_that_was_killed(config):
    run("ingest", config)
    with serving(config, "--workers", "2") as (address, _, process):
        workers = workers_of(process.pid)
        process.kill()
        process.wait()
        assert patiently(lambda: not any(Path(f"/proc/{worker}/cmdline").exists() for worker in workers))
        with pytest.raises(OSError, match="refused"):
            get(f"{address}health")


def workers_of(parent):
    """Return the ids of the processes that serve, without multiprocessing's own."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            status, command = (folder / "status").read_text(), (folder / "cmdline").read_text()
            if f"PPid:\t{parent}\n" in status and "spawn_main" in command:
                found.append(int(folder.name))
    return sorted(found)


def patiently(work):
    """Try for some seconds: a process that was killed takes its connections with it."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            if found := work():
                return found
        time.sleep(0.1)
    pytest.fail("it does not come about")


def test_the_end_is_clean_when_the_unit_is_told_to_stop(config):
    run("ingest", config)
    with serving(config) as (address, _, process):
        get(f"{address}health")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
