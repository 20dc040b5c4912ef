"""Chunks as bytes. The oracle is zarr-python."""

import struct

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, VLenUTF8Codec
from zarr.core.buffer import default_buffer_prototype

from stores.codec import BLOCK, LEVEL, ChunkFormat, DamagedChunkError, codecs, decodable, decode, encode, stored_dtype

TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
chunks = st.sampled_from(TYPES).flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=1, max_dims=4, max_side=9))
)
texts = npst.arrays(object, npst.array_shapes(min_dims=1, max_dims=2, max_side=5), elements=st.text(max_size=20))
THOUSANDS = np.arange(5000, dtype=np.int16).reshape(50, 100)


def zarr_array(memory, shape, dtype):
    text = dtype == "string"
    size = 1 if text else np.dtype(dtype).itemsize
    compressor = BloscCodec(typesize=size, cname="zstd", clevel=LEVEL, shuffle="shuffle", blocksize=BLOCK)
    return zarr.create_array(
        memory,
        name="a",
        shape=shape,
        chunks=shape,
        dtype=dtype,
        filters=[],
        serializer=VLenUTF8Codec() if text else BytesCodec(endian="little"),
        compressors=[compressor, Crc32cCodec()],
        fill_value="" if text else 0,
        config={"write_empty_chunks": True},
    )


def key(values):
    return "/".join(["a", "c", *("0" * values.ndim)])


@given(chunks)
@settings(max_examples=60, deadline=None)
def test_zarr_writes_the_bytes_that_we_write(values):
    memory = {}
    array = zarr_array(memory, values.shape, values.dtype.name)
    array[...] = values
    assert memory[key(values)].to_bytes() == encode(values)
    assert array.metadata.to_dict()["codecs"] == tuple(codecs(values.dtype.name))


@given(chunks)
@settings(max_examples=60, deadline=None)
def test_zarr_reads_what_we_write(values):
    memory = {}
    array = zarr_array(memory, values.shape, values.dtype.name)
    memory[key(values)] = default_buffer_prototype().buffer.from_bytes(encode(values))
    assert np.asarray(array[...]).tobytes() == values.tobytes()


@given(chunks)
@settings(max_examples=60, deadline=None)
def test_we_read_what_zarr_writes_bit_for_bit(values):
    memory = {}
    zarr_array(memory, values.shape, values.dtype.name)[...] = values
    found = decode(memory[key(values)].to_bytes(), ChunkFormat(shape=values.shape, dtype=values.dtype.name))
    assert (found.dtype, found.shape, found.tobytes()) == (values.dtype, values.shape, values.tobytes())


@given(texts)
@settings(max_examples=40, deadline=None)
def test_text_goes_both_ways(values):
    memory = {}
    array = zarr_array(memory, values.shape, "string")
    array[...] = values
    chunk = ChunkFormat(shape=values.shape, dtype="string")
    assert decode(memory[key(values)].to_bytes(), chunk).tolist() == values.tolist()
    memory[key(values)] = default_buffer_prototype().buffer.from_bytes(encode(values))
    assert array[...].tolist() == values.tolist()


@pytest.mark.parametrize(
    "view",
    [
        THOUSANDS.astype(">i2"),
        np.asfortranarray(THOUSANDS),
        THOUSANDS[::-1, ::2],
        THOUSANDS.T,
        np.broadcast_to(THOUSANDS[0], (3, 100)),
    ],
    ids=["big-endian", "by columns", "strided", "transposed", "broadcast"],
)
def test_byte_order_and_memory_order_of_the_source_do_not_matter(view):
    found = decode(encode(view), ChunkFormat(shape=view.shape, dtype="int16"))
    np.testing.assert_array_equal(found, view)
    assert encode(view) == encode(np.array(view, dtype="<i2", order="C"))


def test_characters_are_stored_as_bytes():
    values = np.array([[b"a", b""], [b"\xff", b" "]], dtype="S1")
    assert decode(encode(values), ChunkFormat(shape=(2, 2), dtype="uint8")).tobytes() == b"a\0\xff "


def test_a_nan_keeps_its_payload():
    words = np.array([0x7FA00001, 0xFFC12345, 0x80000000], dtype=np.uint32)
    found = decode(encode(words.view(np.float32)), ChunkFormat(shape=(3,), dtype="float32"))
    np.testing.assert_array_equal(found.view(np.uint32), words)


@given(st.integers(min_value=0), st.integers(0, 7))
@settings(max_examples=200, deadline=None)
def test_no_flipped_bit_is_taken_for_data(place, bit):
    content = bytearray(encode(THOUSANDS))
    content[place % len(content)] ^= 1 << bit
    with pytest.raises(DamagedChunkError):
        decode(bytes(content), ChunkFormat(shape=THOUSANDS.shape, dtype="int16"))


@pytest.mark.parametrize("length", [0, 1, 15, 16, 19, 20, 21, 100])
def test_no_cut_chunk_is_taken_for_data(length):
    with pytest.raises(DamagedChunkError):
        decode(encode(THOUSANDS)[:length], ChunkFormat(shape=THOUSANDS.shape, dtype="int16"))


@pytest.mark.parametrize(
    ("shape", "dtype"), [((50, 99), "int16"), ((50, 101), "int16"), ((50, 100), "int32"), ((4,), "uint8"), ((), "int8")]
)
def test_a_chunk_of_another_size_is_refused(shape, dtype):
    with pytest.raises(DamagedChunkError, match="are due"):
        decode(encode(THOUSANDS), ChunkFormat(shape=shape, dtype=dtype))


def test_texts_of_another_number_are_refused():
    with pytest.raises(DamagedChunkError, match="texts"):
        decode(encode(np.array(["a", "b"], dtype=object)), ChunkFormat(shape=(3,), dtype="string"))


@pytest.mark.parametrize(
    ("given_as", "stored"),
    [("i2", "int16"), ("<f4", "float32"), (">u8", "uint64"), ("S1", "uint8"), ("str", "string"), ("i1", "int8")],
)
def test_types_have_zarrs_names(given_as, stored):
    assert stored_dtype(given_as) == stored


@pytest.mark.parametrize("dtype", ["S2", "c16", "f2", "M8[s]", "bool", "O", "longdouble"])
def test_a_type_that_no_netcdf_file_has_is_refused(dtype):
    with pytest.raises(ValueError, match="a store holds"):
        stored_dtype(dtype)


def test_the_header_is_the_one_of_blosc_1():
    packed = encode(THOUSANDS)
    assert struct.unpack_from("<4B3I", packed)[4] == THOUSANDS.nbytes
    assert struct.unpack_from("<4B3I", packed)[6] == len(packed) - 4


@pytest.mark.parametrize(("level", "block"), [(9, BLOCK), (4, 0), (LEVEL, 2**16)])
def test_a_chain_that_compresses_more_or_less_hard_is_as_good(level, block):
    other = codecs("int16")
    other[1]["configuration"] |= {"clevel": level, "blocksize": block}
    assert other != codecs("int16")
    assert decodable(other, "int16")


def test_any_other_chain_is_not_decodable():
    ours = codecs("int16")
    assert not any(decodable(other, "int16") for other in (codecs("int32"), ours[:2], ours[::-1], [], None, [1, 2, 3]))
