"""Stored chunks that cannot be read are errors, whatever the codec; each is decoded once."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import numcodecs
import numpy as np
import pytest
import zarr
from aiohttp import web

from stores.cache import ChunkCache
from stores.plain.dataset import PlainDataset
from stores.plain.folder import Folder
from stores.plain.web import Web

pytestmark = pytest.mark.filterwarnings("ignore:Consolidated metadata is currently not:zarr.errors.ZarrUserWarning")

RNG = np.random.default_rng(3)
VALUES = RNG.integers(0, 1000, (4, 200, 300)).astype("f4")
V2 = {
    name: {"zarr_format": 2, "compressors": codec, "chunks": (1, 200, 300)}
    for name, codec in {
        "blosc": numcodecs.Blosc(),
        "zstd": numcodecs.Zstd(),
        "gzip": numcodecs.GZip(1),
        "zlib": numcodecs.Zlib(1),
        "lz4": numcodecs.LZ4(),
        "lzma": numcodecs.LZMA(preset=0),
        "bz2": numcodecs.BZ2(1),
        "none": None,
    }.items()
}
V3 = {
    name: {"zarr_format": 3, "compressors": codec, "chunks": (1, 200, 300)}
    for name, codec in {
        "blosc 3": zarr.codecs.BloscCodec(),
        "zstd 3": zarr.codecs.ZstdCodec(),
        "gzip 3": zarr.codecs.GzipCodec(level=1),
        "none 3": None,
    }.items()
}
SHARDED = {
    "small shards": {"zarr_format": 3, "chunks": (1, 100, 100), "shards": (1, 200, 300)},
    "parts of shards": {"zarr_format": 3, "chunks": (1, 200, 300), "shards": (4, 200, 300), "compressors": None},
}
LAYOUTS = V2 | V3 | SHARDED


def store(path: Path, layout: str) -> Path:
    """Write a series of maps, and return the file of the first stored chunk."""
    settings = dict(LAYOUTS[layout])
    version = settings.pop("zarr_format")
    root = zarr.open_group(path, mode="w", zarr_format=version)
    # Times and longitudes hold 0, which is what version 2 fills by default.
    axes = {"time": (np.arange(4), "days since 2015-01-01")}
    axes |= {"lat": (np.linspace(-50, 50, 200), "degrees_north"), "lon": (np.linspace(0, 300, 300), "degrees_east")}
    arrays = {name: (values, (name,), {"units": units}, {}) for name, (values, units) in axes.items()}
    arrays["t"] = (VALUES, ("time", "lat", "lon"), {}, settings | {"fill_value": 7})
    for name, (values, dimensions, attributes, how) in arrays.items():
        old = {"attributes": attributes | {"_ARRAY_DIMENSIONS": list(dimensions)}}
        named = old if version == 2 else {"attributes": attributes, "dimension_names": dimensions}
        made = root.create_array(name, shape=values.shape, dtype=values.dtype, **named, **how)
        made[...] = values
    return path / "t" / ("c/0/0/0" if version == 3 else "0.0.0")


def opened(path: Path, cache: int = 0) -> PlainDataset:
    return PlainDataset("maps", Folder(path), cache=ChunkCache(cache), offload=asyncio.to_thread)


CUTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "one byte": lambda data: data[:1],
    "17 bytes": lambda data: data[:17],
    "half": lambda data: data[: len(data) // 2],
    "all but 8 bytes": lambda data: data[:-8],
    "all but one byte": lambda data: data[:-1],
    "no bytes but zeros": lambda data: bytes(len(data) // 2),
}


@pytest.mark.parametrize("layout", LAYOUTS)
async def test_a_chunk_that_was_cut_short_is_an_error_never_data(tmp_path, layout):
    file = store(tmp_path / "maps.zarr", layout)
    _, reader = await opened(tmp_path / "maps.zarr").open()
    np.testing.assert_array_equal((await reader.read("data/t", (0, 0, 0)))[0], VALUES[0])
    whole = file.read_bytes()
    for name, cut in CUTS.items():
        file.write_bytes(cut(whole))
        try:
            with pytest.raises(OSError, match=r"chunk \(0, 0, 0\) of data/t"):
                await reader.read("data/t", (0, 0, 0))
        except pytest.fail.Exception:
            pytest.fail(name)


@pytest.mark.parametrize("layout", ["blosc", "none", "blosc 3", "small shards", "parts of shards"])
async def test_what_is_no_readable_file_is_an_error_never_the_fill_value(tmp_path, layout):
    file = store(tmp_path / "maps.zarr", layout)
    _, reader = await opened(tmp_path / "maps.zarr").open()
    file.unlink()
    np.testing.assert_array_equal((await reader.read("data/t", (0, 0, 0)))[0], np.full((200, 300), 7, "f4"))
    file.mkdir()
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0\) of data/t"):
        await reader.read("data/t", (0, 0, 0))
    file.rmdir()
    file.symlink_to("/nowhere/at/all")
    with pytest.raises(OSError, match=r"chunk \(0, 0, 0\) of data/t"):
        await reader.read("data/t", (0, 0, 0))


async def slow(_request):
    await asyncio.sleep(60)


@pytest.mark.parametrize("layout", ["none", "parts of shards"])
@pytest.mark.parametrize(
    "fault",
    [
        lambda _: web.Response(status=500),
        lambda _: web.Response(status=403),
        lambda _: web.Response(status=302, headers={"Location": "/elsewhere"}),
        lambda _: web.Response(body=b"<html>not found</html>"),
        lambda _: web.Response(body=b""),
        slow,
    ],
    ids=["500", "403", "redirection", "a page", "nothing", "too slow"],
)
async def test_over_http_a_fault_is_an_error_never_the_fill_value_and_passes(site, layout, fault):
    store(site.folder / "maps.zarr", layout)
    zarr.consolidate_metadata(site.folder / "maps.zarr")
    origin = Web(f"{site.address}/maps.zarr", timeout=0.4)
    _, reader = await PlainDataset("maps", origin, cache=ChunkCache(2**26), offload=asyncio.to_thread).open()
    site.fault = lambda request: fault(request) if "/t/" in request.path else None
    with pytest.raises(OSError, match=r"chunk \(3, 0, 0\) of data/t"):
        await uncached(reader).read("data/t", (3, 0, 0))
    site.fault = None
    np.testing.assert_array_equal((await reader.read("data/t", (3, 0, 0)))[0], VALUES[3])
    await origin.close()


def uncached(reader):
    """Return the reader with an empty cache: looking for default colours has read some chunks."""
    reader._cache = ChunkCache(2**26)
    return reader


async def test_a_server_that_loses_the_whole_store_while_it_is_read_gives_errors_not_holes(site):
    store(site.folder / "maps.zarr", "blosc")
    zarr.consolidate_metadata(site.folder / "maps.zarr")
    origin = Web(f"{site.address}/maps.zarr", timeout=5)
    _, reader = await PlainDataset("maps", origin, cache=ChunkCache(0), offload=asyncio.to_thread).open()
    site.fault = lambda _: web.Response(status=404)
    with pytest.raises(OSError, match="is gone"):
        await reader.read("data/t", (0, 0, 0))
    await origin.close()


async def test_a_stored_chunk_that_many_ask_for_is_read_once(site):
    """Chunks of 4 x 20 x 300 serve four steps: their places are asked for at once and one after the other."""
    root = zarr.open_group(site.folder / "maps.zarr", mode="w", zarr_format=2)
    store(site.folder / "maps.zarr", "blosc")
    del root["t"]
    attributes = {"_ARRAY_DIMENSIONS": ["time", "lat", "lon"]}
    made = root.create_array("t", shape=VALUES.shape, dtype="f4", chunks=(4, 20, 300), attributes=attributes)
    made[...] = VALUES
    zarr.consolidate_metadata(site.folder / "maps.zarr")
    origin = Web(f"{site.address}/maps.zarr", timeout=5)
    _, reader = await PlainDataset("maps", origin, cache=ChunkCache(2**26), offload=asyncio.to_thread).open()
    uncached(reader)
    site.asked.clear()
    found = await asyncio.gather(*(reader.read("data/t", (step, 0, 0)) for step in (0, 1, 2, 3, 3, 2)))
    for step, chunk in zip((0, 1, 2, 3, 3, 2), found, strict=True):
        np.testing.assert_array_equal(chunk[0], VALUES[step])
    assert sorted(path for path in site.asked if "/t/" in path) == sorted(
        f"/maps.zarr/t/0.{row}.0" for row in range(10)
    )
    await origin.close()
