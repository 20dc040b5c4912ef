"""One stored dataset as its readers see it."""

import asyncio
import shutil
from collections.abc import Mapping

import numpy as np
import pytest

from core.attributes import Attribute
from core.dataset import Description, RectilinearGrid, Statistics, TimeAxis, Variable
from core.packing import Packing
from stores.documents import write_description, write_packings, write_sources, write_statistics
from stores.layout import DatasetIdError
from stores.location import Location
from stores.repository import NoStoreError, NotPublishedError, StoredDataset
from stores.writer import open_writer

DESCRIPTION = Description(
    attributes={"title": Attribute(type="char", data=b"Demo")},
    dimensions={"time": 1, "lat": 2, "lon": 3},
    variables={
        "sst": Variable(
            name="sst",
            dtype="i2",
            dimensions=("time", "lat", "lon"),
            shape=(2, 3),
            chunks=(1, 2, 3),
            attributes={},
            stepped=True,
            grid="g0",
        )
    },
    grids={"g0": RectilinearGrid(x="lon", y="lat", longitudes=(0.0, 1.0, 2.0), latitudes=(4.0, 5.0))},
    time=TimeAxis(dimension="time", variable="time", units="days since 1950-01-01", calendar="360_day"),
)
PACKINGS: tuple[Mapping[str, Packing], ...] = ({"sst": Packing(dtype="i2", scale=np.float32(0.01), missing=(-9,))},)
STATISTICS = {"sst": Statistics(minimum=1.0, maximum=4.0, low=2.0, high=3.0)}
ROWS = np.array([[5, 1, 77, 0, 0], [9, 0, 78, 0, 0]])


@pytest.fixture
def location(tmp_path):
    return Location.parse(str(tmp_path / "store"))


def put(location, rows=ROWS, *, publish=True, dataset_id="phys"):
    with open_writer(location, dataset_id) as writer:
        writer.put_document("description", write_description(DESCRIPTION))
        writer.put_document("packings", write_packings(PACKINGS))
        writer.put_document("statistics", write_statistics(STATISTICS))
        writer.put_document("sources", write_sources(()))
        writer.put_steps(rows)
        writer.commit("first")
        return writer.publish() if publish else writer.version


async def test_a_dataset_is_what_was_written(location):
    version = put(location)
    dataset, reader = await StoredDataset(location, "phys").open()
    assert (dataset.id, dataset.version, reader.version) == ("phys", version, version)
    assert (dataset.description, dataset.packings, dataset.statistics) == (DESCRIPTION, PACKINGS, STATISTICS)
    assert (dataset.steps.calendar, dataset.steps.rows.tolist()) == ("360_day", ROWS.tolist())
    assert dataset.packings[0]["sst"].scale.dtype == np.float32


async def test_it_stays_the_same_object_until_another_version_is_published(location):
    put(location)
    source = StoredDataset(location, "phys")
    dataset, reader = await source.open()
    put(location, ROWS[:1], publish=False)
    assert all(old is new for old, new in zip((dataset, reader), await source.open(), strict=True))
    put(location, ROWS[:1])
    newer, _ = await source.open()
    assert (len(dataset.steps), len(newer.steps)) == (2, 1)
    assert newer.published >= dataset.published > 1_700_000_000_000
    assert source.published == newer.published


async def test_it_tells_cheaply_that_nothing_is_new_and_is_never_sure_of_it_wrongly(location):
    put(location)
    dataset = StoredDataset(location, "phys")
    assert dataset.watched
    assert not dataset.newest()
    await dataset.open()
    assert dataset.newest()
    put(location, ROWS[:1], publish=False)
    assert dataset.newest()
    put(location, ROWS[1:])
    assert not dataset.newest()
    await dataset.open()
    assert dataset.newest()
    shutil.rmtree(location.folder / "phys" / "refs")
    assert not dataset.newest()


async def test_in_an_object_store_nothing_is_told_cheaply():
    dataset = StoredDataset(Location.parse("s3://bucket/prefix"), "phys")
    assert not dataset.watched
    assert not dataset.newest()


async def test_the_step_table_holds_no_more_than_its_steps(location):
    put(location)
    dataset, _ = await StoredDataset(location, "phys").open()
    assert dataset.steps.rows.base is None
    assert dataset.steps.rows.nbytes == ROWS.nbytes


async def test_many_who_open_at_once_get_the_same_objects(location):
    put(location)
    source = StoredDataset(location, "phys")
    opened = await asyncio.gather(*(source.open() for _ in range(8)))
    assert len({id(reader) for _, reader in opened}) == 1


@pytest.mark.parametrize("disk", ["away", "not mounted"])
async def test_where_there_is_no_store_nobody_can_tell_what_it_holds(location, disk):
    if disk == "not mounted":
        location.folder.mkdir()
    with pytest.raises(NoStoreError, match="holds no store: mount its disk, or ingest"):
        await StoredDataset(location, "phys").open()
    assert location.folder.exists() == (disk == "not mounted")


async def test_without_a_repository_nothing_is_published_and_no_folder_is_made(location):
    put(location, dataset_id="other")
    source = StoredDataset(location, "phys")
    with pytest.raises(NotPublishedError, match="phys"):
        await source.open()
    assert not (location.folder / "phys").exists()
    assert source.published is None
    put(location)
    assert (await source.open())[0].id == "phys"


@pytest.mark.parametrize(
    "made", [[], ["snapshots"], ["snapshots/A1", "refs/branch.main"], ["refs/branch.main/ref.json#1"]]
)
async def test_a_repository_that_is_being_made_is_not_published_yet(location, made):
    put(location, dataset_id="other")
    for path in made:
        (location.folder / "phys" / path).mkdir(parents=True)
    with pytest.raises(NotPublishedError):
        await StoredDataset(location, "phys").open()
    assert not (location.folder / "phys" / "chunks").exists()


async def test_what_was_committed_but_not_published_is_not_there(location):
    put(location, publish=False)
    with pytest.raises(NotPublishedError):
        await StoredDataset(location, "phys").open()


async def test_a_dataset_that_vanishes_is_a_fault_not_an_unpublished_one(location):
    put(location)
    source = StoredDataset(location, "phys")
    await source.open()
    shutil.rmtree(location.folder)
    with pytest.raises(OSError) as caught:
        await source.open()
    assert not isinstance(caught.value, NotPublishedError)


@pytest.mark.parametrize("folder", ["refs/branch.main", "snapshots"])
@pytest.mark.parametrize("damage", ["cut", "zeroed", "deleted"])
async def test_a_damaged_repository_is_a_fault_not_an_unpublished_one(location, folder, damage):
    put(location)
    for path in (location.folder / "phys" / folder).iterdir():
        content = path.read_bytes()
        if damage == "deleted":
            path.unlink()
        else:
            path.write_bytes(content[: len(content) // 2] if damage == "cut" else bytes(len(content)))
    with pytest.raises(OSError, match="phys") as caught:
        await StoredDataset(location, "phys").open()
    assert not isinstance(caught.value, NotPublishedError)


async def test_a_document_of_another_kind_is_a_fault_that_names_it(location):
    put(location)
    with open_writer(location, "phys") as writer:
        writer.put_document("packings", b'{"a": 1}')
        writer.commit("wrong")
        writer.publish()
    with pytest.raises(OSError, match="document packings"):
        await StoredDataset(location, "phys").open()


@pytest.mark.parametrize("name", ["", "..", "../phys", "a/b", ".hidden", "a b", "a\0", "é", "x" * 129])
def test_a_path_is_no_dataset_id(location, name):
    with pytest.raises(DatasetIdError):
        StoredDataset(location, name)
