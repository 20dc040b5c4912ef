"""A shelf sea as coastal models write it, small: on a turned grid between bottom and surface, and on triangles."""

from pathlib import Path
from typing import Any, Final

import netCDF4
import numpy as np
from numpy.typing import NDArray

from bench.field import HOURS
from bench.meshes import sea

SHELF: Final = "shelf"
"""Curvilinear, with levels that follow the bottom, and a vector along the axes of the grid."""
TRIANGLES: Final = "triangles"
"""A mesh, with values at its nodes and in its faces."""
_NY, _NX, _LEVELS, _DAYS, _SIDE = 60, 90, 8, 3, 40
_CRITICAL_DEPTH: Final = 20.0
_FILL: Final = 1e37

Floats = NDArray[np.floating[Any]]


def written(folder: Path) -> dict[str, Path]:
    """Write a file for each of the two, where it is not there yet; return them by dataset."""
    found = {SHELF: folder / "shelf.nc", TRIANGLES: folder / "triangles.nc"}
    for (_, path), write in zip(found.items(), (_write_shelf, _write_triangles), strict=True):
        if not path.exists():
            draft = path.with_suffix(".part")
            with netCDF4.Dataset(draft, "w") as file:
                file.setncatts({"Conventions": "CF-1.11 UGRID-1.0", "title": "Synthetic shelf sea"})
                _axis(file, "time", HOURS + 24.0 * np.arange(_DAYS), units="hours since 1950-01-01")
                write(file)
            draft.rename(path)
    return found


def _write_shelf(file: Any) -> None:
    """Write it as ROMS does.

    Source: CF conventions 1.11, appendix D ("Ocean s-coordinate, generic form 2").
    """
    across, along = np.meshgrid(np.linspace(-1.0, 1.0, _NX), np.linspace(-1.0, 1.0, _NY))
    depth = 30.0 + 400.0 * (across + 1.0) ** 2
    land = across + 0.3 * np.sin(4.0 * along) < -0.8
    stretched = (np.arange(_LEVELS) + 0.5) / _LEVELS - 1.0
    file.createDimension("eta", _NY)
    file.createDimension("xi", _NX)
    places = {"coordinates": "lat lon"}
    _put(file, "lon", ("eta", "xi"), -9.0 + 4.0 * across - 1.5 * along, units="degrees_east")
    _put(file, "lat", ("eta", "xi"), 43.0 + 3.0 * along + 1.0 * across, units="degrees_north")
    _put(file, "h", ("eta", "xi"), depth, units="m", standard_name="sea_floor_depth_below_geoid", **places)
    tide = 0.8 * np.cos(0.7 * np.arange(_DAYS))[:, None, None] + 0.2 * along
    _put(file, "zeta", ("time", "eta", "xi"), np.where(land, _FILL, tide), units="m", **places)
    _axis(file, "s", stretched, standard_name="ocean_s_coordinate_g2", positive="up")
    file["s"].formula_terms = "s: s C: C eta: zeta depth: h depth_c: hc"
    _put(file, "C", ("s",), np.sinh(3.0 * stretched) / np.sinh(3.0))
    _put(file, "hc", (), np.float64(_CRITICAL_DEPTH), units="m")
    level = np.arange(_LEVELS)[:, None, None]
    names = {
        "temp": "sea_water_potential_temperature",
        "u": "sea_water_x_velocity",
        "v": "sea_water_y_velocity",
    }
    for number, (name, standard_name) in enumerate(names.items()):
        values = [np.sin(number + day + 3.0 * across) + 0.2 * level + 0.1 * along for day in range(_DAYS)]
        _put(
            file, name, ("time", "s", "eta", "xi"), np.where(land, _FILL, np.stack(values)),
            units="1" if number == 0 else "m s-1", standard_name=standard_name, **places,
        )  # fmt: skip


def _write_triangles(file: Any) -> None:
    nodes, longitudes, latitudes = sea(_SIDE)
    file.createDimension("node", len(longitudes))
    file.createDimension("face", len(nodes))
    file.createDimension("corner", 3)
    _put(file, "node_lon", ("node",), longitudes, units="degrees_east", standard_name="longitude")
    _put(file, "node_lat", ("node",), latitudes, units="degrees_north", standard_name="latitude")
    file.createVariable("face_nodes", "i4", ("face", "corner")).start_index = 0
    file["face_nodes"][:] = nodes
    mesh = file.createVariable("mesh", "i4")
    mesh.setncatts(
        {
            "cf_role": "mesh_topology",
            "topology_dimension": 2,
            "node_coordinates": "node_lon node_lat",
            "face_node_connectivity": "face_nodes",
        }
    )
    for name, size in (("node", len(longitudes)), ("face", len(nodes))):
        values = np.sin(np.arange(_DAYS)[:, None] + np.linspace(0.0, 20.0, size))
        _put(file, f"at_{name}", ("time", name), values, units="1", mesh="mesh", location=name)


def _axis(file: Any, name: str, values: Floats, **attributes: str) -> None:
    file.createDimension(name, len(values))
    _put(file, name, (name,), values, **attributes)


def _put(file: Any, name: str, dimensions: tuple[str, ...], values: Any, **attributes: str) -> None:
    variable = file.createVariable(name, "f8", dimensions, fill_value=None if (name,) == dimensions else _FILL)
    variable.setncatts(attributes)
    variable[...] = values
