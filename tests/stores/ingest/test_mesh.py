"""Which mesh a file has, and files whose mesh lies in another file."""

import netCDF4
import numpy as np
import pytest

from stores.ingest.crew import Processes
from stores.ingest.refusal import Unreadable
from stores.ingest.run import ingest
from stores.ingest.scan import scan

LONGITUDES, LATITUDES = [0.0, 1.0, 1.0, 0.0, 2.0], [50.0, 50.0, 51.0, 51.0, 50.5]
FACES = [[0, 1, 2], [0, 2, 3], [1, 4, 2]]


def write(path, *, parts=("mesh", "fields"), topology=True, name="nv", start=0, turned=False, nodes=5, day=0):
    """Write a mesh of three triangles, fields on its nodes and faces, or both."""
    with netCDF4.Dataset(path, "w") as file:
        for dimension, size in (("node", nodes), ("nele", 3), ("three", 3)):
            file.createDimension(dimension, size)
        if "mesh" in parts:
            for axis, values, units in (("lon", LONGITUDES, "degrees_east"), ("lat", LATITUDES, "degrees_north")):
                file.createVariable(axis, "f8", ("node",))[:] = values
                file[axis].units = units
            dimensions = ("three", "nele") if turned else ("nele", "three")
            connectivity = file.createVariable(name, "i4", dimensions)
            connectivity[:] = (np.array(FACES).T if turned else np.array(FACES)) + start
            connectivity.start_index = start
            if topology:
                mesh = file.createVariable("mesh", "i4", ())
                mesh.setncatts({"cf_role": "mesh_topology", "topology_dimension": 2, "node_coordinates": "lon lat"})
                mesh.face_node_connectivity = name
        if "fields" in parts:
            file.createDimension("time", None)
            time = file.createVariable("time", "f8", ("time",))
            time.units, time[:] = "days since 2020-01-01", [day]
            for field, dimension, values in (("zeta", "node", np.arange(nodes)), ("u", "nele", [7, 8, 9])):
                file.createVariable(field, "f4", ("time", dimension))[:] = np.array([values])
                file[field].setncatts({"mesh": "mesh", "location": "node" if dimension == "node" else "face"})
    return path


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"start": 1},
        {"turned": True, "start": 1},
        {"topology": False, "start": 1},
        {"topology": False, "name": "element", "turned": True, "start": 1},
    ],
)
def test_a_mesh_is_found_however_it_is_written(tmp_path, how):
    description = scan(write(tmp_path / "a.nc", **how)).description
    name = how.get("name", "nv")
    found = {field.name: description.grids[field.grid] for field in description.fields}
    assert {field: (grid.location, grid.shape, grid.faces) for field, grid in found.items()} == {
        "zeta": ("node", (1, 5), 3),
        "u": ("face", (1, 3), 3),
    }
    assert {(grid.x, grid.y, grid.connectivity) for grid in found.values()} == {("lon", "lat", name)}


def test_a_name_like_that_of_a_connectivity_makes_no_mesh_without_places(tmp_path):
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as file:
        for dimension, size in (("lat", 4), ("lon", 3)):
            file.createDimension(dimension, size)
            file.createVariable(dimension, "f8", (dimension,))[:] = np.arange(size)
        file.createVariable("element", "i4", ("lat", "lon"))[:] = 1
    description = scan(tmp_path / "a.nc").description
    assert [grid.kind for grid in description.grids.values()] == ["rectilinear"]


def test_a_file_that_lacks_its_mesh_is_refused_and_told_where_to_say_it(tmp_path):
    with pytest.raises(Unreadable, match=r"the mesh mesh is not in this file: say under datasets\[\]\.mesh"):
        scan(write(tmp_path / "a.nc", parts=("fields",)))


def test_nodes_in_metres_of_no_named_system_are_refused(tmp_path):
    path = write(tmp_path / "a.nc")
    with netCDF4.Dataset(path, "a") as file:
        for axis, name in (("lon", "projection_x_coordinate"), ("lat", "projection_y_coordinate")):
            file[axis].setncatts({"units": "m", "standard_name": name})
    with pytest.raises(Unreadable, match=r"its mesh are in m .*, in an unnamed system; give a grid mapping"):
        scan(path)


@pytest.mark.parametrize("configured", [True, False])
def test_a_mesh_in_another_file_is_read_from_there(tmp_path, location, stored, configured):
    mesh = write(tmp_path / "the_mesh.nc", parts=("mesh",) if configured else ("mesh", "fields"), day=5)
    files = [write(tmp_path / f"{day}.nc", parts=("fields",), day=day) for day in (0, 1)]
    files += [] if configured else [mesh]
    summary = ingest(location, "d", files, crew=Processes(0), report=lambda _: None, mesh=mesh if configured else None)
    assert summary.refused == ()
    assert summary.steps == len(files)
    found = stored()
    assert found.arrays["data/zeta"].shape == (len(files), 1, 5)
    np.testing.assert_array_equal(found.values("u", 1), [[7, 8, 9]])
    np.testing.assert_array_equal(found.arrays["data/nv"], FACES)
    assert found.arrays["geometry/mesh.node/centres"].shape == (1, 5, 2)


def test_a_mesh_of_another_size_is_refused_by_its_dimension(tmp_path):
    mesh = write(tmp_path / "mesh.nc", parts=("mesh",))
    with pytest.raises(Unreadable, match=r"its dimension node is 6 long, and that of the mesh in mesh\.nc 5"):
        scan(write(tmp_path / "a.nc", parts=("fields",), nodes=6), str(mesh))


def test_a_file_on_another_mesh_does_not_fit_the_dataset(tmp_path, take):
    one, other = write(tmp_path / "a.nc"), write(tmp_path / "b.nc", day=1)
    with netCDF4.Dataset(other, "a") as file:
        file["nv"][0] = [0, 1, 3]
    (refused,) = take(one, other).refused
    assert refused[0] == "b.nc"
    assert "its mesh (nv) is another" in refused[1]
