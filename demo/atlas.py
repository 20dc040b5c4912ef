"""Coastlines out of a TopoJSON topology.

Source: The TopoJSON Format Specification, 2.1.2 (transforms), 2.1.4 (arcs, arc indexes).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from demo.grid import Field

LAND = Path(__file__).parent / "world-atlas" / "land-50m.json"


def rings(path: Path = LAND) -> list[Field]:
    """Return every ring of the land, outer and inner, each of shape (n, 2): degrees east, degrees north."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = _arcs(topology)
    found = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        found += [_joined(arcs, ring) for polygon in polygons for ring in polygon]
    return found


def _arcs(topology: dict[str, Any]) -> list[Field]:
    """Undo the delta coding (2.1.4) and the quantization (2.1.2)."""
    scale = np.array(topology["transform"]["scale"])
    translate = np.array(topology["transform"]["translate"])
    return [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]


def _joined(arcs: list[Field], ring: list[int]) -> Field:
    """Join arcs end to end: ~i is arc i reversed, and an arc starts where the one before it stopped."""
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in ring]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
