"""Why a file has no field that could become a map, in words that name what it is.

Source: CF Conventions 1.11, 5.6 and appendix F (grid mappings), 9 (discrete sampling geometries); UGRID 1.0.
"""

from typing import Final

import numpy as np

from core.attributes import text_of
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.horizontal import direction_of, unpacked
from stores.ingest.names import resolved

_SAMPLING: Final = ("timeseries_id", "profile_id", "trajectory_id")
_IN_SITU: Final = ("point", "station", "profile", "trajectory", "timeseries", "time-series", "section", "swathpoint")
"""Words of `featureType` and `cdm_data_type`, in lower case."""
_ROTATED: Final = ("grid_longitude", "grid_latitude")


def why_nothing(file: RawFile, values: Values) -> str:
    """Say why nothing in a file can be served as a map."""
    if (more := _mesh(file)) is not None:
        return f"unstructured grids (meshes) are not served yet{more}"
    variables = file.variables.values()
    longitudes, latitudes = ([found for found in variables if direction_of(found) == way] for way in ("x", "y"))
    for found in (*latitudes, *longitudes):
        if not np.isfinite(unpacked(file, found.name, values)).any():
            return f"no georeference: all values of {found.name} are missing"
    if reason := _in_situ(file):
        return f"points, tracks and profiles are not maps: {reason}"
    if not longitudes or not latitudes:
        return _without_places(file)
    latitude, longitude = latitudes[0], longitudes[0]
    if latitude.dimensions == longitude.dimensions and len(latitude.dimensions) < 2:
        where = f"run along {latitude.dimensions[0]}" if latitude.dimensions else "are one position"
        return f"points, tracks and profiles are not maps: {latitude.name} and {longitude.name} {where}"
    return "no field: no variable of numbers has both latitude and longitude"


def _mesh(file: RawFile) -> str | None:
    """Return what to add for a mesh; None for what is none."""
    meshes = [variable for variable in file.variables.values() if "mesh" in variable.attributes]
    if any("mesh_topology" in variable.words("cf_role") for variable in file.variables.values()):
        return ""
    for variable in meshes:
        name = text_of(variable.attributes, "mesh") or ""
        if resolved(file.variables, variable.group, name) is None:
            return f", and the mesh {name} is not in this file"
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


def _without_places(file: RawFile) -> str:
    variables = list(file.variables.values())
    mappings = [text_of(variable.attributes, "grid_mapping_name") or "" for variable in variables]
    if any(variable.standard_name in _ROTATED for variable in variables) or any("rotated" in name for name in mappings):
        return "rotated grids without the latitude and longitude of each cell are not served yet"
    if any(variable.standard_name.startswith("projection_") for variable in variables):
        return "grids on a map projection without the latitude and longitude of each cell are not served yet"
    if any(_bounds_alone(variable) for variable in variables):
        return "cells that are given by their bounds alone are not served yet"
    return "no georeference: no variables for latitude and longitude"


def _bounds_alone(variable: RawVariable) -> bool:
    return variable.numeric and len(variable.dimensions) == 2 and variable.short in ("lat_bnds", "lat_bounds")
