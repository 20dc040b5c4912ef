"""What every `stores.base.ChunkReader` must do. An adapter joins by a line in `ADAPTERS`."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from stores.base import ChunkReader, VersionGoneError
from stores.codec import encode
from stores.location import Location
from stores.repository import StoredDataset
from stores.writer import open_writer

RNG = np.random.default_rng(20140)
SHAPE = (4, 2, 100, 150)
CHUNK = (1, 1, 64, 64)
TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]


def noise(dtype: str, shape: tuple[int, ...] = CHUNK) -> np.ndarray:
    """Values that do not compress away: every byte of the file matters."""
    return RNG.integers(0, 256, np.prod(shape) * np.dtype(dtype).itemsize, dtype=np.uint8).view(dtype).reshape(shape)


THETAO = {(0, 0, 0, 0): noise("int16"), (0, 1, 1, 2): noise("int16"), (2, 0, 0, 0): noise("int16")}
BY_TYPE = {dtype: noise(dtype, (3, 5)) for dtype in TYPES}
CONSTANT = np.full((8, 8), 7, dtype=np.int16)


@dataclass
class Kept:
    """A store on disk that an adapter can read, and where its chunks lie."""

    open: Callable[[], Awaitable[ChunkReader]]
    chunk_file: Callable[[np.ndarray], Path]
    replace: Callable[[], None]
    """Publishes another version with other values."""
    collect: Callable[[], None]
    """Drops all versions but the last."""


def icechunk_store(folder: Path) -> Kept:
    location = Location.parse(str(folder))
    documents = {"description": b'{"attributes": {}, "dimensions": {}, "variables": {}}', "packings": b"[]"}
    with open_writer(location, "phys") as writer:
        dimensions = ("slot", "depth", "y", "x")
        writer.create_array("data/thetao", shape=SHAPE, chunks=CHUNK, dtype="i2", dimensions=dimensions, fill=-1)
        writer.put_chunks("data/thetao", {index: encode(values) for index, values in THETAO.items()})
        writer.create_array("data/mask", shape=(8, 8), chunks=(8, 8), dtype="i2", dimensions=("y", "x"), fill=0)
        writer.put_chunks("data/mask", {(0, 0): encode(CONSTANT)})
        writer.create_array("data/crs", shape=(), chunks=(), dtype="S1", dimensions=(), fill=0)
        writer.put_chunks("data/crs", {(): encode(np.array(b"c"))})
        for dtype, values in BY_TYPE.items():
            array = f"data/{dtype}"
            writer.create_array(array, shape=(3, 5), chunks=(3, 5), dtype=dtype, dimensions=("y", "x"), fill=0)
            writer.put_chunks(array, {(0, 0): encode(values)})
        for name, text in ({"sources": b"[]", "statistics": b"{}"} | documents).items():
            writer.put_document(name, text)
        writer.put_steps(np.array([[0, 0, 1, 0, 0]]))
        writer.commit("first")
        writer.publish()

    async def open_reader() -> ChunkReader:
        _, reader = await StoredDataset(location, "phys").open()
        return reader

    def chunk_file(values: np.ndarray) -> Path:
        encoded = encode(values)
        return next(path for path in (folder / "phys" / "chunks").iterdir() if path.read_bytes() == encoded)

    def replace() -> None:
        with open_writer(location, "phys") as writer:
            writer.put_chunks("data/thetao", {index: encode(noise("int16")) for index in THETAO})
            writer.commit("second")
            writer.publish()

    def collect() -> None:
        with open_writer(location, "phys") as writer:
            writer.collect(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))

    return Kept(open=open_reader, chunk_file=chunk_file, replace=replace, collect=collect)


ADAPTERS = {"icechunk": icechunk_store}


@pytest.fixture(scope="module", params=ADAPTERS)
def pristine(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param) / "store"
    return ADAPTERS[request.param](folder)


@pytest.fixture(params=ADAPTERS)
def kept(request, tmp_path):
    return ADAPTERS[request.param](tmp_path / "store")


@pytest.mark.parametrize("chunk", THETAO)
async def test_a_chunk_is_what_was_written_whole_at_the_far_edge_too(pristine, chunk):
    reader = await pristine.open()
    found = await reader.read("data/thetao", chunk)
    assert found.dtype == np.int16
    assert found.shape == CHUNK
    np.testing.assert_array_equal(found, THETAO[chunk])


@pytest.mark.parametrize("dtype", TYPES)
async def test_every_type_keeps_every_bit(pristine, dtype):
    found = await (await pristine.open()).read(f"data/{dtype}", (0, 0))
    assert found.dtype == np.dtype(dtype)
    assert found.tobytes() == BY_TYPE[dtype].tobytes()


async def test_characters_are_bytes(pristine):
    found = await (await pristine.open()).read("data/crs", ())
    assert (found.shape, found.tobytes()) == ((), b"c")


async def test_a_chunk_cannot_be_written_to_by_those_who_share_it(pristine):
    found = await (await pristine.open()).read("data/thetao", (0, 0, 0, 0))
    assert found.flags.aligned
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0, 0, 0] = 1


@pytest.mark.parametrize("chunk", [(1, 0, 0, 0), (9, 0, 0, 0), (0, 0, 7, 7), (3, 1, 1, 2)])
async def test_a_chunk_never_written_is_none_not_zeros(pristine, chunk):
    assert await (await pristine.open()).read("data/thetao", chunk) is None


@pytest.mark.parametrize("chunk", [(), (0,), (0, 0, 0), (0, 0, 0, 0, 0), (-1, 0, 0, 0), (0, 0, 0, -1)])
async def test_an_index_that_is_none_is_refused_rather_than_absent(pristine, chunk):
    reader = await pristine.open()
    with pytest.raises(ValueError, match="data/thetao"):
        await reader.read("data/thetao", chunk)


async def test_an_array_that_is_not_there_is_an_error_not_a_hole(pristine):
    reader = await pristine.open()
    with pytest.raises(OSError, match="data/salinity"):
        await reader.read("data/salinity", (0, 0, 0, 0))


@pytest.mark.parametrize("place", [0.0, 0.001, 0.3, 0.77, 0.9999])
@pytest.mark.parametrize("bit", [0, 7])
async def test_a_flipped_bit_is_an_error_never_data(kept, place, bit):
    path = kept.chunk_file(THETAO[0, 0, 0, 0])
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    reader = await kept.open()
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0, 0\) of data/thetao"):
        await reader.read("data/thetao", (0, 0, 0, 0))
    np.testing.assert_array_equal(await reader.read("data/thetao", (0, 1, 1, 2)), THETAO[0, 1, 1, 2])


@pytest.mark.parametrize("left", [0, 1, 15, 1000, -1])
async def test_a_cut_chunk_is_an_error_never_data(kept, left):
    path = kept.chunk_file(THETAO[0, 0, 0, 0])
    path.write_bytes(path.read_bytes()[:left])
    reader = await kept.open()
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0, 0\) of data/thetao"):
        await reader.read("data/thetao", (0, 0, 0, 0))


async def test_a_deleted_chunk_is_an_error_not_a_hole(kept):
    kept.chunk_file(THETAO[0, 0, 0, 0]).unlink()
    reader = await kept.open()
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0, 0\) of data/thetao"):
        await reader.read("data/thetao", (0, 0, 0, 0))


async def test_an_exchanged_chunk_of_another_size_is_an_error(kept):
    kept.chunk_file(THETAO[0, 0, 0, 0]).write_bytes(encode(noise("int16", (1, 1, 64, 65))))
    reader = await kept.open()
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0, 0\) of data/thetao"):
        await reader.read("data/thetao", (0, 0, 0, 0))


async def test_a_reader_goes_on_with_its_version_when_there_is_a_newer(kept):
    reader = await kept.open()
    kept.replace()
    newest = await kept.open()
    assert newest.version != reader.version
    old, new = [await each.read("data/thetao", (2, 0, 0, 0)) for each in (reader, newest)]
    np.testing.assert_array_equal(old, THETAO[2, 0, 0, 0])
    assert not np.array_equal(old, new)


async def test_a_collected_version_is_gone_not_absent(kept):
    reader = await kept.open()
    assert await reader.read("data/thetao", (2, 0, 0, 0)) is not None
    kept.replace()
    kept.collect()
    with pytest.raises(VersionGoneError):
        await reader.read("data/thetao", (2, 0, 0, 0))
    newest = await kept.open()
    assert newest.version != reader.version
    assert await newest.read("data/thetao", (2, 0, 0, 0)) is not None
