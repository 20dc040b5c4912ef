"""Each pixel of a map shows the cell that contains its centre.

The field holds a number per cell that a palette PNG gives back exactly; places come from pyproj, cells from a search
over the edges of the provider's own axes. A pixel may differ only where its centre lies within 1/8 pixel of an edge.
"""

import io
import random

import netCDF4
import numpy as np
import pyproj
import pytest
from PIL import Image

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

BANDS = 250
NY, NX = 45, 90

CONVENTIONS = {
    "ascending_180": (np.arange(-178.0, 180.0, 4.0), np.arange(-88.0, 90.0, 4.0)),
    "descending_360": (np.arange(2.0, 360.0, 4.0), np.arange(88.0, -90.0, -4.0)),
    "odd_seam": (np.arange(-298.0, 60.0, 4.0), np.arange(-88.0, 90.0, 4.0)),
    "across_greenwich": (np.arange(300.0, 390.0, 1.0) % 360.0, np.arange(20.0, 65.0, 1.0)),
    "across_the_date_line": (np.arange(150.0, 240.0, 1.0), np.arange(64.0, 19.0, -1.0)),
}
BOXES = {
    "EPSG:4326": [(-180, -90, 180, 90), (-30, 10, 40, 60), (160, 20, 200, 60), (-10.5, 30.2, 1.7, 44.9)],
    "CRS:84": [(-180, -90, 180, 90), (-200, -45, 20, 65), (170, 30, 190, 50)],
    "EPSG:3857": [(-2e7, -2e7, 2e7, 2e7), (-3e6, 2e6, 4e6, 8e6), (1.8e7, 2e6, 2.2e7, 6e6)],
    "EPSG:3413": [(-5e6, -5e6, 5e6, 5e6), (-1e5, -1e5, 1e5, 1e5), (-3e6, -4e6, -1e6, -2e6)],
}


def number(row, column):
    return (row * 7 + column * 13) % BANDS


def write(path, longitude, latitude):
    with netCDF4.Dataset(path, "w") as file:
        for name, values, units in (("lat", latitude, "degrees_north"), ("lon", longitude, "degrees_east")):
            file.createDimension(name, values.size)
            axis = file.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = values
        field = file.createVariable("cell", "i2", ("lat", "lon"))
        field.units = "1"
        field[:] = number(*np.indices((latitude.size, longitude.size)))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells")
    for name, (longitude, latitude) in CONVENTIONS.items():
        write(folder / f"{name}.nc", longitude, latitude)
        ingest(Location.parse(str(folder)), name, [folder / f"{name}.nc"], crew=Processes(1), report=lambda _: None)
    return folder


@pytest.fixture
async def client(store, aiohttp_client):
    datasets = [{"id": name, "source": "unused"} for name in CONVENTIONS]
    return await aiohttp_client(make_app(parse({"store": str(store), "datasets": datasets}, name="t", folder=store)))


def edges(centres):
    middle = (centres[1:] + centres[:-1]) / 2
    step = centres[1] - centres[0]
    return np.concatenate([[centres[0] - step / 2], middle, [centres[-1] + step / 2]])


def expected(convention, crs, box, size):
    """Return the number under each pixel centre, -1 outside, and where the centre is too near to an edge to tell."""
    longitude, latitude = CONVENTIONS[convention]
    if convention == "across_greenwich":
        longitude = np.arange(300.0, 390.0, 1.0)
    width, height = size
    west, south, east, north = box
    dx, dy = (east - west) / width, (north - south) / height
    x, y = np.meshgrid(west + (np.arange(width) + 0.5) * dx, north - (np.arange(height) + 0.5) * dy)
    found = np.stack([_cells(longitude, latitude, crs, x + a * dx / 8, y + b * dy / 8) for a, b in _NEAR])
    return found[0], (found != found[0]).any(axis=0)


_NEAR = ((0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1), (0, 1), (0, -1), (1, 0), (-1, 0))


def _cells(longitude, latitude, crs, x, y):
    if crs in ("EPSG:4326", "CRS:84"):
        lon, lat = x, y
    else:
        lon, lat = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True).transform(x, y)
    lon_edges, lat_edges = edges(longitude), edges(latitude)
    column = np.searchsorted(lon_edges, lon_edges[0] + (lon - lon_edges[0]) % 360, side="right") - 1
    rising = lat_edges if lat_edges[0] < lat_edges[-1] else lat_edges[::-1]
    row = np.searchsorted(rising, lat, side="right") - 1
    outside = (row < 0) | (row >= latitude.size) | (column < 0) | (column >= longitude.size)
    row = row if rising is lat_edges else latitude.size - 1 - row
    return np.where(outside, -1, number(row, column))


def shown(body):
    """Return the palette index of each pixel, -1 where it is transparent."""
    picture = Image.open(io.BytesIO(body))
    assert picture.mode == "P"
    opaque = np.asarray(picture.convert("RGBA"))[..., 3] == 255
    return np.where(opaque, np.asarray(picture).astype(int), -1)


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
@pytest.mark.parametrize("crs", BOXES)
@pytest.mark.parametrize("convention", CONVENTIONS)
async def test_a_pixel_shows_the_cell_that_contains_its_centre(client, convention, crs, version):
    chosen = random.Random(f"{convention} {crs}")
    for box in BOXES[crs]:
        size = chosen.randrange(150, 280), chosen.randrange(150, 280)
        await check(client, convention, crs, version, box=box, size=size)


async def test_a_large_picture_that_is_looked_up_in_bands_is_as_right(client):
    await check(client, "odd_seam", "EPSG:3413", "1.3.0", box=BOXES["EPSG:3413"][0], size=(700, 600))


async def check(client, convention, crs, version, *, box, size):
    # 1.3.0 writes EPSG:4326 with latitude first.
    order = (1, 0, 3, 2) if version == "1.3.0" and crs == "EPSG:4326" else (0, 1, 2, 3)
    query = {
        "service": "WMS",
        "version": version,
        "request": "GetMap",
        "styles": "",
        "layers": f"{convention}/cell",
        "crs" if version == "1.3.0" else "srs": crs,
        "bbox": ",".join(repr(float(box[place])) for place in order),
        "width": str(size[0]),
        "height": str(size[1]),
        "format": "image/png",
        "transparent": "true",
        "colorscalerange": f"0,{BANDS}",
        "numcolorbands": str(BANDS),
    }
    answer = await client.get("/wms", params=query)
    assert answer.status == 200, await answer.text()
    cells, unsure = expected(convention, crs, box, size)
    pixels = shown(await answer.read())
    wrong = (pixels != cells) & ~unsure
    assert not wrong.any(), (box, size, np.argwhere(wrong)[:5])
    assert unsure.mean() < 0.5
    assert (cells >= 0).any() == (pixels >= 0).any()
