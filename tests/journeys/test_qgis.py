"""QGIS, a real WMS client, offscreen."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from PIL import Image

PYTHON = "/usr/bin/python3"
pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def seen(served, tmp_path_factory):
    """Run the QGIS client once; return its findings and the folder of its pictures."""
    folder = tmp_path_factory.mktemp("qgis")
    probe = shutil.which(PYTHON) and subprocess.run(
        [PYTHON, "-c", "import qgis.core"], capture_output=True, check=False
    )
    if not probe or probe.returncode:
        pytest.skip("QGIS is not installed here (Debian: python3-qgis)")
    # A fresh cache: QGIS keeps capabilities across sessions.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(folder),
    }
    script = Path(__file__).with_name("qgis_client.py")
    done = subprocess.run(
        [PYTHON, str(script), served.address, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.stdout.strip(), done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1]), folder


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def test_qgis_takes_the_layer_and_its_time_axis(seen):
    found, _ = seen
    assert (found["valid"], found["temporal"], found["error"]) == (True, True, "")


def test_qgis_draws_the_layer_and_another_day_looks_warmer(seen):
    found, folder = seen
    assert found["drawn"] == [True, True]
    first, third = pixels(folder / "qgis_day1.png"), pixels(folder / "qgis_day3.png")
    assert len(np.unique(first.reshape(-1, 3), axis=0)) > 20
    assert (first != third).any(axis=-1).mean() > 0.5


def test_land_stays_blank_in_qgis(seen, served):
    _, folder = seen
    with netCDF4.Dataset(served.source) as file:
        land = np.ma.getmaskarray(file["thetao"][0, 0])
        rows, columns = np.nonzero(land)
        latitude, longitude = file["lat"][rows].mean(), file["lon"][columns].mean()
    picture = pixels(folder / "qgis_day1.png")
    row = int((90 - latitude) / 180 * picture.shape[0])
    column = int(((longitude + 180) % 360) / 360 * picture.shape[1])
    assert picture[row, column].tolist() == [255, 255, 255]


def test_qgis_draws_in_mercator_and_in_a_polar_projection(seen):
    found, folder = seen
    assert (found["mercator"], found["drawn_mercator"], found["drawn_polar"]) == (True, True, True)
    for name in ("qgis_mercator.png", "qgis_polar.png"):
        assert (pixels(folder / name) != 255).any(axis=-1).mean() > 0.6


def test_qgis_identifies_the_value_of_the_file(seen, served):
    found, _ = seen
    with netCDF4.Dataset(served.source) as file:
        row = int(np.abs(file["lat"][:] - 20).argmin())
        column = int(np.abs(file["lon"][:] - 330).argmin())
        values = file["thetao"][:, 0, row, column]
    text = " ".join(found["identify"])
    # QGIS sends no TIME with identify: the default step answers.
    assert any(f"{float(value):.3f}".rstrip("0") in text for value in values), text


def test_qgis_fetches_the_legend(seen):
    found, folder = seen
    assert found["legend"] is not None
    assert len(np.unique(pixels(folder / "qgis_legend.png").reshape(-1, 3), axis=0)) > 20
