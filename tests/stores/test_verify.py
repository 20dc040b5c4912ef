"""Every chunk that is served is read, and what is wrong is named."""

from pathlib import Path

import icechunk
import pytest
import zarr

from stores.codec import encode
from stores.ingest.crew import Processes
from stores.ingest.originals import differences
from stores.ingest.run import ingest
from stores.layout import INGEST, MAIN
from stores.location import Location
from stores.verify import verify
from stores.writer import open_writer
from tests.sea import write_sea


@pytest.fixture
def location(tmp_path):
    found = Location.parse(str(tmp_path / "store"))
    write_sea(tmp_path / "day.nc", days=2)
    with Processes(0) as crew:
        ingest(found, "sea", [tmp_path / "day.nc"], crew=crew, report=lambda _: None)
    return found


def checked(location):
    return verify(location, "sea", lambda *_: None)


def chunks(location):
    """Return the files of the large chunks."""
    return sorted((Path(location.folder) / "sea" / "chunks").iterdir(), key=lambda path: -path.stat().st_size)


def change(location, edit):
    """Change the served version behind the back of the writer."""
    repository = icechunk.Repository.open(location.storage("sea"))
    session = repository.writable_session(INGEST)
    edit(session)
    repository.reset_branch(MAIN, session.commit("edited"))


def test_a_whole_version_is_found_whole_and_every_chunk_of_it_is_read(location):
    seen = []
    found = verify(location, "sea", lambda done, total: seen.append((done, total)))
    session = icechunk.Repository.open(location.storage("sea")).readonly_session(MAIN)
    group = zarr.open_group(session.store, mode="r")
    stored = sum(
        member.nchunks_initialized for _, member in group.members(max_depth=None) if hasattr(member, "nchunks")
    )
    assert (found.faults, found.chunks) == ((), stored)
    assert seen[-1] == (stored, stored)


def test_a_flipped_bit_and_a_lost_chunk_are_named_by_array_and_index(location):
    first, second = chunks(location)[:2]
    content = bytearray(first.read_bytes())
    content[100] ^= 1
    first.write_bytes(content)
    second.unlink()
    faults = checked(location).faults
    assert len(faults) == 2
    assert all(fault.what.startswith("data/thetao chunk ") for fault in faults)
    assert sum("the checksum does not match" in fault.reason for fault in faults) == 1


def test_a_chunk_that_a_step_should_have_is_missed(location):
    def drop(session):
        zarr.core.sync.sync(session.store.delete("data/thetao/c/1/0/0/0"))

    change(location, drop)
    assert [(fault.what, fault.reason) for fault in checked(location).faults] == [
        ("data/thetao chunk 1.0.0.0", "it was never written")
    ]


def test_an_array_that_is_gone_is_missed(location):
    def drop(session):
        del zarr.open_group(session.store)["data/lat"]

    change(location, drop)
    assert ("data/lat", "the array is missing") in [(fault.what, fault.reason) for fault in checked(location).faults]


def test_a_step_table_that_points_nowhere_is_named(location):
    with open_writer(location, "sea") as writer:
        rows = writer.read_steps()
        rows[:, 1], rows[0, 3], rows[1, 4] = 0, 7, 9
        writer.put_steps(rows)
        writer.commit("wrong")
        writer.publish()
    reasons = [fault.reason for fault in checked(location).faults if fault.what == "meta/steps"]
    assert reasons == [
        "two steps have one slot", "the packing 7 of 1 steps is none", "the source 9 of 1 steps is none"
    ]  # fmt: skip


def test_a_chunk_of_another_size_is_named(location):
    with open_writer(location, "sea") as writer:
        import numpy as np  # noqa: PLC0415 -- here alone

        writer.put_chunks("data/lat", {(0,): encode(np.zeros(3))})
        writer.commit("wrong")
        writer.publish()
    (fault,) = checked(location).faults
    assert fault.what == "data/lat chunk 0"
    assert "24 bytes" in fault.reason


def test_what_lies_in_a_free_slot_means_nothing_and_is_no_fault(location):
    with open_writer(location, "sea") as writer:
        shape = writer.array("data/thetao").shape
        writer.resize("data/thetao", (shape[0] + 1, *shape[1:]))
        writer.put_chunks("data/thetao", {(shape[0], 0, 0, 0): b"no chunk"})
        writer.commit("free")
        writer.publish()
    seen = []
    assert verify(location, "sea", lambda done, total: seen.append((done, total))).faults == ()
    assert seen[-1][0] == seen[-1][1]


def test_files_that_are_not_what_was_taken_are_named(location, tmp_path):
    sources = [*checked(location).sources, (str(tmp_path / "gone.nc"), "blake2b:00")]
    with Processes(0) as crew:
        assert list(differences(sources, crew)) == [
            (str(tmp_path / "day.nc"), None),
            (str(tmp_path / "gone.nc"), "No such file or directory"),
        ]
        write_sea(tmp_path / "day.nc", days=1)
        (path, wrong), _ = differences(sources, crew)
    assert (path, wrong) == (str(tmp_path / "day.nc"), "its content is not the one that was taken")


def test_a_manifest_that_is_damaged_is_named_by_the_array_and_all_else_is_read(location):
    whole = checked(location)
    for manifest in (Path(location.folder) / "sea" / "manifests").iterdir():
        before = manifest.read_bytes()
        manifest.write_bytes(before[:60] + b"XXXX" + before[64:])
        found = checked(location)
        manifest.write_bytes(before)
        if found.faults:
            assert any("its chunks cannot be told" in fault.reason for fault in found.faults)
            assert 0 < found.chunks < whole.chunks
            break
    else:
        pytest.fail("no manifest is of the version that is served")
