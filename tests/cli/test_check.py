"""`halocline check`: what will be served, what not, and why, before anything starts."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import netCDF4
import pytest

from cli.check import check_config, check_files
from cli.codes import DONE, FAILED, PARTLY
from cli.crews import Reading
from cli.ingest import ingest_configured
from gateway.config.file import ConfigError
from tests.issuer import Issuer
from tests.sea import write_sea
from tests.stores.ingest.test_mesh import write as write_mesh

ROOT = Path(__file__).parents[2]
HERE = Reading(processes=0)
LAYER = "sea: served: layer thetao: rectilinear grid of 45 x 90, 2 of depth 0.5..100 m, 2 steps 2015-03-01T12:00:00Z..2015-03-02T12:00:00Z"  # noqa: E501 -- one line of the answer


@pytest.fixture
def config(tmp_path):
    (tmp_path / "sea").mkdir()
    for day in (1, 2):
        write_sea(tmp_path / "sea" / f"day{day}.nc", days=1, first=day)
    path = tmp_path / "unit.yaml"
    path.write_text("unit: {port: 0}\nstore: store\ndatasets: [{id: sea, source: 'sea/*.nc'}]\n")
    return path


@pytest.fixture
def said(capsys):
    def lines():
        return capsys.readouterr().out.splitlines()

    return lines


def test_all_that_will_be_served_is_said_and_nothing_is_written(config, said):
    before = sorted(config.parent.rglob("*"))
    assert check_config(config, HERE) == DONE
    lines = said()
    assert LAYER in lines
    assert any(line.startswith("sea: note: nothing is in the store") for line in lines)
    assert not [line for line in lines if ": not served: " in line]
    assert sorted(config.parent.rglob("*")) == before


def test_what_is_in_the_store_is_said(config, said):
    ingest_configured(config, [], HERE)
    assert check_config(config, HERE) == DONE
    assert any(line.startswith("sea: note: in the store: version ") and line.endswith("2 steps") for line in said())


def edit(folder, name):
    """Change day 2 in one way."""
    with netCDF4.Dataset(folder / "sea" / "day2.nc", "a") as file:
        if name == "other grid":
            file["lat"][:] = file["lat"][:] + 1.0
        else:
            file.createDimension("station", 3)
            file.createVariable("depth_of_station", "f4", ("station",))
            file.createVariable("crs", "i4", ())


def test_a_file_that_does_not_fit_is_named_with_the_reason(config, said):
    edit(config.parent, "other grid")
    assert check_config(config, HERE) == PARTLY
    (line,) = [line for line in said() if "not served" in line]
    assert line.startswith("sea: not served: file day2.nc: it does not fit the dataset: ")


def test_variables_that_are_no_layers_are_named_with_the_reason(config, said):
    edit(config.parent, "no place")
    check_config(config, HERE)
    lines = said()
    assert "sea: note: no layer: depth_of_station: no latitude and longitude belong to it" in lines
    assert "sea: note: no layer: crs: it is one value" in lines
    assert not [line for line in lines if "no layer: lat" in line or "no layer: time" in line]


def test_of_two_files_with_one_time_the_one_that_wins_is_named(config, said):
    shutil.copy(config.parent / "sea" / "day1.nc", config.parent / "sea" / "day1_later.nc")
    assert check_config(config, HERE) == DONE
    assert "sea: note: time 2015-03-01T12:00:00Z of file day1.nc is in day1_later.nc too, which wins" in said()


def test_files_that_cannot_be_read_and_patterns_without_files_are_named(config, said):
    (config.parent / "sea" / "broken.nc").write_bytes(b"no NetCDF at all")
    text = config.read_text().replace("}]", "}, {id: ice, source: 'ice/*.nc'}]")
    config.write_text(text)
    assert check_config(config, HERE) == FAILED
    wrong = [line for line in said() if ": not served: " in line]
    assert wrong[0].startswith("sea: not served: file broken.nc: not a NetCDF file")
    assert wrong[1] == f"ice: not served: source {config.parent}/ice/*.nc: no file has such a name"


def test_variables_that_the_configuration_names_in_vain_are_named(config, said):
    config.write_text(config.read_text().replace("}]", ", variables: {theta: {palette: thermal}}}]"))
    assert check_config(config, HERE) == PARTLY
    assert "sea: not served: variables.theta: there is no such layer; there are thetao" in said()


def test_a_store_that_cannot_be_made_is_named(config, said):
    (config.parent / "store").write_text("in the way")
    assert check_config(config, HERE) == PARTLY
    assert any(line.startswith(f"unit: not served: the store {config.parent}/store: ") for line in said())


def test_a_port_that_is_taken_is_noted(config, said):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        config.write_text(config.read_text().replace("port: 0", f"port: {port}"))
        assert check_config(config, HERE) == DONE
    assert any(f"unit: note: port {port} on 127.0.0.1 is not free" in line for line in said())


def test_files_are_checked_without_any_configuration(config, said):
    (config.parent / "broken.nc").write_bytes(b"no NetCDF at all")
    days = [config.parent / "sea" / f"day{day}.nc" for day in (1, 2)]
    assert check_files(days, HERE) == DONE
    assert any(line.startswith("day1: served: layer thetao") and "2 steps" in line for line in said())
    assert check_files([*days, config.parent / "broken.nc"], HERE) == PARTLY
    assert check_files([config.parent / "broken.nc"], HERE) == FAILED
    with pytest.raises(ConfigError, match=r"none\.nc: there is no such file"):
        check_files([config.parent / "none.nc"], HERE)


def test_a_script_can_tell_by_the_exit_code(config):
    command = [sys.executable, "-m", "cli.main", "check", str(config), "--processes", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert LAYER in done.stdout.splitlines()
    quiet = subprocess.run([*command, "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (quiet.returncode, quiet.stdout) == (0, "")
    config.write_text("datasets: [{id: sea, sources: x}]\n")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "datasets.0.sources" in done.stderr


@pytest.mark.parametrize(
    ("jwks", "code", "line"),
    [
        ("good.json", DONE, "note: auth: tokens of me for unit are believed, by 1 key"),
        ("absent.json", PARTLY, "not served: auth.jwks: no token will be believed: {}/absent.json: "),
        (
            "private.json",
            PARTLY,
            "not served: auth.jwks: no token will be believed: {}/private.json: it holds a private",
        ),
        ("http://127.0.0.1:9/", PARTLY, "not served: auth.jwks: no token will be believed: http://127.0.0.1:9/: "),
    ],
)
def test_whose_tokens_are_believed_is_said(config, said, jwks, code, line):
    issuer = Issuer()
    (config.parent / "good.json").write_bytes(issuer.jwks)
    (config.parent / "private.json").write_text(json.dumps({"keys": [issuer.jwk | {"d": "AA"}]}))
    config.write_text(config.read_text() + f"auth: {{issuer: me, jwks: '{jwks}'}}\n")
    assert check_config(config, HERE) == code
    found = [text for text in said() if "tokens of" in text or "no token" in text]
    assert len(found) == 1
    assert line.format(config.parent) in found[0]


def test_faces_of_a_mesh_that_hold_no_place_are_named_once_with_their_count(tmp_path, said):
    for day in (0, 1):
        write_mesh(tmp_path / f"mesh_{day}.nc", day=day, faces=[[0, 1, 1], [0, 2, 3], [1, 4, 2]])
    path = tmp_path / "unit.yaml"
    path.write_text("unit: {port: 0}\nstore: store\ndatasets: [{id: mesh, source: 'mesh_*.nc'}]\n")
    assert check_config(path, HERE) == DONE
    said_of_faces = [line for line in said() if "faces of nv" in line]
    text = "1 of 3 faces of nv have fewer than three different nodes, the first at index 0: nothing is shown of them"
    assert said_of_faces == [f"mesh: note: {text}"]
