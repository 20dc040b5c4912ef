"""What a map costs in chunks, and that the overviews that keep it cheap show the means of their cells. Counts only."""

import asyncio
import io

import netCDF4
import numpy as np
import pytest
from PIL import Image

from gateway import pictures
from gateway.app import make_app
from gateway.config.file import parse
from gateway.keys import UNIT
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

NY, NX = 1024, 2048
"""Cells of 0.17578125 degrees: a world map of 512 x 256 pixels has exactly 4 x 4 cells in each pixel."""


def field():
    """Return codes whose blocks of 4 x 4 have whole means, here and there with missing cells; (NY, NX)."""
    rows, columns = np.indices((NY // 4, NX // 4))
    mean = (rows * 3 + columns) % 200 + 20
    ripple = np.array([[-8, 8, 2, -2], [5, -5, -1, 1], [0, 0, 3, -3], [7, -7, 4, -4]])
    codes = np.kron(mean, np.ones((4, 4), dtype=int)) + np.tile(ripple, mean.shape)
    codes[40:44, 80:84] = -1
    codes[60:62, 100:104] = -1
    return codes.astype("i2"), mean


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    with netCDF4.Dataset(folder / "large.nc", "w") as file:
        step = 180 / NY
        for name, size, start, units in (
            ("lat", NY, 90 - step / 2, "degrees_north"),
            ("lon", NX, -180 + step / 2, "degrees_east"),
        ):
            file.createDimension(name, size)
            axis = file.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = start + np.arange(size) * (-step if name == "lat" else step)
        variable = file.createVariable("field", "i2", ("lat", "lon"), fill_value=-1)
        variable.set_auto_mask(False)
        variable[:] = field()[0]
    ingest(Location.parse(str(folder)), "large", [folder / "large.nc"], crew=Processes(0), report=lambda _: None)
    return folder


@pytest.fixture
async def app(store):
    return make_app(parse({"store": str(store), "datasets": [{"id": "large", "source": "x"}]}, name="t", folder=store))


def query(box, size, crs="CRS:84"):
    west, south, east, north = box
    return {
        "service": "WMS", "version": "1.3.0", "request": "GetMap", "layers": "large/field", "styles": "", "crs": crs,
        "bbox": f"{west},{south},{east},{north}", "width": str(size[0]), "height": str(size[1]),
        "format": "image/png", "transparent": "true", "colorscalerange": "0,250", "numcolorbands": "250",
    }  # fmt: skip


async def shown(client, asked):
    answer = await client.get("/wms", params=asked)
    assert answer.status == 200, await answer.text()
    return np.asarray(Image.open(io.BytesIO(await answer.read()))).astype(int)


async def test_a_pixel_that_spans_a_block_of_cells_shows_their_mean(app, aiohttp_client):
    client = await aiohttp_client(app)
    pixels = await shown(client, query((-180, -90, 180, 90), (512, 256)))
    codes, mean = field()
    valid = np.where(codes == -1, np.nan, codes).reshape(NY // 4, 4, NX // 4, 4)
    # A block that has any valid cell is the mean of those it has.
    with np.errstate(invalid="ignore"):
        sums, counts = np.nansum(valid, axis=(1, 3)), np.isfinite(valid).sum(axis=(1, 3))
        expected = np.where(counts > 0, np.rint(sums / np.maximum(counts, 1)), 255).astype(int)
    assert (pixels == expected).all()
    assert (expected[10, 20], expected[15, 25]) == (255, int(np.rint(np.nanmean(valid[15, :, 25, :]))))
    assert (expected == mean).mean() > 0.99


async def test_a_pixel_inside_a_cell_shows_that_cell(app, aiohttp_client):
    client = await aiohttp_client(app)
    step = 180 / NY
    pixels = await shown(client, query((-180, 90 - 16 * step, -180 + 16 * step, 90), (64, 64)))
    assert (pixels == np.kron(field()[0][:16, :16], np.ones((4, 4), dtype=int))).all()


@pytest.mark.parametrize("zoom", [0, 1, 2, 3, 4, 5, 6, 8, 12])
async def test_a_tile_reads_at_most_four_chunks_at_any_zoom_and_none_when_it_comes_again(app, aiohttp_client, zoom):
    client = await aiohttp_client(app)
    side = 2 * 20037508.342789244 / 2**zoom
    column, row = 2**zoom // 3, 2**zoom // 3
    west, north = -20037508.342789244 + column * side, 20037508.342789244 - row * side
    asked = query((west, north - side, west + side, north), (256, 256), "EPSG:3857")
    opened = await app[UNIT].served["large"].open()
    cache = opened.sampler.cache
    before = cache.misses
    await shown(client, asked)
    first = cache.misses - before
    await shown(client, asked)
    assert 1 <= first <= 4
    assert cache.misses - before == first


async def test_twenty_clients_that_ask_for_one_tile_cause_one_read_of_each_chunk(app, aiohttp_client):
    client = await aiohttp_client(app)
    asked = query((-10, -10, 10, 10), (256, 256))
    await asyncio.gather(*(shown(client, asked) for _ in range(20)))
    opened = await app[UNIT].served["large"].open()
    assert opened.sampler.cache.misses <= 4


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:3413"])
async def test_twenty_clients_that_ask_for_one_picture_at_once_cause_one_drawing(app, aiohttp_client, monkeypatch, crs):
    drawn, encode = [], pictures.encode

    def counted(picture, *rest):
        drawn.append(picture.tag)
        return encode(picture, *rest)

    monkeypatch.setattr(pictures, "encode", counted)
    client = await aiohttp_client(app)
    asked = query((-4e6, -4e6, 4e6, 4e6), (700, 700), crs)
    found = await asyncio.gather(*(shown(client, asked) for _ in range(20)))
    assert all((one == found[0]).all() for one in found)
    assert len(drawn) == 1
    await shown(client, asked)
    assert len(drawn) == 2


async def test_a_client_that_goes_away_takes_the_picture_from_no_other(app, aiohttp_client):
    client = await aiohttp_client(app)
    asked = query((-4e6, -4e6, 4e6, 4e6), (1200, 1200), "EPSG:3413")
    impatient = asyncio.create_task(shown(client, asked))
    await asyncio.sleep(0.02)
    patient = asyncio.create_task(shown(client, asked))
    await asyncio.sleep(0.02)
    impatient.cancel()
    assert (await patient).shape == (1200, 1200)
