"""Why a file has no field that could become a map, in words that name what it is.

Source: CF Conventions 1.11, 5.6 and appendix F (grid mappings), 9 (discrete sampling geometries); UGRID 1.0.
"""

from typing import Final

import numpy as np

from core.attributes import text_of
from stores.ingest.grid_mapping import why_unmapped
from stores.ingest.header import RawFile, Values
from stores.ingest.horizontal import direction_of, unpacked
from stores.ingest.mesh import mesh_elsewhere

_SAMPLING: Final = ("timeseries_id", "profile_id", "trajectory_id")
_IN_SITU: Final = ("point", "station", "profile", "trajectory", "timeseries", "time-series", "section", "swathpoint")
"""Words of `featureType` and `cdm_data_type`, in lower case."""


def why_nothing(file: RawFile, values: Values) -> str:
    """Say why nothing in a file can be served as a map."""
    if (reason := _mesh(file)) is not None:
        return reason
    variables = file.variables.values()
    longitudes, latitudes = ([found for found in variables if direction_of(found) == way] for way in ("x", "y"))
    for found in (*latitudes, *longitudes):
        if not np.isfinite(unpacked(file, found.name, values)).any():
            return f"no georeference: all values of {found.name} are missing"
    if reason := _in_situ(file):
        return f"points, tracks and profiles are not maps: {reason}"
    if not longitudes or not latitudes:
        return _without_places(file, values)
    latitude, longitude = latitudes[0], longitudes[0]
    if latitude.dimensions == longitude.dimensions and len(latitude.dimensions) < 2:
        where = f"run along {latitude.dimensions[0]}" if latitude.dimensions else "are one position"
        return f"points, tracks and profiles are not maps: {latitude.name} and {longitude.name} {where}"
    return "no field: no variable of numbers has both latitude and longitude"


def _mesh(file: RawFile) -> str | None:
    """Say what is wrong with a mesh; None for what is none."""
    if (name := mesh_elsewhere(file)) is not None:
        return f"the mesh {name} is not in this file: say under datasets[].mesh which file has it"
    if any("mesh_topology" in variable.words("cf_role") for variable in file.variables.values()):
        return "no field: nothing lies on the nodes, faces or edges of its mesh, or these have no coordinates"
    return None


def _in_situ(file: RawFile) -> str | None:
    """Return what says that it holds points; None where nothing does."""
    if "argo" in (text_of(file.attributes, "Conventions") or "").lower():
        return text_of(file.attributes, "title") or "an Argo file"
    for name in ("featureType", "cdm_data_type"):
        said = text_of(file.attributes, name, name.lower()) or ""
        if any(word in said.lower() for word in _IN_SITU):
            return f"{name} is {said}"
    roles = [role for variable in file.variables.values() for role in variable.words("cf_role") if role in _SAMPLING]
    return f"a variable is its {roles[0]}" if roles else None


def _without_places(file: RawFile, values: Values) -> str:
    if (reason := why_unmapped(file, values)) is not None:
        return f"no georeference: {reason}"
    return "no georeference: no variables for latitude and longitude"
