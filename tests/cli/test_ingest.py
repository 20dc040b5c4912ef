"""`halocline ingest` where something is wrong: said in one line, an exit code that tells, and the others go on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.ingest import FAILED, PARTLY, ingest_configured
from gateway.config import ConfigError
from stores.lock import locked
from tests.sea import write_sea

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path):
    for path in (tmp_path / "sea" / "day 1.nc", tmp_path / "ice" / "day[1].nc"):
        path.parent.mkdir()
        write_sea(path, days=1)
    return written(tmp_path, "store")


def written(folder: Path, store: str) -> Path:
    path = folder / "unit.yaml"
    datasets = "[{id: sea, source: 'sea/*.nc'}, {id: ice, source: 'ice/*.nc'}]"
    path.write_text(f"store: {store}\ndatasets: {datasets}\n")
    return path


def spoil(folder: Path) -> None:
    """Cut what the repository says of its newest version."""
    for snapshot in (folder / "snapshots").iterdir():
        snapshot.write_bytes(snapshot.read_bytes()[:60])


def test_names_with_blanks_and_brackets_are_names(config, capsys):
    assert ingest_configured(config, [], processes=0) == 0
    assert capsys.readouterr().err.count("files: 1 new") == 2


def test_a_store_that_is_damaged_is_said_in_a_line_and_the_other_dataset_is_ingested(config, tmp_path, capsys):
    ingest_configured(config, ["sea"], processes=0)
    spoil(tmp_path / "store" / "sea")
    capsys.readouterr()
    assert ingest_configured(config, [], processes=0) == FAILED
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"halocline: dataset sea in {tmp_path / 'store'}: ")
    assert said[1].startswith("ice: 1 steps")
    assert len(said) == 2


def test_a_dataset_that_is_being_written_is_said_and_the_other_is_ingested(config, tmp_path, capsys):
    with locked(tmp_path / "store" / ".locks" / "sea.lock"):
        assert ingest_configured(config, [], processes=0) == FAILED
    said = capsys.readouterr().err.splitlines()
    assert "sea.lock: wait until it ends, or stop it" in said[0]
    assert said[1].startswith("ice: 1 steps")


def test_a_folder_and_a_dangling_link_among_the_files_are_refused_and_the_others_taken(config, tmp_path, capsys):
    (tmp_path / "sea" / "folder.nc").mkdir()
    (tmp_path / "sea" / "nowhere.nc").symlink_to("nothing.nc")
    assert ingest_configured(config, ["sea"], processes=0) == PARTLY
    said = capsys.readouterr().err
    assert "1 new" in said
    assert "refused folder.nc: Is a directory" in said
    assert "refused nowhere.nc: No such file or directory" in said


def test_a_store_that_is_no_place_is_a_fault_of_the_configuration(config, tmp_path):
    with pytest.raises(ConfigError, match="s3://"):
        ingest_configured(written(tmp_path, "'s3://'"), [], processes=0)


def test_ctrl_c_ends_it_without_a_traceback(config):
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "ingest", str(config)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        lock = config.parent / "store" / ".locks" / "sea.lock"
        until = time.monotonic() + 30
        while not lock.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "the next run goes on from there" in said
