"""Values of real files, at random places, as the store gives them and as netCDF4 reads them raw."""

import asyncio
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from core.dataset import Dataset, Variable
from stores.base import ChunkReader
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from stores.repository import StoredDataset

PLACES = 40
FILES = {
    "tos": ["grid/tos_O1_2001-2002.nc"],
    "currents": ["grid/cmems_glo12_uv_7depths.nc"],
    "chlorophyll": ["satellite/S20080012008031.L3m_MO_CHL_chlor_a_9km.nc"],
    "altimetry": ["altimetry/nrt_global_allsat_phy_l4_20190223_20190226.nc"],
    "ostia": [
        f"grid/ostia_anom/2017060{day}120000-UKMO-L4_GHRSST-SSTfnd-OSTIAanom-GLOB-v02.0-fv02.0.nc" for day in (5, 6, 7)
    ],
    "nemo": [
        f"curvilinear/nemo_orca1/nemo_1m_2015{span}_grid-T.nc"
        for span in ("0101-20150201", "0201-20150301", "0301-20150401")
    ],
}


@pytest.mark.parametrize("name", FILES)
def test_the_store_gives_the_raw_values_of_the_files(tmp_path, real_data, name):
    files = [real_data(file) for file in FILES[name]]
    location = Location.parse(str(tmp_path))
    summary = ingest(location, name, files, crew=Processes(0), report=lambda progress: None)
    assert (len(summary.added), summary.refused) == (len(files), ())
    asyncio.run(compare(location, name, files))


async def compare(location: Location, name: str, files: list[Path]) -> None:
    dataset, reader = await StoredDataset(location, name).open()
    random = np.random.default_rng(7)
    first = 0
    for path in files:
        with netCDF4.Dataset(path) as source:
            source.set_auto_maskandscale(False)
            for field in dataset.description.fields:
                for _ in range(PLACES):
                    place = {name: int(random.integers(len(source.dimensions[name]))) for name in field.dimensions}
                    expected = source.variables[field.name][tuple(place.values())]
                    found = await value(dataset, reader, field, place | {"first step": first})
                    assert (found.dtype, found.tobytes()) == (expected.dtype, expected.tobytes())
            time = dataset.description.time
            first += len(source.dimensions[time.dimension]) if time else 0


async def value(dataset: Dataset, reader: ChunkReader, field: Variable, place: dict[str, int]) -> np.generic:
    """Return one value; every file here is ordered in space as its fields are, (..., row, column)."""
    time = dataset.description.time
    slot = ()
    if field.stepped and time is not None:
        slot = (dataset.steps[place["first step"] + place[time.dimension]].slot,)
    row, column = (place[name] for name in field.dimensions[-2:])
    height, width = field.chunks[-2:]
    index = (*slot, *(place[name] for name in field.axes), row // height, column // width)
    chunk = await reader.read(f"data/{field.name}", index)
    assert chunk is not None
    return chunk.reshape(chunk.shape[-2:])[row % height, column % width]
