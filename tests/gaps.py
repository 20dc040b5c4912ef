"""A small dataset whose fields are not all there at every step."""

from pathlib import Path

import netCDF4
import numpy as np

from stores.documents import read_packings, write_packings
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from stores.writer import open_writer

DAYS = [f"2015-03-0{day}T00:00:00Z" for day in (1, 2, 3, 4)]
HAVING = {"everywhere": (0, 1, 2, 3), "gap": (0, 2, 3), "late": (2, 3), "never": (), "still": (0, 1, 2, 3)}
"""Steps that have each field."""


def store_gaps(folder: Path) -> None:
    """Make a store in `folder` with the dataset `some`, of four days."""
    _write(folder / "some.nc")
    location = Location.parse(str(folder))
    ingest(location, "some", [folder / "some.nc"], crew=Processes(0), report=lambda _: None)
    with open_writer(location, "some") as writer:
        (whole,) = read_packings(writer.read_document("packings") or b"")
        packings = [
            {name: packing for name, packing in whole.items() if step in HAVING.get(name, (step,))} for step in range(4)
        ]
        # The newest file has nothing without time.
        del packings[3]["still"]
        writer.put_document("packings", write_packings(tuple(packings)))
        rows = writer.read_steps().copy()
        rows[:, 3] = rows[:, 4] = range(4)
        writer.put_steps(rows)
        writer.commit("some steps lack some fields")
        writer.publish()


def _write(path: Path) -> None:
    """Write all fields at all steps: each holds 100 times the step and the column, and 7 where it has no time."""
    with netCDF4.Dataset(path, "w") as file:
        for name, values, units in (
            ("time", np.arange(4.0), "days since 2015-03-01"),
            ("lat", np.arange(-80.0, 81.0, 20.0), "degrees_north"),
            ("lon", np.arange(-170.0, 180.0, 20.0), "degrees_east"),
        ):
            file.createDimension(name, values.size)
            axis = file.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = values
        for name in HAVING:
            field = file.createVariable(name, "f4", ("lat", "lon") if name == "still" else ("time", "lat", "lon"))
            field[:] = 7.0 if name == "still" else (100.0 * np.arange(4))[:, None, None] + np.arange(18.0)
