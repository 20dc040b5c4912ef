"""Which centres the points of a staggered grid lie between, where the file gives them no places."""

import netCDF4
import numpy as np
import pytest

from stores.ingest.scan import scan

ROMS = ("eta_rho", "xi_rho")
SGRID = ("ny", "nx")


def written(path, centres, points, sizes, topology=None):
    """Write a field at 4 x 5 centres that have places, and one at points that have none."""
    with netCDF4.Dataset(path, "w") as file:
        for name, size in {**dict(zip(centres, (4, 5), strict=True)), **dict(zip(points, sizes, strict=True))}.items():
            file.createDimension(name, size)
        if topology:
            file.createDimension("jn", 3)
            file.createDimension("in", 4)
            file.createVariable("grid", "i4", ()).setncatts({"cf_role": "grid_topology", **topology})
        lat, lon = np.mgrid[40:44, 10:15].astype("f8")
        for name, values, units in (("lon_rho", lon, "degrees_east"), ("lat_rho", lat, "degrees_north")):
            place = file.createVariable(name, "f8", centres)
            place.units = units
            place[:] = values
        file.createVariable("temp", "f4", centres)[:] = 1.0
        file.createVariable("flow", "f4", points)[:] = 1.0
    return path


def faces(padding):
    return {
        "node_dimensions": "in jn",
        "face_dimensions": f"nx: in (padding: {padding}) ny: jn (padding: {padding})",
        "edge1_dimensions": f"iu: in ju: jn (padding: {padding})",
        "edge2_dimensions": f"iv: in (padding: {padding}) jv: jn",
    }


@pytest.mark.parametrize(
    ("centres", "points", "sizes", "topology", "offset"),
    [
        (ROMS, ("eta_u", "xi_u"), (4, 4), None, (0.0, 0.5)),
        (ROMS, ("eta_rho", "xi_u"), (4, 4), None, (0.0, 0.5)),
        (ROMS, ("eta_v", "xi_rho"), (3, 5), None, (0.5, 0.0)),
        (ROMS, ("eta_psi", "xi_psi"), (3, 4), None, (0.5, 0.5)),
        (ROMS, ("eta_u", "xi_u"), (4, 5), None, (0.0, 0.5)),
        (SGRID, ("ju", "iu"), (4, 4), faces("both"), (0.0, 0.5)),
        (SGRID, ("jv", "iv"), (3, 5), faces("both"), (0.5, 0.0)),
        (SGRID, ("ju", "iu"), (4, 6), faces("none"), (0.0, -0.5)),
        (SGRID, ("ju", "iu"), (4, 5), faces("low"), (0.0, 0.5)),
        (SGRID, ("ju", "iu"), (4, 5), faces("high"), (0.0, -0.5)),
    ],
)
def test_points_without_places_lie_beside_the_centres_that_their_dimensions_name(
    tmp_path, centres, points, sizes, topology, offset
):
    header = scan(written(tmp_path / "a.nc", centres, points, sizes, topology))
    grid = header.description.grids[header.description.variables["flow"].grid]
    assert (grid.staggered.offset, grid.staggered.dimensions, grid.shape) == (offset, points, sizes)
    assert (grid.staggered.x, grid.staggered.y) == ("lon_rho", "lat_rho")
    assert any("worked out from lat_rho and lon_rho" in said for said in header.remarks)


@pytest.mark.parametrize(
    ("points", "sizes"), [(("eta_u", "xi_u"), (4, 3)), (("eta_u", "xi_u"), (3, 4)), (("rows", "columns"), (4, 4))]
)
def test_points_that_fit_no_centres_are_kept_and_no_layer(tmp_path, points, sizes):
    description = scan(written(tmp_path / "a.nc", ROMS, points, sizes)).description
    assert description.variables["flow"].grid is None
    assert description.variables["temp"].grid is not None
