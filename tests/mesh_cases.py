"""Meshes on the sphere, and which of their faces and nodes hold a place: by counting crossings, face by face."""

import matplotlib.tri
import numpy as np

from core.grids.adapters import grid_of
from core.grids.atlas import zooms_of
from core.grids.faces import Members, build_mesh, faces_of
from core.grids.mesh import with_atlas
from core.mesh_grid import MeshGrid


def directions(longitude, latitude):
    turn, rise = np.radians(longitude), np.radians(latitude)
    return np.stack([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)], axis=-1)


class MeshCase:
    """A mesh of which nodes or faces are shown; `nodes` (faces, k), -1 where a face has fewer corners."""

    def __init__(self, nodes, longitudes, latitudes, location):
        self.nodes, self.location = nodes, location
        self.places = directions(longitudes, latitudes)
        faces = faces_of(nodes, longitudes, latitudes)
        members = Members(of_faces=faces.nodes, longitudes=longitudes, latitudes=latitudes)
        shape = (1, len(nodes) if location == "face" else longitudes.size)
        geometry = build_mesh(faces, None, members if location == "node" else None)
        geometry = with_atlas(shape[1], geometry, plain="members" not in geometry.arrays)
        extent = geometry.extent
        self.geometry = geometry.arrays
        self.grid = grid_of(
            MeshGrid(
                x="lon", y="lat", location=location, dimension="n", shape=shape,
                faces=geometry.arrays["edges"].shape[1], buckets=geometry.buckets, depth=geometry.depth,
                extent=(extent.west, extent.south, extent.east, extent.north), zooms=zooms_of(geometry.arrays),
            )
        )  # fmt: skip

    def in_face(self, face, places):
        """Tell which of many places, (..., 3), one face holds, on the plane that touches the Earth in its middle."""
        ring = self.places[self.nodes[face][self.nodes[face] >= 0]]
        middle = ring.mean(axis=0) / np.linalg.norm(ring.mean(axis=0))
        across = np.cross(np.eye(3)[np.abs(middle).argmin()], middle)
        across /= np.linalg.norm(across)
        along = np.cross(middle, across)
        x, y = (ring @ each / (ring @ middle) for each in (across, along))
        depth = places @ middle
        with np.errstate(invalid="ignore", divide="ignore"):
            px, py = (places @ each / depth for each in (across, along))
        inside = np.zeros(px.shape, dtype=bool)
        for one in range(len(ring)):
            ax, ay, bx, by = x[one - 1], y[one - 1], x[one], y[one]
            crosses = (ay > py) != (by > py)
            inside ^= crosses & (px < (bx - ax) * (py - ay) / np.where(by == ay, 1.0, by - ay) + ax)
        return inside & (depth > 0.2)

    def holds(self, row, column, longitude, latitude):
        places = directions(longitude, latitude)
        column = np.broadcast_to(column, places.shape[:-1])
        held = np.zeros(column.shape, dtype=bool)
        for face in range(len(self.nodes)):
            if self.location == "face":
                mine = column == face
                held[mine] = self.in_face(face, places[mine]) if mine.any() else False
                continue
            members = self.nodes[face][self.nodes[face] >= 0]
            mine = np.isin(column, members)
            if mine.any():
                far = np.linalg.norm(places[mine][:, None] - self.places[members], axis=-1)
                own = np.linalg.norm(places[mine] - self.places[column[mine]], axis=-1)
                # A node is a corner of the faces that show it.
                held[mine] |= (self.in_face(face, places[mine]) & (own <= far.min(axis=-1) + 1e-7)) | (own < 1e-6)
        return held

    def covers(self, longitude, latitude):
        places = directions(longitude, latitude)
        covered = np.zeros(longitude.shape, dtype=bool)
        for face in range(len(self.nodes)):
            covered |= self.in_face(face, places)
        return covered


def triangles(*, location, turn, tilt, count=90, span=28.0):
    """Return a mesh of triangles with an island, around any place: turned by `turn` and tilted by `tilt` degrees."""
    random = np.random.default_rng(3)
    x, y = random.uniform(-span, span, (2, count))
    mesh = matplotlib.tri.Triangulation(x, y)
    middle = np.hypot(x[mesh.triangles].mean(axis=1), y[mesh.triangles].mean(axis=1))
    shape = matplotlib.tri.TriAnalyzer(mesh).circle_ratios()
    nodes = mesh.triangles[(middle > span / 4) & (shape > 0.05)]
    # In either direction round, as files have them.
    nodes = np.where(random.random((len(nodes), 1)) < 0.5, nodes, nodes[:, ::-1])
    used, nodes = np.unique(nodes, return_inverse=True)
    return MeshCase(nodes.reshape(-1, 3), *turned(x[used], y[used], turn, tilt), location)


def polygons(*, location, turn, tilt):
    """Return a mesh of quadrilaterals, of which some are not convex, hexagons and triangles."""
    random = np.random.default_rng(5)
    x, y = (each.ravel() for each in np.meshgrid(np.arange(9.0) * 3, np.arange(6.0) * 3))
    shift = random.uniform(-1.08, 1.08, (2, x.size))
    x, y = x + shift[0], y + shift[1]
    number = np.arange(x.size).reshape(6, 9)
    faces = []
    for row in range(5):
        for column in range(0, 8, 2):
            a, b, c = number[row, column : column + 3]
            d, e, f = number[row + 1, column : column + 3]
            kind = random.integers(3)
            if kind == 0:
                faces.append([a, b, c, f, e, d])
            elif kind == 1:
                faces += [[a, b, e, d, -1, -1], [b, c, f, e, -1, -1]]
            elif (x[b] - x[a]) * (y[e] - y[a]) > (x[e] - x[a]) * (y[b] - y[a]):
                faces += [[d, a, e, -1, -1, -1], [a, b, e, -1, -1, -1], [b, c, f, e, -1, -1]]
    return MeshCase(np.array(faces), *turned(x - 12, y - 8, turn, tilt), location)


def turned(x, y, turn, tilt):
    """Return longitudes and latitudes of places near (0, 0), tilted towards a pole and turned round it."""
    x, y, z = np.moveaxis(directions(x, y), -1, 0)
    angle = np.radians(tilt)
    x, z = x * np.cos(angle) - z * np.sin(angle), x * np.sin(angle) + z * np.cos(angle)
    return (np.degrees(np.arctan2(y, x)) + turn + 180) % 360 - 180, np.degrees(np.arcsin(z))
