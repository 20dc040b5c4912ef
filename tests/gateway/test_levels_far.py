"""Maps at a height from so far away that overviews are shown, against blocks of the file averaged by numpy."""

import io

import netCDF4
import numpy as np
import pytest
from PIL import Image

from tests.gateway.test_levels import ingested, serving

FACTOR = 4
ROWS, COLUMNS = 6 * FACTOR, 2200 * FACTOR
SIGMA = -(np.arange(8) + 0.5) / 8
ELEVATION = -50.0
NOTHING = 255
"""In the palette of a picture, what is transparent."""


def blocks(values):
    """Return the mean of each block of `FACTOR` x `FACTOR` cells, of those that are there."""
    parts = values.astype("f8").reshape(*values.shape[:-2], ROWS // FACTOR, FACTOR, COLUMNS // FACTOR, FACTOR)
    there = np.isfinite(parts).sum(axis=(-3, -1))
    total = np.nansum(parts, axis=(-3, -1))
    return np.divide(total, there, out=np.full(total.shape, np.nan), where=there > 0)


@pytest.fixture(scope="module")
def fields():
    """Return depth, surface and a field in 18 chunks of a level, whose cells differ a lot from the means of blocks.

    All are multiples of quarters, so that means are exact. Some blocks are dry in part, some altogether.
    """
    rng = np.random.default_rng(5)
    one_block = np.ones((FACTOR, FACTOR))
    depth = np.kron(16.0 * rng.integers(2, 60, (ROWS // FACTOR, COLUMNS // FACTOR)), one_block)
    depth[:, ::2] *= 1.5
    depth[:, 1::2] *= 0.5
    surface = rng.integers(-4, 5, depth.shape) / 4
    dry = np.zeros(depth.shape, dtype=bool)
    dry[:2], dry[FACTOR : 2 * FACTOR] = True, True
    depth[dry] = surface[dry] = np.nan
    level = 25.0 * np.arange(SIGMA.size)[:, None, None]
    field = level + np.kron(rng.integers(2, 23, (ROWS // FACTOR, COLUMNS // FACTOR)), one_block)
    field[..., ::2] += 2
    field[..., 1::2] -= 2
    return depth, surface, np.where(dry, np.nan, field)


def write(path, depth, surface, field):
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("time", None), ("sigma", SIGMA.size), ("lat", ROWS), ("lon", COLUMNS)):
            file.createDimension(name, size)
        formula = {"standard_name": "ocean_sigma_coordinate", "formula_terms": "sigma: sigma eta: zeta depth: h"}
        for name, dimensions, values, said in (
            ("time", ("time",), [0.0], {"units": "hours since 2020-01-01"}),
            ("sigma", ("sigma",), SIGMA, formula),
            ("lat", ("lat",), (np.arange(ROWS) + 0.5) / 100, {"units": "degrees_north"}),
            ("lon", ("lon",), (np.arange(COLUMNS) + 0.5) / 100, {"units": "degrees_east"}),
            ("h", ("lat", "lon"), depth, {}),
            ("zeta", ("time", "lat", "lon"), surface[None], {}),
            ("temp", ("time", "sigma", "lat", "lon"), field[None], {}),
        ):
            file.createVariable(name, "f8" if len(dimensions) == 1 else "f4", dimensions)[...] = values
            file[name].setncatts(said)
    return path


def expected(depth, surface, field):
    """Return at each place the value of the level whose cell holds the height; NaN where there is none."""
    heights = surface + SIGMA[:, None, None] * (depth + surface)
    between = (heights[1:] + heights[:-1]) / 2
    level = (between >= ELEVATION).sum(axis=0)
    there = (surface >= ELEVATION) & (-depth <= ELEVATION)
    return np.where(there, np.take_along_axis(field, level[None], axis=0)[0], np.nan)


async def test_from_far_away_blocks_of_cells_are_shown_at_the_depth_of_blocks(tmp_path, fields, aiohttp_client):
    client, _ = await serving(ingested(tmp_path, source=write(tmp_path / "roms.nc", *fields)), aiohttp_client)
    query = {
        "SERVICE": "WMS", "VERSION": "1.1.1", "REQUEST": "GetMap", "LAYERS": "roms/temp", "STYLES": "",
        "SRS": "EPSG:4326", "BBOX": f"0,0,{COLUMNS / 100},{ROWS / 100}", "WIDTH": str(COLUMNS // FACTOR),
        "HEIGHT": str(ROWS // FACTOR), "FORMAT": "image/png", "TRANSPARENT": "TRUE", "COLORSCALERANGE": "0,250",
        "NUMCOLORBANDS": "250", "ELEVATION": str(ELEVATION),
    }  # fmt: skip
    answer = await client.get("/wms", params=query)
    shown = np.array(Image.open(io.BytesIO(await answer.read())))[::-1]
    wanted = expected(*map(blocks, fields))
    np.testing.assert_array_equal(shown, np.where(np.isnan(wanted), NOTHING, wanted))
    # Most cells lie elsewhere than their block does, and all have another value.
    cells = expected(*fields)[1::FACTOR, 1::FACTOR]
    assert np.isnan(wanted).mean() < 0.5 < (cells // 25 != wanted // 25).mean()
    assert len(np.unique(wanted[np.isfinite(wanted)] // 25)) > 4
