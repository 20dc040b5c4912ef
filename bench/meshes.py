"""What tiles of a generated mesh of triangles cost in process; run as `python -m bench.meshes SIDE`."""

import sys
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from bench.grids import tile
from core.crs import Crs
from core.grids.atlas import zoom_levels, zooms_of
from core.grids.base import Locating
from core.grids.curvilinear import Curvilinear
from core.grids.faces import build_mesh, faces_of
from core.grids.memory import answered
from core.grids.mesh import Mesh, with_atlas
from core.view import View

_SIDE = 710
"""Nodes along either side: a million triangles."""
_ROUNDS = 5
_MILLI = 1000.0
_ZOOMS = range(1, 15)
_SHIFT = 0.37
"""Of a tile."""
_POLAR = "EPSG:3413"


def sea(side: int) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Return the nodes of triangles, and the longitudes and latitudes of nodes, three times as dense in the middle."""
    random = np.random.default_rng(1)
    lines = np.linspace(-1.0, 1.0, side)
    x, y = (each + random.uniform(-0.6, 0.6, each.shape) / side for each in np.meshgrid(lines, lines))
    longitudes, latitudes = (np.sinh(1.5 * each) / np.sinh(1.5) for each in (x, y))
    number = np.arange(side * side).reshape(side, side)
    first, second, third, fourth = (
        part.ravel() for part in (number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:])
    )
    nodes = np.concatenate([np.stack([first, second, fourth], axis=1), np.stack([first, fourth, third], axis=1)])
    return nodes, 20.0 * longitudes.ravel() - 39.0, 15.0 * latitudes.ravel() + 25.0


def views(zoom: int) -> dict[str, View]:
    """Return a web map tile, a map of the same pixels cut otherwise, and one whose rows are no parallels."""
    square = tile(zoom)
    west, south, east, north = square.bbox
    shift = _SHIFT * (east - west)
    moved = replace(square, bbox=(west + shift, south + shift, east + shift, north + shift))
    x, y = Transformer.from_crs("EPSG:3857", _POLAR, always_xy=True).transform((west + east) / 2, (south + north) / 2)
    half = (east - west) / 2
    polar = replace(square, crs=Crs(_POLAR), bbox=(x - half, y - half, x + half, y + half))
    return {"tile": square, "other map": moved, _POLAR: polar}


def searched(faces: Curvilinear, view: View) -> Locating:
    """Search each pixel, as where faces cannot be drawn."""
    return (yield from faces.near(view))


def main(side: int) -> None:
    """Build the mesh, and print milliseconds of CPU for each map: as it is, and where each pixel is searched."""
    nodes, longitudes, latitudes = sea(side)
    began = time.process_time()
    found = with_atlas(len(nodes), build_mesh(faces_of(nodes, longitudes, latitudes), None), plain=True)
    print(f"{len(nodes)} triangles: built in {time.process_time() - began:.1f} s")
    faces = Curvilinear(shape=(1, len(nodes)), buckets=found.buckets, depth=found.depth, extent=found.extent)
    mesh = Mesh(len(nodes), faces, zoom_levels(zooms_of(found.arrays), found.extent))
    for zoom in _ZOOMS:
        for name, view in views(zoom).items():
            taken: list[list[float]] = [[], []]
            for _ in range(_ROUNDS):
                for way, asking in enumerate((mesh.locate(view), searched(faces, view))):
                    began = time.process_time()
                    answered(asking, found.arrays)
                    taken[way].append((time.process_time() - began) * _MILLI)
            print(f"zoom {zoom:2} {name:9} {min(taken[0]):6.2f} {min(taken[1]):6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _SIDE)
