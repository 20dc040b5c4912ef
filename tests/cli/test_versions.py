"""`halocline versions`, `rollback` and `verify` as an operator types them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.codes import DONE, FAILED, PARTLY
from cli.crews import Reading
from cli.ingest import ingest_configured
from cli.verify import Depth, verify_configured
from cli.versions import forgive_all, list_versions, roll_back
from gateway.config.file import ConfigError
from tests.sea import write_sea

ROOT = Path(__file__).parents[2]
HERE = Reading(processes=0)
LINE = r"sea (\w{20}) \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (\d) steps? 2015-03-01T12:00:00Z\.\.(\S+)( \(.*\))?"


@pytest.fixture
def config(tmp_path, capsys):
    """Two versions of one dataset, and another one that was never ingested."""
    (tmp_path / "sea").mkdir()
    path = tmp_path / "unit.yaml"
    path.write_text("store: store\ndatasets: [{id: sea, source: 'sea/*.nc'}, {id: ice, source: 'ice/*.nc'}]\n")
    for day in (1, 2):
        write_sea(tmp_path / "sea" / f"day{day}.nc", days=1, first=day)
        ingest_configured(path, ["sea"], HERE)
    capsys.readouterr()
    return path


def listed(config, capsys):
    assert list_versions(config, ["sea"]) == DONE
    found = [re.fullmatch(LINE, line) for line in capsys.readouterr().out.splitlines()]
    assert all(found)
    return [match.groups() for match in found]


def test_versions_tell_when_how_many_and_which_is_served(config, capsys):
    newest, first = listed(config, capsys)
    assert newest[1:] == ("2", "2015-03-02T12:00:00Z", " (served)")
    assert first[1:] == ("1", "2015-03-01T12:00:00Z", None)
    assert list_versions(config, []) == DONE
    assert "ice: nothing has been ingested yet" in capsys.readouterr().out


def test_a_rollback_says_what_it_did_and_what_comes_of_it(config, capsys, tmp_path):
    newest, first = (line[0] for line in listed(config, capsys))
    (tmp_path / "sea" / "day1.nc").unlink()
    assert roll_back(config, "sea", first[:10]) == DONE
    said = capsys.readouterr().out
    assert f"not taken again as it is now: {tmp_path / 'sea' / 'day2.nc'}" in said
    assert f"the next ingest withdraws it: {tmp_path / 'sea' / 'day1.nc'}" in said
    marks = [(line[0], line[3]) for line in listed(config, capsys)]
    assert marks[0][1] == f" (served, the content of {first})"
    assert marks[1:] == [(first, None), (newest, " (rolled back)")]
    assert ingest_configured(config, ["sea"], HERE) == PARTLY
    assert "refused day2.nc: it was rolled back" in capsys.readouterr().err
    assert forgive_all(config, "sea") == DONE
    assert "1 files" in capsys.readouterr().out
    assert ingest_configured(config, ["sea"], HERE) == DONE


def test_what_cannot_be_rolled_back_is_said_with_what_there_is(config, capsys):
    newest, first = (line[0] for line in listed(config, capsys))
    assert roll_back(config, "sea", "nothing") == FAILED
    assert f"there are {newest}, {first}" in capsys.readouterr().err
    assert roll_back(config, "sea", newest) == FAILED
    assert "is served already" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="there are sea, ice"):
        roll_back(config, "sae", first)
    with pytest.raises(OSError, match="ice"):
        roll_back(config, "ice", first)
    assert not (config.parent / "store" / "ice").exists()


def test_a_verification_names_what_is_damaged_and_says_so_by_its_exit_code(config, capsys, tmp_path):
    assert verify_configured(config, [], HERE, Depth(sources=True)) == DONE
    said = capsys.readouterr().out
    assert re.search(r"^sea: version \w{20}: \d+ chunks, \d+ bytes, 2 files: whole$", said, re.MULTILINE)
    largest = max((tmp_path / "store" / "sea" / "chunks").iterdir(), key=lambda path: path.stat().st_size)
    largest.unlink()
    write_sea(tmp_path / "sea" / "day2.nc", days=2)
    assert verify_configured(config, ["sea"], HERE, Depth(sources=True)) == PARTLY
    said = capsys.readouterr().out
    assert re.search(r"^sea: not as it was written: data/thetao chunk \d\.\d\.0\.0: ", said, re.MULTILINE)
    assert f"sea: not as it was written: file {tmp_path / 'sea' / 'day2.nc'}: its content" in said
    assert said.endswith(": 2 faults\n")


def test_a_store_that_cannot_be_opened_is_no_store_without_faults(config, capsys, tmp_path):
    for snapshot in (tmp_path / "store" / "sea" / "snapshots").iterdir():
        snapshot.write_bytes(snapshot.read_bytes()[:60])
    assert verify_configured(config, ["sea"], HERE, Depth()) == FAILED
    assert list_versions(config, ["sea"]) == FAILED
    assert capsys.readouterr().err.count("halocline: dataset sea") == 2


@pytest.mark.parametrize("command", ["check", "versions", "rollback", "verify"])
def test_help_shows_examples(command):
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"halocline {command}" in done.stdout.split("examples:")[1]


def test_what_is_damaged_is_mended_and_the_exit_code_is_that_of_the_second_look(config, capsys, tmp_path):
    largest = max((tmp_path / "store" / "sea" / "chunks").iterdir(), key=lambda path: path.stat().st_size)
    largest.unlink()
    assert verify_configured(config, ["sea"], HERE, Depth(sources=True, mend=True)) == DONE
    out, err = capsys.readouterr()
    assert "not as it was written: data/thetao chunk" in out
    assert ": 1 faults\n" in out
    assert out.endswith("2 files: whole\n")
    assert "0 new, 0 replaced, 0 withdrawn, 2 unchanged" in err


def test_what_its_file_no_longer_gives_stays_damaged_by_name(config, capsys, tmp_path):
    largest = max((tmp_path / "store" / "sea" / "chunks").iterdir(), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-1] + b"x")
    for day in ("day1.nc", "day2.nc"):
        path = tmp_path / "sea" / day
        times = path.stat()
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert verify_configured(config, ["sea"], HERE, Depth(mend=True)) == PARTLY
    out, err = capsys.readouterr()
    assert re.search(r"refused day[12]\.nc: what is damaged of it stays: its content is not the one", err)
    assert out.count("not as it was written: data/thetao chunk") == 2
