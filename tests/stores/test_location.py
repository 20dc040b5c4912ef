"""Where stores lie, and what things in them are called."""

from pathlib import Path

import pytest

from stores import layout
from stores.location import Location, LocationError


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("/data/store", "/data/store"),
        ("store", "/conf/store"),
        ("./data/store", "/conf/data/store"),
        ("a b", "/conf/a b"),
    ],
)
def test_a_folder_starts_at_the_base(text, folder):
    assert Location.parse(text, base=Path("/conf")).folder == Path(folder)


@pytest.mark.parametrize(
    ("text", "bucket", "prefix"),
    [
        ("s3://ocean", "ocean", ""),
        ("s3://ocean/", "ocean", ""),
        ("s3://ocean/units/one/", "ocean", "units/one"),
    ],
)
def test_an_object_store_has_bucket_and_prefix(text, bucket, prefix):
    found = Location.parse(text)
    assert (found.folder, found.bucket, found.prefix) == (None, bucket, prefix)
    assert str(found) == text.rstrip("/")
    assert found.lock_file("phys") is None


@pytest.mark.parametrize("text", ["", "  ", "gs://ocean/a", "s3://", "s3:///a", "http://ocean/a"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(LocationError):
        Location.parse(text)


def test_an_object_store_is_asked_at_the_endpoint_of_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9000")
    assert "ocean" in str(Location.parse("s3://ocean/units").storage("phys"))


@pytest.mark.parametrize("name", ["phys", "global-analysis-forecast-phys-001-002", "A.b_c", "0", "x" * 128])
def test_dataset_ids(name):
    assert layout.checked_dataset_id(name) == name
    assert Location.parse("/s").repository_folder(name) == Path("/s") / name


def test_names_of_arrays_and_keys():
    assert layout.data("thetao") == "data/thetao"
    assert layout.overview(4, "thetao") == "overviews/4/thetao"
    assert layout.geometry("g0", "edges") == "geometry/g0/edges"
    assert layout.chunk_key("data/thetao", (0, 12, 3)) == "data/thetao/c/0/12/3"
    assert layout.chunk_key("data/crs", ()) == "data/crs/c"
    assert layout.metadata_key("") == "zarr.json"


@pytest.mark.parametrize("name", ["", ".", "..", "a/..", "../a", "/a", "a/", "a//b", "a/__b", "__a", "zarr.json"])
def test_a_name_that_zarr_cannot_have_is_refused(name):
    with pytest.raises(layout.NodeNameError):
        layout.data(name)
