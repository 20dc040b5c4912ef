"""Fields on faces asked for at a height, whose bottom and surface lie on nodes, against netCDF4 and means by hand."""

import csv
import io

import netCDF4
import numpy as np
import pytest
from PIL import Image

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.gateway import test_meshes

LEVELS = 5
SIGMA = -(np.arange(LEVELS) + 0.5) / LEVELS
EDGES = -np.arange(LEVELS + 1) / LEVELS


def write(path, *, centres=False):
    """Write a mesh of squares and triangles with a speed on five levels of each face; two of its nodes are dry."""
    test_meshes.write(path)
    rng = np.random.default_rng(7)
    with netCDF4.Dataset(path, "a") as file:
        nodes, faces = file.dimensions["node"].size, file.dimensions["face"].size
        file.createDimension("siglay", LEVELS)
        file.createDimension("siglev", LEVELS + 1)
        for name, along, values in (("siglay", "siglay", SIGMA), ("siglev", "siglev", EDGES)):
            file.createVariable(name, "f8", (along, "node"))[:] = np.tile(values[:, None], (1, nodes))
        file["siglay"].setncatts(
            {"standard_name": "ocean_sigma_coordinate", "formula_terms": "sigma: siglay eta: zeta depth: h"}
        )
        height = {"mesh": "Mesh", "location": "node", "units": "m"}
        file.createVariable("h", "f8", ("node",))[:] = rng.uniform(10, 200, nodes)
        file.createVariable("zeta", "f8", ("time", "node"))[:] = rng.uniform(-1, 1, (2, nodes))
        file["zeta"][:, 3:5] = np.nan
        file.createVariable("u", "f8", ("time", "siglay", "face"))[:] = rng.uniform(-1, 1, (2, LEVELS, faces))
        if centres:
            file.createVariable("h_center", "f8", ("face",))[:] = rng.uniform(300, 400, faces)
            file["h_center"].setncatts(height | {"location": "face"})
        for name in ("h", "zeta"):
            file[name].setncatts(height)
        file["u"].setncatts({"mesh": "Mesh", "location": "face", "units": "m s-1", "coordinates": "siglay"})
    return path


@pytest.fixture(scope="module", params=[False, True], ids=["nodes", "centres"])
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("levels")
    files = [write(folder / "mesh.nc", centres=request.param)]
    ingest(Location.parse(str(folder / "store")), "mesh", files, crew=Processes(0), report=lambda _: None)
    return folder


@pytest.fixture
async def unit(folder, aiohttp_client):
    datasets = [{"id": "mesh", "source": "mesh.nc"}]
    return await aiohttp_client(make_app(parse({"store": "store", "datasets": datasets}, name="t", folder=folder)))


def expected(folder, face, elevation, step):
    """Return the level of a face that holds a height, its height, and the value there; None where there is none."""
    with netCDF4.Dataset(folder / "mesh.nc") as file:
        nodes = np.ma.compressed(file["nodes"][face]) - 1
        depth = float(file["h_center"][face]) if "h_center" in file.variables else float(file["h"][nodes].mean())
        eta = float(np.mean(np.ma.filled(file["zeta"][step], np.nan)[nodes]))
        edges = eta + EDGES * (depth + eta)
        if not edges[-1] <= elevation <= edges[0]:
            return None
        level = int(np.flatnonzero(edges >= elevation)[-1])
        return level, eta + SIGMA[level] * (depth + eta), float(file["u"][step, level, face])


def middles(folder):
    with netCDF4.Dataset(folder / "mesh.nc") as file:
        nodes = file["nodes"][:]
        return [tuple(float(np.mean(file[name][:][np.ma.compressed(one) - 1])) for name in ("x", "y")) for one in nodes]


@pytest.mark.parametrize("elevation", [-0.5, -100.0])
async def test_a_series_of_a_face_has_the_level_that_holds_the_height_at_each_time(unit, folder, elevation):
    seen = set()
    for face, (x, y) in list(enumerate(middles(folder)))[::5]:
        query = {"var": "u", "longitude": x, "latitude": y, "time": "all", "elevation": elevation, "accept": "csv"}
        body = await (await unit.get(test_meshes.GRID, params=query)).text()
        for step, line in enumerate(csv.DictReader(io.StringIO(body, newline=""))):
            wanted = expected(folder, face, elevation, step)
            found = [line['elevation[unit="m"]'], line['u[unit="m s-1"]']]
            seen.add(wanted is None)
            if wanted is None:
                assert found == ["NaN", "NaN"]
            else:
                assert [float(each) for each in found] == [pytest.approx(each, abs=6e-4) for each in wanted[1:]]
    assert False in seen


async def test_a_map_of_faces_at_a_height_shows_what_is_told_of_each(unit, folder):
    picture = {"time": "2020-01-02T00:00:00Z", "elevation": "-30", "colorscalerange": "-1,1"}
    query = test_meshes.map_query("mesh/u", "GetMap", **picture)
    pixels = Image.open(io.BytesIO(await (await unit.get("/wms", params=query)).read())).convert("RGBA")
    colours = {}
    for face, (x, y) in enumerate(middles(folder)):
        place = int((x - 178) * 20), int((13 - y) * 20)
        wanted = expected(folder, face, -30.0, 1)
        *colour, opacity = pixels.getpixel(place)
        assert (opacity == 0) == (wanted is None)
        if wanted is not None:
            colours.setdefault(tuple(colour), []).append(wanted[2])
    # One colour stands for a 250th of the range.
    assert len(colours) > 10
    assert max(np.ptp(values) for values in colours.values()) <= 2 / 250


async def test_a_place_on_a_face_comes_with_what_lies_on_its_nodes(unit, folder):
    x, y = middles(folder)[5]
    query = {"var": "u", "longitude": x, "latitude": y, "time": "all", "accept": "netcdf3"}
    body = await (await unit.get(test_meshes.GRID, params=query)).read()
    with netCDF4.Dataset("memory", memory=body) as file, netCDF4.Dataset(folder / "mesh.nc") as source:
        nodes = np.sort(np.ma.compressed(source["nodes"][5]) - 1)
        for name in ("h", "zeta", "siglay", "x", "y"):
            assert np.array_equal(file[name][:], source[name][..., nodes])
        assert np.array_equal(file["u"][..., 0], source["u"][..., 5])
        if "h_center" in source.variables:
            assert np.array_equal(file["h_center"][:], source["h_center"][[5]])
