"""A mesh over HTTP: pictures, values at places, and parts of it. Oracle: the file as netCDF4 reads it, face by face."""

import csv
import io

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
from tests.gateway.netcdf import answered, stored

GRID = "/thredds/ncss/grid/mesh"
COLUMNS, ROWS = 9, 7


def write(path):
    """Write squares of half a degree over the date line, the last of each row cut to a triangle; land in the middle."""
    x, y = np.meshgrid(178.0 + np.arange(COLUMNS) / 2, 10.0 + np.arange(ROWS) / 2)
    number = np.arange(x.size).reshape(x.shape)
    a, b, c, d = (each.ravel() for each in (number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]))
    faces = np.stack([a, b, c, d], axis=1)
    faces[COLUMNS - 2 :: COLUMNS - 1, 3] = -1
    faces = np.delete(faces, [19, 20, 27, 28], axis=0)
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("time", None), ("node", x.size), ("face", len(faces)), ("corner", 4)):
            file.createDimension(name, size)
        mesh = file.createVariable("Mesh", "i4", ())
        mesh.setncatts({"cf_role": "mesh_topology", "topology_dimension": 2, "node_coordinates": "x y"})
        mesh.setncatts({"face_node_connectivity": "nodes", "face_dimension": "face"})
        for name, values, units in (("x", x, "degrees_east"), ("y", y, "degrees_north")):
            file.createVariable(name, "f8", ("node",))[:] = values.ravel()
            file[name].units = units
        nodes = file.createVariable("nodes", "i4", ("face", "corner"), fill_value=-1)
        nodes.start_index = 1
        nodes[:] = np.where(faces < 0, -1, faces + 1)
        file.createVariable("time", "f8", ("time",))[:] = [0, 1]
        file["time"].units = "days since 2020-01-01"
        for name, dimension, size in (("level", "node", x.size), ("speed", "face", len(faces))):
            values = np.arange(2 * size).reshape(2, size)
            file.createVariable(name, "i2", ("time", dimension), fill_value=-9)[:] = values
            file[name].setncatts({"mesh": "Mesh", "location": dimension, "units": "m"})
            file[name][1, 3] = -9
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mesh")
    files = [write(folder / "mesh.nc")]
    ingest(Location.parse(str(folder / "store")), "mesh", files, crew=Processes(0), report=lambda _: None)
    return folder


@pytest.fixture
async def unit(folder, tmp_path, aiohttp_client):
    datasets = [{"id": "mesh", "source": "mesh.nc"}]
    config = {"store": "store", "datasets": datasets, "downloads": {"folder": str(tmp_path)}}
    return await aiohttp_client(make_app(parse(config, name="test", folder=folder)))


@pytest.fixture
def source(folder):
    with stored(folder / "mesh.nc") as file:
        yield file


async def opened(unit, query):
    return await answered(unit, f"{GRID}?{query}")


def map_query(layer, request, **more):
    return {
        "service": "WMS", "version": "1.3.0", "request": request, "layers": layer, "styles": "", "crs": "CRS:84",
        "bbox": "178,10,182,13", "width": "80", "height": "60", "format": "image/png", "transparent": "true", **more,
    }  # fmt: skip


@pytest.mark.parametrize("layer", ["mesh/level", "mesh/speed"])
async def test_a_picture_has_colours_on_faces_and_none_on_land_or_beyond(unit, layer):
    query = map_query(layer, "GetMap", time="2020-01-01T00:00:00Z")
    async with unit.get("/wms", params=query | {"bbox": "176,9,184,14"}) as answer:
        picture = Image.open(io.BytesIO(await answer.read())).convert("RGBA")
    shown = np.asarray(picture)[..., 3] > 0
    x = 176 + (np.arange(80) + 0.5) / 10
    y = (14 - (np.arange(60) + 0.5) / 12)[:, None]
    inside = (x > 178) & (x < 182) & (y > 10) & (y < 13)
    inside &= ~((x > 179.5) & (x < 180.5) & (y > 11) & (y < 12))
    # The last of each row is the lower right half of its square.
    inside &= ~((x > 181.5) & (y % 0.5 > x - 181.5))
    # Sides of faces are great circles: a parallel of half a degree lies some metres off.
    assert (shown != inside).mean() < 0.003


@pytest.mark.parametrize(
    ("layer", "i", "j", "number"), [("speed", 5, 55, 0), ("speed", 65, 55, 6), ("level", 3, 58, 0)]
)
async def test_a_place_has_the_value_of_its_face_or_nearest_node(unit, source, layer, i, j, number):
    more = {"query_layers": f"mesh/{layer}", "i": str(i), "j": str(j), "info_format": "text/plain"}
    query = map_query(f"mesh/{layer}", "GetFeatureInfo", time="2020-01-02T00:00:00Z", **more)
    async with unit.get("/wms", params=query) as answer:
        text = await answer.text()
    assert f"Value: {source[layer][1, number]} m" in text


async def test_the_whole_mesh_comes_bit_for_bit(unit, source):
    with await opened(unit, "var=level,speed&time=all&accept=netcdf3") as file:
        assert set(file.variables) >= {"Mesh", "nodes", "x", "y", "level", "speed", "time"}
        for name in file.variables:
            np.testing.assert_array_equal(file[name][...], source[name][...])
            assert file[name].dimensions == source[name].dimensions
        assert file["Mesh"].face_node_connectivity == "nodes"


async def test_a_box_holds_faces_with_a_corner_in_it_and_their_nodes_numbered_anew(unit, source):
    with await opened(
        unit, "var=level,speed&time=all&north=11.2&south=9&west=179.2&east=-179.2&accept=netcdf3"
    ) as file:
        x, y, nodes = source["x"][:], source["y"][:], source["nodes"][:]
        inside = (x > 179.2) & (x < 180.8) & (y < 11.2)
        faces = [face for face in range(len(nodes)) if inside[nodes[face][nodes[face] > 0] - 1].any()]
        taken = np.unique(nodes[faces][nodes[faces] > 0]) - 1
        np.testing.assert_array_equal(file["speed"][:], source["speed"][:][:, faces])
        np.testing.assert_array_equal(file["level"][:], source["level"][:][:, taken])
        np.testing.assert_array_equal(file["x"][:], x[taken])
        # Each face has the corners that it had.
        for place, face in enumerate(faces):
            old, new = (row[row > 0] - 1 for row in (nodes[face], file["nodes"][place]))
            np.testing.assert_array_equal(file["x"][:][new], x[old])
            np.testing.assert_array_equal(file["y"][:][new], y[old])


async def test_a_box_within_one_face_holds_that_face(unit, source):
    with await opened(unit, "var=speed&time=all&north=10.3&south=10.2&west=178.2&east=178.3&accept=netcdf3") as file:
        np.testing.assert_array_equal(file["speed"][:], source["speed"][:][:, :1])
        np.testing.assert_array_equal(np.sort(file["nodes"][0]), [1, 2, 3, 4])


async def test_a_box_of_a_mesh_in_kilometres_holds_the_faces_that_a_map_shows_there(tmp_path, aiohttp_client):
    write(tmp_path / "mesh.nc")
    with netCDF4.Dataset(tmp_path / "mesh.nc", "a") as file:
        to_plane = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3832", always_xy=True)
        file["x"][:], file["y"][:] = np.divide(to_plane.transform(file["x"][:], file["y"][:]), 1000)
        for name in ("x", "y"):
            file[name].setncatts({"units": "km", "standard_name": f"projection_{name}_coordinate"})
        file.createVariable("crs", "i4", ()).epsg_code = "EPSG:3832"
    ingest(Location.parse(str(tmp_path / "store")), "mesh", [tmp_path / "mesh.nc"], crew=Processes(0), report=print)
    config = {"store": "store", "datasets": [{"id": "mesh", "source": "mesh.nc"}], "downloads": {"folder": "downloads"}}
    unit = await aiohttp_client(make_app(parse(config, name="test", folder=tmp_path)))
    query = "var=speed&time=all&north=10.6&south=9&west=177.9&east=178.6&accept=netcdf3"
    with await opened(unit, query) as file, stored(tmp_path / "mesh.nc") as source:
        np.testing.assert_array_equal(file["speed"][:], source["speed"][:][:, [0, 1, 8, 9]])


async def test_a_table_has_a_line_for_each_node_with_its_place(unit, source):
    async with unit.get(f"{GRID}?var=level&time=2020-01-01T00:00:00Z&accept=csv") as answer:
        lines = list(csv.reader(io.StringIO(await answer.text())))
    assert lines[0] == ["time", 'latitude[unit="degrees_north"]', 'longitude[unit="degrees_east"]', 'level[unit="m"]']
    assert len(lines) == 1 + COLUMNS * ROWS
    longitudes = (source["x"][:] + 180) % 360 - 180
    found = np.array([[float(cell) for cell in line[1:]] for line in lines[1:]])
    np.testing.assert_allclose(found, np.stack([source["y"][:], longitudes, source["level"][0]], axis=1), atol=1e-6)


async def test_one_place_is_one_node(unit, source):
    async with unit.get(f"{GRID}?var=level&latitude=10.1&longitude=178.6&time=all&accept=csv") as answer:
        _, *lines = list(csv.reader(io.StringIO(await answer.text())))
    assert [[float(cell) for cell in line[1:]] for line in lines] == [
        [10.0, 178.5, value] for value in source["level"][:, 1]
    ]


def test_the_file_of_a_mesh_is_found_from_the_folder_of_the_configuration(tmp_path):
    datasets = [{"id": "a", "source": "a*.nc", "mesh": "mesh.nc"}, {"id": "b", "source": "b.nc"}]
    config = parse({"store": "store", "datasets": datasets}, name="test", folder=tmp_path)
    assert [dataset.mesh for dataset in config.datasets] == [str(tmp_path / "mesh.nc"), None]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("var=level&horizStride=2", "a mesh has no rows and columns"),
        ("var=level&north=40&south=30&west=0&east=5", "there is nothing of the mesh in the box"),
        ("var=level,speed&accept=csv", "do not lie on the same axes"),
    ],
)
async def test_what_a_mesh_does_not_have_is_refused(unit, query, says):
    async with unit.get(f"{GRID}?{query}") as answer:
        assert (answer.status, says in await answer.text()) == (400, True)
