import pytest
import zarr

from cli import files
from cli.check import check_config
from cli.codes import FAILED
from cli.crews import Reading
from cli.ingest import jobs_of
from cli.watch import watch_configured
from gateway.config.file import ConfigError


def test_plain_zarr_is_said_to_be_served_as_it_stands_and_is_not_ingested(tmp_path, capsys):
    configuration = tmp_path / "config.yaml"
    configuration.write_text("datasets: [{id: cube, source: cube.zarr}, {id: sst, source: '*.nc'}]\n")
    assert [job.dataset for job in jobs_of(configuration, [])] == ["sst"]
    assert "cube: plain Zarr is served as it stands: nothing to ingest" in capsys.readouterr().err


def test_a_folder_of_zarr_is_served_without_a_configuration_and_without_a_copy(tmp_path, monkeypatch):
    zarr.open_group(tmp_path / "a cube.zarr", mode="w")
    served = []
    monkeypatch.setattr(files, "serve_config", lambda config: served.append(config) or 0)
    code = files.serve_files([tmp_path / "a cube.zarr"], cache=tmp_path / "cache", listen=(None, 0), workers=None)
    assert code == 0
    (dataset,) = served[0].datasets
    assert (dataset.id, dataset.source, dataset.plain) == ("a-cube", str(tmp_path / "a cube.zarr"), True)
    assert not (tmp_path / "cache").exists()


def test_a_check_says_no_password_and_what_cannot_be_reached(tmp_path, capsys, unused_tcp_port):
    configuration = tmp_path / "config.yaml"
    far = f"http://user:secret@127.0.0.1:{unused_tcp_port}/far.zarr?token=secret"
    configuration.write_text(f"datasets: [{{id: far, source: '{far}'}}, {{id: near, source: near.zarr}}]\n")
    assert check_config(configuration, Reading(processes=0)) == FAILED
    said = capsys.readouterr().out
    assert "far: not served: http://127.0.0.1" in said
    assert f"near: not served: {tmp_path / 'near.zarr'}: there is no such folder" in said
    assert "secret" not in said


def test_there_is_nothing_to_watch_where_all_is_plain_zarr(tmp_path):
    configuration = tmp_path / "config.yaml"
    configuration.write_text("datasets: [{id: near, source: near.zarr}]\n")
    with pytest.raises(ConfigError, match="nothing to watch"):
        watch_configured(configuration, [], Reading(processes=0), every=1.0)
