"""The bench's ocean on other grids: tripolar, meshes of triangles, and levels that follow the bottom, from formulas.

Values are a function of the place, so that every grid shows the same sea, and what is compared needs no other grid.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import netCDF4
import numpy as np
from numpy.typing import NDArray

from bench.field import FILL, HOURS, OFFSET, SCALE
from bench.meshes import sea as coastal
from bench.tripolar import tripolar

STEPS: Final = 4
ROWS: Final = 3059
"""Of the ORCA grid of 1/12 degree; the southernmost rows of the generated one are left out."""
COLUMNS: Final = 4320
SIDES: Final = 224
"""Parts of each side of the icosahedron: a million triangles."""
NODES: Final = 710
"""Along either side of the coastal mesh: a million triangles."""
LEVELS: Final = 20
CRITICAL: Final = 200.0
"""Metres: above, levels lie closer."""
_STRETCH: Final = 5.0
_BLOCK: Final = 1 << 18
"""Places that are worked out together."""

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waves:
    """Plane waves through the sphere."""

    numbers: NDArray[np.float32]
    """Vectors, shape (n, 3), radians to the Earth's radius."""
    sizes: NDArray[np.float32]
    """Shape (n,)."""
    phases: NDArray[np.float32]
    """Shape (n,), radians."""

    @classmethod
    def drawn(cls, seed: int, count: int, least: float, most: float) -> "Waves":
        """Draw waves of so many radians to the Earth's radius, at random from a seed."""
        random = np.random.default_rng(seed)
        ways = random.standard_normal((count, 3))
        lengths = np.geomspace(least, most, count)
        sizes = lengths**-0.5 / np.sqrt((1 / lengths).sum() / 2)
        ways *= (lengths / np.linalg.norm(ways, axis=1))[:, None]
        turns = random.uniform(0, 2 * np.pi, count)
        return cls(numbers=ways.astype("f4"), sizes=sizes.astype("f4"), phases=turns.astype("f4"))

    def at(self, places: Floats, turn: float = 0.0) -> NDArray[np.float32]:
        """Return their sum, of unit variance, at vectors, shape (3, n)."""
        found = np.zeros(places.shape[1], dtype=np.float32)
        for start in range(0, found.size, _BLOCK):
            some = slice(start, start + _BLOCK)
            angles = self.numbers @ places[:, some].astype(np.float32) + (self.phases + np.float32(turn))[:, None]
            found[some] = self.sizes @ np.sin(angles)
        return found


EDDIES: Final = Waves.drawn(1, 16, 8.0, 400.0)
LAND: Final = Waves.drawn(2, 12, 2.0, 40.0)
BOTTOM: Final = Waves.drawn(3, 8, 3.0, 60.0)
TIDE: Final = Waves.drawn(4, 4, 2.0, 9.0)
_LAND: Final = 0.7


def vectors(longitudes: Floats, latitudes: Floats) -> Doubles:
    """Return unit vectors, shape (3, ...)."""
    turn, rise = np.radians(longitudes), np.radians(latitudes)
    return np.stack([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)])


def land(places: Floats) -> NDArray[np.bool_]:
    """Tell where there is land, at vectors (3, n)."""
    return np.asarray(LAND.at(places) > _LAND, dtype=np.bool_)


def codes(places: Floats, step: int, level: int = 0) -> NDArray[np.int16]:
    """Return packed temperatures at vectors (3, n)."""
    warm = 28.0 * np.exp(-level / 8.0) * (1.0 - places[2] ** 2)
    found = np.clip(warm + 1.5 * EDDIES.at(places, 0.35 * step + 0.4 * level), -1.9, 33.0)
    packed = np.rint((found - OFFSET) / SCALE).astype(np.int16)
    packed[land(places)] = FILL
    return np.asarray(packed)


def depth(places: Floats) -> NDArray[np.float32]:
    """Return metres from the datum down to the bottom, at vectors (3, n)."""
    return np.asarray(np.clip(2600 + 1500 * BOTTOM.at(places), 20, 5500), dtype=np.float32)


def surface(places: Floats, step: int) -> NDArray[np.float32]:
    """Return metres from the datum up to the surface, at vectors (3, n)."""
    return np.asarray(0.8 * TIDE.at(places, 0.9 * step), dtype=np.float32)


def stretched() -> tuple[Doubles, Doubles]:
    """Return the numbers s and C of the levels, from the bottom up."""
    s = (np.arange(LEVELS) + 0.5) / LEVELS - 1.0
    return s, (1 - np.cosh(_STRETCH * s)) / (np.cosh(_STRETCH) - 1)


def orca(columns: int = COLUMNS) -> tuple[Doubles, Doubles]:
    """Return longitudes and latitudes of the centres of the tripolar grid."""
    longitudes, latitudes = tripolar(columns)
    return longitudes[-ROWS:], latitudes[-ROWS:]


def icosahedral(sides: int = SIDES) -> tuple[NDArray[np.intp], Doubles, Doubles]:
    """Return the nodes of triangles all round the Earth, those on land left out, and longitudes and latitudes of nodes.

    Corners are moved by up to a tenth of a side, so that no two triangles are alike.
    """
    golden = (1 + 5**0.5) / 2
    corners = np.array([(0, a, b * golden) for a in (-1.0, 1.0) for b in (-1.0, 1.0)])
    corners = np.concatenate([np.roll(corners, turn, axis=1) for turn in range(3)])
    apart = np.linalg.norm(corners[:, None] - corners[None], axis=2)
    near = (apart > 1) & (apart < 2 + 1e-6)
    faces = [
        (i, j, k)
        for i in range(12)
        for j in range(i, 12)
        for k in range(j, 12)
        if near[i, j] and near[j, k] and near[i, k]
    ]
    at = np.array([(i, j) for i in range(sides + 1) for j in range(sides + 1 - i)])
    number = np.full((sides + 2, sides + 2), -1)
    number[at[:, 0], at[:, 1]] = np.arange(len(at))
    up = at[at.sum(axis=1) < sides]
    down = at[at.sum(axis=1) < sides - 1]
    one = np.concatenate([
        np.stack([number[up[:, 0] + a, up[:, 1] + b] for a, b in ((0, 0), (1, 0), (0, 1))], axis=1),
        np.stack([number[down[:, 0] + a, down[:, 1] + b] for a, b in ((1, 0), (1, 1), (0, 1))], axis=1),
    ])  # fmt: skip
    shares = np.stack([sides - at.sum(axis=1), at[:, 0], at[:, 1]], axis=1) / sides
    places = np.concatenate([shares @ corners[list(face)] for face in faces])
    places /= np.linalg.norm(places, axis=1)[:, None]
    # Nodes on the edges of two faces are one.
    _, first, same = np.unique(np.round(places * 1e7).astype(np.int64), axis=0, return_index=True, return_inverse=True)
    nodes = same.reshape(-1)[(one[None] + len(at) * np.arange(len(faces))[:, None, None]).reshape(-1, 3)]
    places = places[first] + np.random.default_rng(5).uniform(-0.1, 0.1, (len(first), 3)) / sides
    places = (places / np.linalg.norm(places, axis=1)[:, None]).T
    nodes = nodes[~land(places[:, nodes].mean(axis=2))]
    return nodes, np.degrees(np.arctan2(places[1], places[0])), np.degrees(np.arcsin(places[2]))


def write_rectilinear(path: Path) -> None:
    """Write the field on 2041 x 4320 cells between parallels and meridians."""
    with _file(path) as file:
        places = _axes(file, 12)
        _written(file, ("latitude", "longitude"), places, {"coordinates": "latitude longitude"})


def write_orca(path: Path) -> None:
    """Write the field on the tripolar grid, and the number of each cell, row * nx + column."""
    longitudes, latitudes = orca()
    with _file(path) as file:
        for name, size in zip(("y", "x"), longitudes.shape, strict=True):
            file.createDimension(name, size)
        _places(file, ("y", "x"), longitudes, latitudes)
        numbers = file.createVariable("number", "i4", ("y", "x"), zlib=True, complevel=1)
        numbers.setncatts({"long_name": "Number of the cell", "units": "1", "coordinates": "nav_lat nav_lon"})
        numbers[:] = np.arange(longitudes.size).reshape(longitudes.shape)
        places = vectors(longitudes, latitudes)
        _written(file, ("y", "x"), places, {"coordinates": "nav_lat nav_lon"})


def write_icosahedral(path: Path) -> None:
    """Write the field on the faces of a mesh all round the Earth."""
    _write_mesh(path, icosahedral())


def write_coastal(path: Path) -> None:
    """Write the field on the faces of a mesh of one sea, three times as dense in its middle."""
    _write_mesh(path, coastal(NODES))


def write_levels(path: Path) -> None:
    """Write the field on levels that follow the bottom and a surface that moves, 1021 x 2160 cells."""
    with _file(path) as file:
        places = _axes(file, 6)
        shape, flat = places.shape[1:], places.reshape(3, -1)
        file.createDimension("s_rho", LEVELS)
        s, stretching = stretched()
        terms = "s: s_rho C: Cs_r eta: zeta depth: h depth_c: hc"
        for name, values, attributes in (
            (
                "s_rho",
                s,
                {"standard_name": "ocean_s_coordinate_g2", "formula_terms": terms, "positive": "up", "units": "1"},
            ),
            ("Cs_r", stretching, {"long_name": "Stretching", "units": "1"}),
        ):
            file.createVariable(name, "f8", ("s_rho",))[:] = values
            file[name].setncatts(attributes)
        file.createVariable("hc", "f8", ())[...] = CRITICAL
        file["hc"].units = "m"
        across = ("latitude", "longitude")
        bottom = file.createVariable("h", "f4", across, zlib=True, complevel=1)
        bottom.setncatts({"units": "m", "standard_name": "sea_floor_depth_below_geoid"})
        bottom[:] = depth(flat).reshape(shape)
        top = file.createVariable("zeta", "f4", ("time", *across), zlib=True, complevel=1)
        top.setncatts({"units": "m", "standard_name": "sea_surface_height_above_geoid"})
        for step in range(STEPS):
            top[step] = surface(flat, step).reshape(shape)
        _written(file, ("s_rho", *across), places, {"coordinates": "latitude longitude"})


WRITERS: Final[Mapping[str, Callable[[Path], None]]] = {
    "rectilinear": write_rectilinear,
    "orca": write_orca,
    "icosahedral": write_icosahedral,
    "coastal": write_coastal,
    "levels": write_levels,
}
"""By the dataset."""


def _write_mesh(path: Path, mesh: tuple[NDArray[np.intp], Doubles, Doubles]) -> None:
    nodes, longitudes, latitudes = mesh
    with _file(path) as file:
        file.createDimension("node", longitudes.size)
        file.createDimension("face", len(nodes))
        file.createDimension("corner", 3)
        _places(file, ("node",), longitudes, latitudes)
        corners = file.createVariable("corners", "i4", ("face", "corner"), zlib=True, complevel=1)
        corners.start_index = 0
        corners[:] = nodes
        topology = {"cf_role": "mesh_topology", "topology_dimension": 2, "node_coordinates": "nav_lon nav_lat"}
        file.createVariable("mesh", "i4", ()).setncatts({**topology, "face_node_connectivity": "corners"})
        places = vectors(longitudes, latitudes)[:, nodes].mean(axis=2)
        _written(file, ("face",), places / np.linalg.norm(places, axis=0), {"mesh": "mesh", "location": "face"})


@contextmanager
def _file(path: Path) -> Iterator[netCDF4.Dataset]:
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"Conventions": "CF-1.11 UGRID-1.0", "title": "Synthetic ocean"})
        file.createDimension("time", STEPS)
        time = file.createVariable("time", "f8", ("time",))
        time.setncatts({"units": "hours since 1950-01-01", "standard_name": "time", "axis": "T"})
        time[:] = HOURS + 24.0 * np.arange(STEPS)
        yield file


def _axes(file: netCDF4.Dataset, each: int) -> Doubles:
    """Write axes of so many cells to a degree; return vectors, shape (3, ny, nx)."""
    axes = {
        "latitude": (np.arange(170 * each + 1) / each - 80, "degrees_north"),
        "longitude": (np.arange(360 * each) / each - 180, "degrees_east"),
    }
    for name, (values, unit) in axes.items():
        file.createDimension(name, len(values))
        axis = file.createVariable(name, "f8", (name,))
        axis.setncatts({"units": unit, "standard_name": name})
        axis[:] = values
    return vectors(*np.meshgrid(axes["longitude"][0], axes["latitude"][0]))


def _places(file: netCDF4.Dataset, dimensions: Sequence[str], longitudes: Floats, latitudes: Floats) -> None:
    for name, values, standard, unit in (
        ("nav_lon", longitudes, "longitude", "degrees_east"),
        ("nav_lat", latitudes, "latitude", "degrees_north"),
    ):
        variable = file.createVariable(name, "f8", tuple(dimensions), zlib=True, complevel=1)
        variable.setncatts({"units": unit, "standard_name": standard})
        variable[:] = values


def _written(file: netCDF4.Dataset, dimensions: Sequence[str], places: Doubles, more: Mapping[str, str]) -> None:
    """Write the field; places are vectors, shape (3, ...) of the horizontal dimensions, the last ones."""
    shape, flat = places.shape[1:], places.reshape(3, -1)
    chunks = (1,) * (1 + len(dimensions) - len(shape)) + tuple(
        min(side, 720 if len(shape) > 1 else 1 << 18) for side in shape
    )
    field = file.createVariable(
        "thetao", "i2", ("time", *dimensions), zlib=True, complevel=1, shuffle=True, fill_value=FILL, chunksizes=chunks
    )
    names = {"standard_name": "sea_water_potential_temperature", "units": "degrees_C", "long_name": "Temperature"}
    field.setncatts({**names, "scale_factor": SCALE, "add_offset": OFFSET, **more})
    field.set_auto_maskandscale(False)
    for step in range(STEPS):
        if len(dimensions) > len(shape):
            for level in range(LEVELS):
                # The uppermost level is the last.
                field[step, level] = codes(flat, step, LEVELS - 1 - level).reshape(shape)
        else:
            field[step] = codes(flat, step).reshape(shape)
