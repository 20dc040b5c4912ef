"""QGIS, a real WMS client, offscreen."""

import netCDF4
import numpy as np
import pytest
from PIL import Image

from tests.journeys.qgis_runs import told_by_qgis

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def seen(served, tmp_path_factory):
    """Run the QGIS client once; return its findings and the folder of its pictures."""
    folder = tmp_path_factory.mktemp("qgis")
    return told_by_qgis("qgis_client.py", served.address, folder), folder


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
