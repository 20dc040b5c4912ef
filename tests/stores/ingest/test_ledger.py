"""What was written is read back; a chunk that the store lost is said, and read again by the next ingest."""

from pathlib import Path

import numpy as np
import pytest

from stores.codec import encode
from stores.failures import StoreError
from stores.ingest.ledger import LostChunkError, Written
from stores.writer import open_writer

SHAPE = (2, 64, 64)


def noise() -> np.ndarray:
    """Return one chunk, too large to lie in a manifest."""
    return np.random.default_rng(1).integers(-9999, 9999, size=(1, *SHAPE[1:])).astype("i2")


def spare(files: list[Path]) -> None:
    """Harm nothing."""


def remove(files: list[Path]) -> None:
    files[0].unlink()


def cut(files: list[Path]) -> None:
    files[0].write_bytes(files[0].read_bytes()[:-5])


def exchange(files: list[Path]) -> None:
    first, second = (file.read_bytes() for file in files)
    files[0].write_bytes(second)
    files[1].write_bytes(first)


def tangle(files: list[Path]) -> None:
    """Let a file be there that cannot be opened, whoever asks."""
    files[0].unlink()
    files[0].symlink_to(files[0])


def check_after(location, harm) -> None:
    chunks = {(0, 0, 0): encode(noise()), (1, 0, 0): encode(noise() + 1)}
    written = Written()
    with open_writer(location, "d") as writer:
        dimensions = ("slot", "y", "x")
        writer.create_array("data/t", shape=SHAPE, chunks=(1, 64, 64), dtype="i2", dimensions=dimensions, fill=0)
        writer.put_chunks("data/t", chunks)
        written.add("data/t", chunks)
        version = writer.commit("take")
        harm(sorted((location.folder / "d" / "chunks").iterdir()))
        written.check(location, "d", version)


def test_what_the_store_gives_back_as_written_is_accepted(location):
    check_after(location, spare)


@pytest.mark.parametrize("harm", [remove, cut, exchange])
def test_what_the_store_does_not_give_back_as_written_is_lost(location, harm):
    with pytest.raises(LostChunkError, match=r"dataset d: data/t/c/[01]/0/0 of \w+ is not what was written"):
        check_after(location, harm)


def test_a_store_that_cannot_be_read_has_lost_nothing(location):
    with pytest.raises(StoreError, match=f"dataset d in {location}: .*symbolic links") as caught:
        check_after(location, tangle)
    assert not isinstance(caught.value, LostChunkError)
