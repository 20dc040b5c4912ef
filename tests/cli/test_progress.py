"""Progress: lines where there is no terminal, a bar where there is one, and nothing where it is to be quiet."""

import io
import sys

import pytest

from cli.progress import Counted, Progress
from stores.ingest.crew import Processes
from stores.ingest.survey import look
from tests.sea import write_sea


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(progress):
    with progress:
        progress.at(0, 400, "read")
        progress.at(100, 400, "read")
        progress.at(400, 400, "read")


def test_lines_have_percent_rate_and_time_left(capsys):
    shown(Progress("sea", every=0.0))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("sea: read 0 % of 400B, 0.00B/s")
    assert lines[1].startswith("sea: read 25 % of 400B, ")
    assert lines[1].endswith("B/s, 00:00 left")
    assert lines[2].startswith("sea: read 100 % of 400B, ")


def test_lines_are_few(capsys):
    progress = Progress("sea", every=3600.0)
    shown(progress)
    assert capsys.readouterr().err == ""


def test_a_terminal_has_a_bar(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    shown(Progress("sea", every=0.0))
    said = sys.stderr.getvalue()
    assert "sea: read: 100%" in said
    assert "400/400" in said
    assert "\n" not in said.rstrip("\n")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_quiet_is_quiet(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream())
    shown(Progress("sea", quiet=True, every=0.0))
    assert sys.stderr.getvalue() == ""


def test_looks_at_files_are_shown_by_the_size_of_the_files(tmp_path, capsys):
    paths = [tmp_path / "day1.nc", tmp_path / "gone.nc", tmp_path / "day2.nc"]
    for path in (paths[0], paths[2]):
        write_sea(path, days=1)
    with Processes(0) as crew, Progress("sea", every=0.0) as progress:
        assert len(list(Counted(crew, progress).each(look, paths))) == 3
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == [
        f"sea: looked at {share} % of {2 * paths[0].stat().st_size / 1000:.1f}kB" for share in (50, 50, 100)
    ]
