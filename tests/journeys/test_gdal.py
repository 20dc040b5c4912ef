"""GDAL's WMS driver: what people script and what many desktop programs read maps with."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyproj
import pytest
from PIL import Image

from tests.journeys.file_colours import cell_colours, differing

PYTHON = "/usr/bin/python3"
pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def seen(ocean, tmp_path_factory):
    """Run the GDAL client once; return its findings and the folder of its pictures."""
    folder = tmp_path_factory.mktemp("gdal")
    probe = shutil.which(PYTHON) and subprocess.run(
        [PYTHON, "-c", "from osgeo import gdal; assert gdal.GetDriverByName('WMS')"], capture_output=True, check=False
    )
    if not probe or probe.returncode:
        pytest.skip("GDAL with its WMS driver is not installed here (Debian: python3-gdal)")
    script = Path(__file__).with_name("gdal_client.py")
    done = subprocess.run(
        [PYTHON, str(script), ocean.address, str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1]), folder


def pixels(folder, name):
    return np.asarray(Image.open(folder / f"{name}.png").convert("RGBA")).astype(int)


def centres(box, size):
    west, south, east, north = box
    across = west + (np.arange(size[0]) + 0.5) * (east - west) / size[0]
    down = north - (np.arange(size[1]) + 0.5) * (north - south) / size[1]
    return np.meshgrid(across, down)


def test_gdal_lists_the_layers(seen):
    found, folder = seen
    assert [name.split("LAYERS=")[1].split("&")[0] for name in found["layers"]] == [
        "ocean%2Fchl", "ocean%2Fsiconc", "ocean%2Fsla", "ocean%2Fthetao", "waves%2FVHM0",
    ]  # fmt: skip
    assert len(np.unique(pixels(folder, "listed").reshape(-1, 4), axis=0)) > 50


@pytest.mark.parametrize(("name", "step"), [("111", 0), ("130", 0), ("later", 2)])
def test_every_pixel_has_the_colour_of_its_cell_in_either_order_of_axes(seen, ocean, name, step):
    _, folder = seen
    wanted = cell_colours(ocean.folder, *centres((-180, -90, 180, 90), (360, 180)), step)
    assert differing(pixels(folder, name), wanted) == 0


def test_gdals_tiles_join_over_the_pole(seen, ocean):
    _, folder = seen
    x, y = centres((-4e6, -4e6, 4e6, 4e6), (256, 256))
    wanted = cell_colours(
        ocean.folder, *pyproj.Transformer.from_crs("EPSG:3413", "OGC:CRS84", always_xy=True).transform(x, y)
    )
    # Centres that lie within an eighth of a pixel of the edge of their cell may show the next one.
    assert differing(pixels(folder, "pole"), wanted) < 0.02


def test_gdal_reads_jpeg_over_white(seen, ocean):
    found, folder = seen
    assert found["sizes"]["111"] == [360, 180, 4]
    assert found["jpeg"] == [360, 180, 3]
    wanted = cell_colours(ocean.folder, *centres((-180, -90, 180, 90), (360, 180)))
    over = np.where(wanted[..., 3:] == 0, 255, wanted[..., :3])
    assert np.median(np.abs(pixels(folder, "jpeg")[..., :3] - over)) <= 4


def test_a_smaller_copy_is_asked_for_and_a_refusal_is_told(seen):
    found, folder = seen
    assert found["small"] == [90, 45]
    assert pixels(folder, "small").shape == (45, 90, 4)
    assert "400" in found["refused"]
