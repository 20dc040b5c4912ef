"""The one writer of a dataset: what it takes, what readers see of it, and what it refuses."""

import datetime as dt
import json

import icechunk
import numpy as np
import pytest
import zarr

from core.steps import COLUMNS
from stores.arrays import ArrayMismatchError
from stores.codec import encode
from stores.layout import DOCUMENTS, STEP_ROWS
from stores.location import Location
from stores.lock import LockedError
from stores.marker import NewerFormatError
from stores.writer import NothingToPublishError, UncommittedError, open_writer

THETAO = {
    "shape": (0, 20, 30),
    "chunks": (1, 16, 16),
    "dtype": "i2",
    "dimensions": ("slot", "y", "x"),
    "fill": -32767,
}
TILE = np.arange(256, dtype=np.int16).reshape(1, 16, 16)


@pytest.fixture
def location(tmp_path):
    return Location.parse(str(tmp_path / "store"))


@pytest.fixture
def writer(location):
    with open_writer(location, "phys") as found:
        yield found


def rows(length):
    found = np.zeros((length, len(COLUMNS)), dtype=np.int64)
    found[:, 0] = np.arange(length) * 3_600_000
    found[:, 2] = 2**62 + np.arange(length)
    return found


def complete(writer):
    for name in DOCUMENTS:
        writer.put_document(name, b"{}")
    writer.put_steps(rows(1))


def store_of(location, branch):
    repository = icechunk.Repository.open(location.storage("phys"))
    return repository.readonly_session(branch).store


def test_what_is_written_is_a_plain_zarr_store(location, writer):
    writer.create_array("data/thetao", **THETAO)
    writer.resize("data/thetao", (2, 20, 30))
    writer.put_chunks("data/thetao", {(1, 0, 0): encode(TILE), (1, 1, 1): encode(TILE + 1)})
    writer.create_array("data/crs", shape=(), chunks=(), dtype="S1", dimensions=(), fill=0)
    writer.put_chunks("data/crs", {(): encode(np.array(b"x"))})
    writer.create_array("data/name", shape=(2,), chunks=(2,), dtype="str", dimensions=("n",), fill="")
    writer.put_chunks("data/name", {(0,): encode(np.array(["a", "ü"], dtype=object))})
    writer.commit("first")
    group = zarr.open_group(store_of(location, "ingest"), mode="r")
    thetao = group["data/thetao"]
    expected = np.full((2, 20, 30), -32767, dtype=np.int16)
    expected[1, :16, :16], expected[1, 16:, 16:] = TILE[0], TILE[0, :4, :14] + 1
    np.testing.assert_array_equal(thetao[...], expected)
    assert thetao.metadata.dimension_names == ("slot", "y", "x")
    assert (group["data/crs"][()], list(group["data/name"][:])) == (ord("x"), ["a", "ü"])


@pytest.mark.parametrize(
    ("dtype", "fill"), [("f4", float("nan")), ("f8", float("inf")), ("f4", 9.969209968386869e36), ("u8", 2**64 - 1)]
)
def test_other_readers_see_the_fill_value(location, writer, dtype, fill):
    writer.create_array("data/a", shape=(2,), chunks=(2,), dtype=dtype, dimensions=("x",), fill=fill)
    writer.create_array("data/a", shape=(2,), chunks=(2,), dtype=dtype, dimensions=("x",), fill=fill)
    writer.commit("first")
    found = zarr.open_group(store_of(location, "ingest"), mode="r")["data/a"][...]
    np.testing.assert_array_equal(found, np.full(2, fill, dtype=dtype))


def test_making_an_array_again_keeps_its_slots_and_chunks(writer):
    writer.create_array("data/thetao", **THETAO | {"shape": (3, 20, 30)})
    writer.create_array("data/thetao", **THETAO)
    assert writer.array("data/thetao").shape == (3, 20, 30)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dtype": "i4"}, "dtype 'int16' where 'int32'"),
        ({"shape": (0, 20, 31)}, "shape"),
        ({"chunks": (1, 8, 16)}, "chunks"),
        ({"dimensions": ("slot", "lat", "lon")}, "dimensions"),
        ({"fill": 0}, "fill -32767 where 0"),
    ],
)
def test_another_array_of_that_name_is_refused_naming_the_difference(writer, change, says):
    writer.create_array("data/thetao", **THETAO)
    with pytest.raises(ArrayMismatchError, match=says):
        writer.create_array("data/thetao", **THETAO | change)


@pytest.mark.parametrize(
    "change",
    [{"chunks": (1, 16)}, {"chunks": (1, 0, 16)}, {"shape": (-1, 20, 30)}, {"dtype": "c8"}, {"dimensions": ("slot",)}],
)
def test_what_is_no_array_is_refused(writer, change):
    with pytest.raises(ValueError):
        writer.create_array("data/thetao", **THETAO | change)


@pytest.mark.parametrize("shape", [(), (1,), (2, 20), (2, 20, 31), (0, 20, 30)])
def test_only_slots_are_added(writer, shape):
    writer.create_array("data/thetao", **THETAO | {"shape": (1, 20, 30)})
    with pytest.raises(ValueError, match="only slots"):
        writer.resize("data/thetao", shape)


@pytest.mark.parametrize("index", [(0, 0, 0), (1, 2, 0), (1, 0, -1), (1, 0), (1, 0, 0, 0)])
def test_a_chunk_outside_the_array_is_refused(writer, index):
    writer.create_array("data/thetao", **THETAO | {"shape": (2, 20, 30)})
    writer.put_chunks("data/thetao", {(0, 0, 0): encode(TILE)})
    if index != (0, 0, 0):
        with pytest.raises(IndexError, match="data/thetao"):
            writer.put_chunks("data/thetao", {index: encode(TILE)})


def test_an_array_that_was_not_made_takes_no_chunks(writer):
    with pytest.raises(KeyError, match="data/thetao"):
        writer.put_chunks("data/thetao", {(0, 0, 0): encode(TILE)})


def test_a_deleted_chunk_is_as_if_never_written(location, writer):
    writer.create_array("data/thetao", **THETAO | {"shape": (2, 20, 30)})
    writer.put_chunks("data/thetao", {(0, 0, 0): encode(TILE), (1, 0, 0): encode(TILE)})
    writer.commit("first")
    writer.delete_chunks("data/thetao", [(0, 0, 0), (0, 1, 1)])
    writer.commit("second")
    found = zarr.open_group(store_of(location, "ingest"), mode="r")["data/thetao"]
    assert (found[0, 0, 0], found[1, 0, 1]) == (-32767, 1)


@pytest.mark.parametrize("content", [b"{}", b'{"a": 1}', b"[" + b"1," * 100_000 + b"1]"])
def test_a_document_comes_back_whatever_was_there_before(writer, content):
    assert writer.read_document("description") is None
    for text in (b'{"before": 1}', content):
        writer.put_document("description", text)
        assert writer.read_document("description") == text
    writer.commit("first")
    assert writer.read_document("description") == content


def test_there_are_no_other_documents(writer):
    with pytest.raises(ValueError, match="'secrets'"):
        writer.put_document("secrets", b"{}")


@pytest.mark.parametrize("lengths", [[0], [1], [5, 3], [3, 5], [STEP_ROWS + 5, 7], [STEP_ROWS, STEP_ROWS + 1], [2, 0]])
def test_the_step_table_comes_back_whatever_was_there_before(location, writer, lengths):
    assert writer.read_steps().shape == (0, len(COLUMNS))
    for length in lengths:
        writer.put_steps(rows(length))
        np.testing.assert_array_equal(writer.read_steps(), rows(length))
    writer.commit("first")
    found = zarr.open_group(store_of(location, "ingest"), mode="r")["meta/steps"][...]
    np.testing.assert_array_equal(found, rows(lengths[-1]))


@pytest.mark.parametrize(
    "table",
    [rows(2)[::-1].copy(), np.zeros((2, 5), dtype=np.int64), rows(2)[:, :4], rows(2).astype(np.int32), rows(2)[0]],
)
def test_what_is_no_step_table_is_refused(writer, table):
    with pytest.raises(ValueError):
        writer.put_steps(table)


def test_the_same_content_again_is_no_change(writer):
    complete(writer)
    first = writer.commit("first")
    complete(writer)
    assert writer.commit("again") == first == writer.version


def test_a_version_exists_from_the_first_commit_on(writer):
    assert writer.version is None
    complete(writer)
    assert writer.version is None
    assert writer.commit("first") == writer.version


def test_what_was_not_committed_is_gone_with_the_writer(location):
    with open_writer(location, "phys") as writer:
        complete(writer)
        version = writer.commit("first")
        writer.put_document("description", b'{"half": 1}')
    with open_writer(location, "phys") as writer:
        assert (writer.version, writer.read_document("description")) == (version, b"{}")


def test_discarding_returns_to_the_last_commit(writer):
    complete(writer)
    writer.commit("first")
    writer.create_array("data/thetao", **THETAO)
    writer.discard()
    assert writer.array("data/thetao") is None


def test_nothing_is_published_before_it_is_published(location, writer):
    complete(writer)
    writer.commit("first")
    assert not zarr.core.sync.sync(store_of(location, "main").exists("zarr.json"))
    version = writer.publish()
    repository = icechunk.Repository.open(location.storage("phys"))
    assert repository.lookup_branch("main") == version == writer.version


def test_publishing_again_is_no_new_version(writer):
    complete(writer)
    writer.commit("first")
    assert writer.publish() == writer.publish()


def test_the_time_of_publication_is_recorded(location, writer):
    complete(writer)
    writer.commit("first")
    version = writer.publish(at=dt.datetime(2014, 12, 17, 12, tzinfo=dt.UTC))
    repository = icechunk.Repository.open(location.storage("phys"))
    assert repository.lookup_snapshot(version).metadata == {"published": 1_418_817_600_000}
    attributes = dict(zarr.open_group(store_of(location, "main"), mode="r")["meta"].attrs)
    assert attributes == {"format": "halocline-store", "format_version": 1, "published": 1_418_817_600_000}


def test_an_incomplete_dataset_is_not_published(writer):
    writer.put_document("description", b"{}")
    writer.commit("first")
    with pytest.raises(NothingToPublishError, match=r"meta/steps, meta/packings"):
        writer.publish()


@pytest.mark.parametrize(
    "act", [lambda writer: writer.publish(), lambda writer: writer.collect(dt.datetime.now(dt.UTC))]
)
def test_uncommitted_changes_are_neither_published_nor_collected(writer, act):
    complete(writer)
    with pytest.raises(UncommittedError, match="phys"):
        act(writer)


def test_a_second_writer_is_told_who_holds_which_lock(location, writer):
    with pytest.raises(LockedError, match=r"process \d+ .*phys\.lock.*stop it"), open_writer(location, "phys"):
        pass
    with pytest.raises(LockedError), open_writer(location, "phys", wait=0.1):
        pass


def test_two_datasets_have_two_writers(location, writer):
    with open_writer(location, "waves") as other:
        assert other.version is None


def test_the_lock_is_free_again_after_a_failure(location):
    with pytest.raises(RuntimeError, match="boom"), open_writer(location, "phys"):
        raise RuntimeError("boom")
    with open_writer(location, "phys") as writer:
        assert writer.version is None


def test_a_store_of_a_later_format_is_refused_with_both_versions_and_the_cure(location):
    with open_writer(location, "phys") as writer:
        complete(writer)
        writer.commit("first")
    session = icechunk.Repository.open(location.storage("phys")).writable_session("ingest")
    zarr.open_group(session.store)["meta"].attrs["format_version"] = 2
    session.commit("from the future")
    with (
        pytest.raises(NewerFormatError, match=r"format version 2.*up to version 1.*update"),
        open_writer(location, "phys"),
    ):
        pass


def test_collecting_keeps_the_last_version_whole(location, writer):
    complete(writer)
    writer.create_array("data/a", shape=(64, 64), chunks=(32, 64), dtype="i2", dimensions=("y", "x"), fill=0)
    noise = np.random.default_rng(1).integers(-999, 999, (5, 32, 64), dtype=np.int16)
    for number, tile in enumerate(noise):
        writer.put_chunks("data/a", {(0, 0): encode(tile)})
        writer.commit(f"number {number}")
        writer.publish()
    folder = location.folder / "phys" / "chunks"
    assert len(list(folder.iterdir())) == 5
    writer.collect(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
    assert len(list(folder.iterdir())) == 1
    found = zarr.open_group(store_of(location, "main"), mode="r")["data/a"]
    np.testing.assert_array_equal(found[:32], noise[-1])
    writer.put_chunks("data/a", {(1, 0): encode(noise[0])})
    writer.commit("goes on")
    assert writer.publish() == writer.version


def test_a_document_is_plain_json_to_other_readers(location, writer):
    writer.put_document("statistics", b'{"thetao": {"minimum": 1.5}}')
    writer.commit("first")
    found = zarr.open_group(store_of(location, "ingest"), mode="r")["meta/statistics"][...]
    assert json.loads(found.tobytes()) == {"thetao": {"minimum": 1.5}}
