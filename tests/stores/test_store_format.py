"""`docs/store-format.md` as a promise: its examples are read by our code, its code runs on our stores."""

import json
import re
from pathlib import Path

import icechunk
import numpy as np
import pytest
import xarray

from core.packing import Packing
from stores.attributes import read_attribute, write_attribute
from stores.codec import encode
from stores.documents import (
    read_description,
    read_packings,
    read_sources,
    read_statistics,
    write_description,
    write_packings,
    write_sources,
    write_statistics,
)
from stores.layout import FORMAT, FORMAT_VERSION, STEP_ROWS
from stores.location import SLOTS_PER_MANIFEST, Location
from stores.marker import read_marker
from stores.rejected import read_rejections, write_rejections
from stores.writer import open_writer

PAGE = (Path(__file__).parents[2] / "docs" / "store-format.md").read_text(encoding="utf-8")
(ATTRIBUTES, DESCRIPTION, PACKINGS, STATISTICS, SOURCES, REJECTED, MARKER) = re.findall(
    r"```json\n(.*?)```", PAGE, re.DOTALL
)
CODES = np.array([[[-32767, 0, 1], [2, 3, 4]], [[5, 6, 7], [8, 9, 32767]]], dtype=np.int16)


@pytest.fixture(scope="module")
def store_path(tmp_path_factory):
    location = Location.parse(str(tmp_path_factory.mktemp("store")))
    with open_writer(location, "demo") as writer:
        for name, text in (("description", DESCRIPTION), ("packings", PACKINGS), ("statistics", STATISTICS)):
            writer.put_document(name, text.encode())
        writer.put_document("sources", SOURCES.encode())
        dimensions = ("slot", "depth", "y", "x")
        writer.create_array(
            "data/thetao", shape=(2, 2, 2, 3), chunks=(1, 1, 2, 3), dtype="i2", dimensions=dimensions, fill=-32767
        )
        writer.put_chunks("data/thetao", {(0, level, 0, 0): encode(CODES[level][None, None]) for level in range(2)})
        writer.put_steps(np.array([[0, 1, 5, 0, 0], [3_600_000, 0, 6, 0, 0]]))
        writer.commit("first")
        writer.publish()
    return location.folder / "demo"


@pytest.mark.parametrize(
    ("text", "read", "write"),
    [
        (DESCRIPTION, read_description, write_description),
        (PACKINGS, read_packings, write_packings),
        (STATISTICS, read_statistics, write_statistics),
        (SOURCES, read_sources, write_sources),
        (REJECTED, read_rejections, write_rejections),
    ],
)
def test_the_documents_are_written_as_the_page_shows_them(text, read, write):
    assert json.loads(write(read(text.encode()))) == json.loads(text)


def test_the_attributes_are_written_as_the_page_shows_them():
    for document in json.loads(ATTRIBUTES).values():
        assert write_attribute(read_attribute(document)) == document


def test_the_marker_is_the_one_on_the_page():
    marker = json.loads(MARKER)
    assert (marker["format"], marker["format_version"]) == (FORMAT, FORMAT_VERSION)
    assert read_marker(json.dumps({"attributes": marker}).encode(), "demo").published == marker["published"]


def test_the_sizes_on_the_page_are_those_in_use():
    assert f"chunks of {STEP_ROWS:,} rows" in PAGE
    assert f"{SLOTS_PER_MANIFEST} slots each" in PAGE


def test_the_code_on_the_page_reads_values(store_path):
    code = re.search(r"<!-- test: store_path -->\n```python\n(.*?)```", PAGE, re.DOTALL)[1]
    space = {"store_path": store_path}
    exec(compile(code, "store-format.md", "exec"), space)
    packing = Packing(dtype="i2", scale=np.float32(0.001), offset=np.float32(20), missing=(-32767,))
    np.testing.assert_allclose(space["values"], packing.unpack(CODES), rtol=1e-6)
    assert int(space["time"]) == 3_600_000


def test_xarray_opens_the_arrays(store_path):
    repository = icechunk.Repository.open(icechunk.local_filesystem_storage(str(store_path)))
    store = repository.readonly_session("main").store
    with xarray.open_zarr(store, group="data", consolidated=False, decode_cf=False, chunks=None) as found:
        assert found["thetao"].dims == ("slot", "depth", "y", "x")
        np.testing.assert_array_equal(found["thetao"].values[0], CODES)
        assert (found["thetao"].values[1] == -32767).all()
