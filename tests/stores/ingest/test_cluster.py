"""What a Dask cluster makes of files is what processes make of them."""

import asyncio

import icechunk
import numpy as np
import pytest
import zarr

from stores.ingest.cluster import DaskCrew
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.dask_cluster import dask_cluster
from tests.sea import write_sea


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask")) as address:
        yield address


@pytest.fixture
def files(tmp_path):
    """Return a sea of six days and two levels in three files."""
    found = []
    for number in range(3):
        found.append(tmp_path / f"sea{number}.nc")
        write_sea(found[-1], days=2, first=1 + 2 * number)
    return found


def everything(location: Location) -> dict[str, object]:
    """Return attributes of groups, metadata and values of arrays, and each chunk that was written, decoded."""
    session = icechunk.Repository.open(location.storage("d")).readonly_session("main")
    root = zarr.open_group(session.store, mode="r")
    found: dict[str, object] = {"": dict(root.attrs)}
    for path, node in root.members(max_depth=None):
        found[path] = node.metadata.to_dict()
        if isinstance(node, zarr.Array):
            found[f"{path} values"] = node[...]
            found[f"{path} chunks"] = asyncio.run(written(session, path))
    found["meta"]["attributes"].pop("published")
    return found


async def written(session: icechunk.Session, path: str) -> list[tuple[int, ...]]:
    return sorted([tuple(at) async for at in session.chunk_coordinates(f"/{path}")])


def test_every_array_chunk_and_attribute_is_the_same(address, files, tmp_path):
    locations = [Location.parse(str(tmp_path / name)) for name in ("processes", "cluster")]
    with Processes(1) as processes, DaskCrew(address) as cluster:
        for location, crew in zip(locations, (processes, cluster), strict=True):
            summary = ingest(location, "d", files, crew=crew, report=lambda progress: None)
            assert (len(summary.added), summary.steps) == (3, 6)
    ours, theirs = map(everything, locations)
    assert ours.keys() == theirs.keys()
    assert sum(path.endswith(" chunks") for path in ours) > 10
    for path, value in ours.items():
        if isinstance(value, np.ndarray):
            assert value.dtype == theirs[path].dtype, path
            np.testing.assert_array_equal(value, theirs[path], err_msg=path)
        else:
            assert value == theirs[path], path


def test_a_file_that_a_worker_cannot_read_is_refused_with_the_same_words(address, files, tmp_path):
    damaged = tmp_path / "sea9.nc"
    damaged.write_bytes(files[0].read_bytes()[:-2000])
    refused = []
    with Processes(1) as processes, DaskCrew(address) as cluster:
        for name, crew in (("processes", processes), ("cluster", cluster)):
            location = Location.parse(str(tmp_path / name))
            summary = ingest(location, "d", [files[0], damaged], crew=crew, report=lambda progress: None)
            refused.append(summary.refused)
            assert summary.added == ("sea0.nc",)
    assert refused[0] == refused[1]
    assert refused[0][0][0] == "sea9.nc"
