"""Which mesh a file has, and files whose mesh lies in another file."""

import netCDF4
import numpy as np
import pytest

from stores.ingest.crew import Processes
from stores.ingest.mesh_faults import mesh_faults
from stores.ingest.refusal import Unreadable
from stores.ingest.run import ingest
from stores.ingest.scan import scan

LONGITUDES, LATITUDES = [0.0, 1.0, 1.0, 0.0, 2.0], [50.0, 50.0, 51.0, 51.0, 50.5]
FACES = [[0, 1, 2], [0, 2, 3], [1, 4, 2]]


def write(path, *, parts=("mesh", "fields"), topology=True, name="nv", start=0, turned=False, nodes=5, day=0,
          longitudes=LONGITUDES, latitudes=LATITUDES, faces=FACES):  # fmt: skip
    """Write a mesh of three triangles, fields on its nodes and faces, or both."""
    with netCDF4.Dataset(path, "w") as file:
        for dimension, size in (("node", nodes), ("nele", 3), ("three", len(faces[0]))):
            file.createDimension(dimension, size)
        if "mesh" in parts:
            for axis, values, units in (("lon", longitudes, "degrees_east"), ("lat", latitudes, "degrees_north")):
                file.createVariable(axis, "f8", ("node",))[:] = values
                file[axis].units = units
            dimensions = ("three", "nele") if turned else ("nele", "three")
            connectivity = file.createVariable(name, "i4", dimensions)
            connectivity[:] = (np.array(faces).T if turned else np.array(faces)) + start
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
    ("attribute", "named", "dtype", "dimensions"),
    [
        ("node_coordinates", "odd odd", "f8", ()),
        ("node_coordinates", "odd odd", "S1", ("node",)),
        ("node_coordinates", "odd odd", "f8", ("node", "three")),
        ("face_node_connectivity", "odd", "i4", ()),
        ("face_node_connectivity", "odd", "i4", ("nele", "nele")),
        ("face_node_connectivity", "odd", "S1", ("nele", "three")),
        ("face_node_connectivity", "odd", str, ("nele", "three")),
    ],
)
def test_what_cannot_describe_a_mesh_is_passed_over(tmp_path, attribute, named, dtype, dimensions):
    path = write(tmp_path / "mesh.nc")
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("odd", dtype, dimensions)
        file["mesh"].setncattr(attribute, named)
    # Its connectivity is known by its name.
    assert scan(path).description.grids.keys() == {"nv.node", "nv.face"}


def test_a_square_of_numbers_is_no_connectivity(tmp_path):
    path = write(tmp_path / "mesh.nc", name="numbers")
    with netCDF4.Dataset(path, "a") as file:
        file["mesh"].cf_role = "none"
        file.createVariable("element", "i4", ("node", "node"))
    with pytest.raises(Unreadable, match="lat and lon run along node"):
        scan(path)


# Heights (5773), and places from the middle of the Earth (4978), are no system of two axes.
@pytest.mark.parametrize("code", ["", " ", 0, np.nan, ["EPSG:3832", "EPSG:3857"], "EPSG:0", 5773, 4978])
def test_a_code_that_names_no_system_of_the_plane_is_none(tmp_path, code):
    path = write(tmp_path / "mesh.nc")
    with netCDF4.Dataset(path, "a") as file:
        for name in ("lon", "lat"):
            file[name].units = "m"
        file.createVariable("crs", "i4", ()).epsg_code = code
    with pytest.raises(Unreadable, match=r"the nodes of its mesh are in m \(lon\), in an unnamed system"):
        scan(path)


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
    # What finds faces is there once, for fields on nodes and on faces.
    searches = [name.split("/")[1:] for name in found.arrays if name.startswith("geometry/")]
    assert sorted(name for _, name in searches) == [
        "boxes", "candidates", "centres", "centres", "edges", "members", "places",
    ]  # fmt: skip
    assert {grid for grid, name in searches if name == "edges"} < {grid for grid, _ in searches}


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


MORE_LONGITUDES, MORE_LATITUDES = [*LONGITUDES, 0.0, np.nan], [*LATITUDES, 50.5, 51.0]
LOST, FEW = "name a node that the mesh does not have", "have fewer than three different nodes"
FLAT, PLACELESS = "have no area, or are wider than 89 degrees", "have a node without a place"


@pytest.mark.parametrize(
    ("faces", "says"),
    [
        ([[0, 1, 2], [0, 2, 3], [1, 4, 2]], []),
        ([[0, 1, 2], [0, 2, 7], [1, -3, 2]], [(2, LOST, 1)]),
        ([[0, 1, 1], [0, 2, 3], [4, 4, 4]], [(2, FEW, 0)]),
        ([[0, 1, 2], [0, 2, 3], [0, 5, 3]], [(1, FLAT, 2)]),
        ([[0, 1, 6], [0, 2, 3], [1, 4, 2]], [(1, PLACELESS, 0)]),
        ([[0, 1, 6], [0, 0, 0], [1, 40, 2]], [(1, LOST, 2), (1, FEW, 1), (1, PLACELESS, 0)]),
        ([[0, 1, 2, -1], [0, 2, 3, 3], [1, 4, 2, 1]], []),
        ([[0, 1, 2, 0], [0, 2, 2, 0], [1, 4, 2, 9]], [(1, LOST, 2), (1, FEW, 1)]),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_faces_that_hold_no_place_are_counted(tmp_path, faces, says, turned):
    path = write(
        tmp_path / "a.nc", nodes=7, longitudes=MORE_LONGITUDES, latitudes=MORE_LATITUDES, faces=faces, turned=turned
    )
    grid = next(grid for grid in scan(path).description.grids.values())
    assert mesh_faults(path, grid) == tuple(
        f"{count} of 3 faces of nv {what}, the first at index {first}: nothing is shown of them"
        for count, what, first in says
    )
