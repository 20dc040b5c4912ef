"""`halocline ingest` where something is wrong: said in one line, an exit code that tells, and the others go on."""

import datetime as dt
import signal
import subprocess
import sys
import time
from pathlib import Path

import icechunk
import pytest

from cli.codes import DONE, FAILED, INTERRUPTED, PARTLY
from cli.crews import Reading
from cli.ingest import ingest_configured, jobs_of
from cli.versions import list_versions
from gateway.config.file import ConfigError
from stores.lock import locked
from tests.sea import write_sea

ROOT = Path(__file__).parents[2]
HERE = Reading(processes=0)


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
    assert ingest_configured(config, [], HERE) == 0
    assert capsys.readouterr().err.count("files: 1 new") == 2


def test_a_store_that_is_damaged_is_said_in_a_line_and_the_other_dataset_is_ingested(config, tmp_path, capsys):
    ingest_configured(config, ["sea"], HERE)
    spoil(tmp_path / "store" / "sea")
    capsys.readouterr()
    assert ingest_configured(config, [], HERE) == FAILED
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"halocline: dataset sea in {tmp_path / 'store'}: ")
    assert said[1].startswith("ice: 1 steps")
    assert len(said) == 2


def test_a_dataset_that_is_being_written_is_said_and_the_other_is_ingested(config, tmp_path, capsys):
    with locked(tmp_path / "store" / ".locks" / "sea.lock"):
        assert ingest_configured(config, [], HERE) == FAILED
    said = capsys.readouterr().err.splitlines()
    assert "sea.lock: wait until it ends, or stop it" in said[0]
    assert said[1].startswith("ice: 1 steps")


def test_a_folder_and_a_dangling_link_among_the_files_are_refused_and_the_others_taken(config, tmp_path, capsys):
    (tmp_path / "sea" / "folder.nc").mkdir()
    (tmp_path / "sea" / "nowhere.nc").symlink_to("nothing.nc")
    assert ingest_configured(config, ["sea"], HERE) == PARTLY
    said = capsys.readouterr().err
    assert "1 new" in said
    assert "refused folder.nc: it is a folder, not a file" in said
    assert "refused nowhere.nc: No such file or directory" in said


def test_a_store_that_is_no_place_is_a_fault_of_the_configuration(config, tmp_path):
    with pytest.raises(ConfigError, match="s3://"):
        ingest_configured(written(tmp_path, "'s3://'"), [], HERE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to_without_a_traceback(config, number):
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "ingest", str(config)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        lock = config.parent / "store" / ".locks" / "sea.lock"
        until = time.monotonic() + 60
        while not lock.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert "Traceback" not in said
    assert "the next run goes on from there" in said


def test_the_summary_says_what_changed_and_which_version_is_served(config, tmp_path, capsys):
    ingest_configured(config, ["sea"], HERE)
    write_sea(tmp_path / "sea" / "day 2.nc", days=1, first=2)
    capsys.readouterr()
    assert ingest_configured(config, ["sea"], HERE) == 0
    (said,) = capsys.readouterr().err.splitlines()
    version = icechunk.Repository.open(icechunk.local_filesystem_storage(str(tmp_path / "store/sea"))).lookup_branch(
        "main"
    )
    assert said.startswith("sea: 2 steps (1 before); files: 1 new, 0 replaced, 0 withdrawn, 1 unchanged, 0 refused; ")
    assert said.endswith(f"; version {version}")


def test_quiet_says_nothing_but_what_is_wrong(config, tmp_path, capsys):
    (tmp_path / "sea" / "broken.nc").write_bytes(b"no NetCDF at all")
    assert ingest_configured(config, [], Reading(processes=0, quiet=True)) == PARTLY
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("  refused broken.nc: not a NetCDF file")


def test_a_folder_that_cannot_be_read_withdraws_nothing(config, tmp_path, capsys, monkeypatch):
    ingest_configured(config, ["sea"], HERE)

    def broken(folder):
        raise OSError(5, "Input/output error", str(folder))

    monkeypatch.setattr("os.scandir", broken)
    capsys.readouterr()
    assert ingest_configured(config, ["sea"], HERE) == FAILED
    assert "Input/output error" in capsys.readouterr().err
    monkeypatch.undo()
    assert ingest_configured(config, ["sea"], HERE) == 0
    assert "1 unchanged" in capsys.readouterr().err


def test_versions_are_kept_for_as_long_as_the_configuration_says(config, tmp_path):
    text = config.read_text().replace("id: sea,", "id: sea, keep_versions: 2d,")
    config.write_text("unit: {keep_versions: 36h}\n" + text)
    sea, ice = jobs_of(config, [])
    assert (sea.keep, ice.keep) == (dt.timedelta(days=2), dt.timedelta(hours=36))


def test_plain_zarr_is_said_to_be_served_as_it_stands(config, capsys):
    config.write_text("datasets: [{id: plain, source: data.zarr}]\n")
    assert ingest_configured(config, ["plain"], HERE) == 0
    assert "plain: plain Zarr is served as it stands" in capsys.readouterr().err


def test_a_dataset_of_which_no_file_is_found_tells_by_the_exit_code_and_stays(config, tmp_path, capsys):
    assert ingest_configured(config, ["sea"], HERE) == DONE
    (tmp_path / "sea").rename(tmp_path / "away")
    assert ingest_configured(config, ["sea"], HERE) == PARTLY
    assert "no files found for dataset sea" in capsys.readouterr().err
    assert list_versions(config, ["sea"]) == DONE
    assert " 1 step " in capsys.readouterr().out
