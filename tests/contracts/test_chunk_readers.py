"""What every `stores.base.ChunkReader` must do. An adapter joins by a line in `ADAPTERS`."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import numcodecs
import numpy as np
import pytest
import zarr

from core.dataset import Description, TimeAxis, Variable
from stores.base import ChunkReader, VersionGoneError
from stores.cache import ChunkCache
from stores.codec import encode
from stores.location import Location
from stores.plain.chunks import PlainChunks, StoredBlocks, parts_of
from stores.plain.folder import Folder
from stores.plain.hierarchy import read_hierarchy
from stores.plain.origin import Origin
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
ABSENT = -1


@dataclass
class Kept:
    """A store on disk that an adapter can read, and where its chunks lie."""

    open: Callable[[], Awaitable[ChunkReader]]
    encode: Callable[[np.ndarray], bytes]
    """As chunks are stored."""
    chunk_file: Callable[[np.ndarray], Path]
    """Of one of `THETAO`."""
    replace: Callable[[], None]
    """Publishes another version with other values."""
    collect: Callable[[], None]
    """Drops all versions but the last."""
    absent: int | None = None
    """What a chunk of `data/thetao` holds that was never written; None where it is no chunk then."""
    versions: bool = True
    """Whether a version goes on to be read when there is another."""


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

    return Kept(open=open_reader, encode=encode, chunk_file=chunk_file, replace=replace, collect=collect)


def plain_store(folder: Path, origin: Callable[[Path], Origin] = Folder) -> Kept:
    """Write version 2 with a checksum at the end of each chunk: plain Zarr notices no more than its codecs do."""
    checked = numcodecs.CRC32()
    root = zarr.open_group(folder, mode="w", zarr_format=2)

    def array(name: str, values: np.ndarray, chunks: tuple[int, ...], fill: int | bytes = 0) -> zarr.Array:
        settings = {"compressors": checked, "fill_value": fill, "overwrite": True}
        made = root.create_array(name, shape=values.shape, dtype=values.dtype, chunks=chunks, **settings)
        made.attrs["_ARRAY_DIMENSIONS"] = [f"{name}{place}" for place in range(values.ndim)]
        made[...] = values
        return made

    def write_thetao() -> None:
        values = np.full(SHAPE, ABSENT, dtype="i2")
        for index, chunk in THETAO.items():
            region = tuple(slice(place * size, (place + 1) * size) for place, size in zip(index, CHUNK, strict=True))
            values[region] = inside(chunk, index)
        array("thetao", values, CHUNK, ABSENT)

    write_thetao()
    array("mask", CONSTANT, CONSTANT.shape)
    array("crs", np.array(b"c"), (), b"")
    for dtype, values in BY_TYPE.items():
        array(dtype, values, values.shape)
    shapes = {name: found.shape for name, found in root.arrays()}
    description = described({name: (root[name].dtype, shape) for name, shape in shapes.items()})

    async def open_reader() -> ChunkReader:
        place = origin(folder)
        hierarchy = await read_hierarchy(place)
        parts = parts_of(hierarchy.arrays, description, SHAPE[0])
        return PlainChunks(
            StoredBlocks(parts, version=hierarchy.digest, name="plain"),
            parts,
            cache=(ChunkCache(2**20), "plain"),
            is_current=lambda name: hierarchy.is_current(place, name),
            offload=asyncio.to_thread,
        )

    def chunk_file(values: np.ndarray) -> Path:
        index = next(index for index, chunk in THETAO.items() if chunk is values)
        return folder / "thetao" / ".".join(map(str, index))

    def replace() -> None:
        root["thetao"][...] = RNG.integers(-9, 9, SHAPE)
        root["thetao"].attrs["history"] = "written again"

    return Kept(
        open=open_reader,
        encode=checked.encode,
        chunk_file=chunk_file,
        replace=replace,
        collect=lambda: None,
        absent=ABSENT,
        versions=False,
    )


def described(arrays: dict[str, tuple[np.dtype, tuple[int, ...]]]) -> Description:
    """Describe arrays by hand: the chunks asked for are those of the other adapters, whatever is stored."""
    variables = {
        name: Variable(
            name=name,
            dtype=dtype.str[1:],
            dimensions=("time", "depth", "y", "x") if name == "thetao" else ("y", "x")[: len(shape)],
            shape=shape[1:] if name == "thetao" else shape,
            chunks=CHUNK if name == "thetao" else shape,
            attributes={},
            stepped=name == "thetao",
        )
        for name, (dtype, shape) in arrays.items()
    }
    time = TimeAxis(dimension="time", variable="time", units="days since 2000-01-01", calendar="standard")
    return Description(attributes={}, dimensions={}, variables=variables, time=time)


def inside(chunk: np.ndarray, index: tuple[int, ...]) -> np.ndarray:
    """Return the part of a chunk of `data/thetao` that the array has."""
    left = (length - place * size for length, place, size in zip(SHAPE, index, CHUNK, strict=True))
    return chunk[tuple(slice(0, size) for size in left)]


ADAPTERS = {"icechunk": icechunk_store, "plain folder": plain_store}


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
    np.testing.assert_array_equal(inside(found, chunk), inside(THETAO[chunk], chunk))


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


@pytest.mark.parametrize("chunk", [(1, 0, 0, 0), (3, 1, 1, 2)])
async def test_a_chunk_never_written_is_what_the_store_says_it_is_not_zeros(pristine, chunk):
    found = await (await pristine.open()).read("data/thetao", chunk)
    if pristine.absent is None:
        assert found is None
    else:
        assert (found == pristine.absent).all()


@pytest.mark.parametrize("chunk", [(9, 0, 0, 0), (0, 0, 7, 7)])
async def test_beyond_the_end_of_an_array_there_is_nothing(pristine, chunk):
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
    other = await reader.read("data/thetao", (0, 1, 1, 2))
    np.testing.assert_array_equal(inside(other, (0, 1, 1, 2)), inside(THETAO[0, 1, 1, 2], (0, 1, 1, 2)))


@pytest.mark.parametrize("left", [0, 1, 15, 1000, -1])
async def test_a_cut_chunk_is_an_error_never_data(kept, left):
    path = kept.chunk_file(THETAO[0, 0, 0, 0])
    path.write_bytes(path.read_bytes()[:left])
    reader = await kept.open()
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0, 0\) of data/thetao"):
        await reader.read("data/thetao", (0, 0, 0, 0))


async def test_a_deleted_chunk_is_an_error_not_a_hole(kept):
    if kept.absent is not None:
        pytest.skip("nothing but its absence says that a chunk of plain Zarr was never written")
    kept.chunk_file(THETAO[0, 0, 0, 0]).unlink()
    reader = await kept.open()
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0, 0\) of data/thetao"):
        await reader.read("data/thetao", (0, 0, 0, 0))


async def test_an_exchanged_chunk_of_another_size_is_an_error(kept):
    kept.chunk_file(THETAO[0, 0, 0, 0]).write_bytes(kept.encode(noise("int16", (1, 1, 64, 65))))
    reader = await kept.open()
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0, 0\) of data/thetao"):
        await reader.read("data/thetao", (0, 0, 0, 0))


async def test_a_reader_goes_on_with_its_version_when_there_is_a_newer_or_says_that_it_is_gone(kept):
    reader = await kept.open()
    kept.replace()
    newest = await kept.open()
    assert newest.version != reader.version
    if not kept.versions:
        with pytest.raises(VersionGoneError):
            await reader.read("data/thetao", (2, 0, 0, 0))
        return
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
