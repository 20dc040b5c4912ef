"""What a writer left that was killed, lost power, or had a wrong clock is put in order by the next one."""

import asyncio
import datetime as dt
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import icechunk
import numpy as np
import pytest

from core.dataset import Description
from stores.bridge import Bridge
from stores.codec import encode
from stores.documents import write_description, write_packings, write_sources, write_statistics
from stores.layout import MAIN
from stores.location import Location, settings
from stores.lock import locked
from stores.recovery import ClockError, settle
from stores.repository import StoredDataset
from stores.writer import open_writer

ROOT = Path(__file__).parents[2]
DOCUMENTS = {
    "description": write_description(Description(attributes={}, dimensions={}, variables={})),
    "packings": write_packings(()),
    "sources": write_sources(()),
    "statistics": write_statistics({}),
}


@pytest.fixture
def location(tmp_path):
    return Location.parse(str(tmp_path / "store"))


def values(number):
    """Return two slots that compress to more than the manifest holds."""
    return np.random.default_rng(number).normal(size=(2, 32, 32))


def write(writer, number):
    writer.create_array(
        "data/t", shape=(2, 32, 32), chunks=(1, 32, 32), dtype="f8", dimensions=("slot", "y", "x"), fill=0
    )
    writer.put_chunks("data/t", {(slot, 0, 0): encode(values(number)[slot : slot + 1]) for slot in range(2)})
    writer.put_steps(np.array([[0, 0, number, 0, 0]]))
    for name, text in DOCUMENTS.items():
        writer.put_document(name, text)
    return writer.commit(f"take {number}")


def publish(location, number, at=None):
    with open_writer(location, "phys") as writer:
        write(writer, number)
        return writer.publish(at=at)


def commit(location, number):
    """Commit and end before anything is published; return the chunk objects of the commit."""
    before = set((location.folder / "phys" / "chunks").iterdir())
    with open_writer(location, "phys") as writer:
        version = write(writer, number)
    return version, sorted(set((location.folder / "phys" / "chunks").iterdir()) - before)


def served(location):
    async def read():
        dataset, reader = await StoredDataset(location, "phys").open()
        number = dataset.steps[0].revision
        chunks = [await reader.read("data/t", (slot, 0, 0)) for slot in range(2)]
        np.testing.assert_array_equal(np.concatenate(chunks), values(number))
        return number

    return asyncio.run(read())


def lose_a_chunk(folder, version, chunks):
    chunks[0].unlink()


def flip_a_bit(folder, version, chunks):
    content = bytearray(chunks[-1].read_bytes())
    content[len(content) // 2] ^= 1
    chunks[-1].write_bytes(content)


def empty_a_chunk(folder, version, chunks):
    chunks[-1].write_bytes(b"")


def empty_the_snapshot(folder, version, chunks):
    (folder / "snapshots" / version).write_bytes(b"")


def empty_the_log(folder, version, chunks):
    (folder / "transactions" / version).write_bytes(b"")


def empty_the_branch(folder, version, chunks):
    (folder / "refs" / "branch.ingest" / "ref.json").write_bytes(b"")


LOSSES = [lose_a_chunk, flip_a_bit, empty_a_chunk, empty_the_snapshot, empty_the_log, empty_the_branch]


@pytest.mark.parametrize("lose", LOSSES)
def test_commits_that_are_not_whole_are_never_published(location, caplog, lose):
    publish(location, 1)
    version, chunks = commit(location, 2)
    lose(location.folder / "phys", version, chunks)
    with caplog.at_level(logging.WARNING), open_writer(location, "phys") as writer:
        assert writer.read_steps()[0, 2] == 1
        assert served(location) == 1
        write(writer, 3)
        writer.publish()
    assert "read again" in caplog.text
    assert served(location) == 3


def test_commits_that_are_whole_are_gone_on_with(location):
    publish(location, 1)
    commit(location, 2)
    with open_writer(location, "phys") as writer:
        assert writer.read_steps()[0, 2] == 2
        writer.publish()
    assert served(location) == 2


def test_a_first_ingest_that_is_not_whole_begins_anew(location):
    (location.folder / "phys" / "chunks").mkdir(parents=True)
    shutil.rmtree(location.folder / "phys")
    with open_writer(location, "phys") as writer:
        write(writer, 1)
    next((location.folder / "phys" / "chunks").iterdir()).unlink()
    with open_writer(location, "phys") as writer:
        assert writer.read_steps().shape == (0, 5)
    publish(location, 2)
    assert served(location) == 2


def test_unfinished_files_of_a_killed_writer_are_removed_and_of_no_other(location):
    publish(location, 1)
    left = [location.folder / "phys" / place for place in ("chunks/ABC#1", "refs/branch.main/ref.json#12")]
    for path in left:
        path.write_bytes(b"half")
    publish(location, 2)
    assert all(path.exists() for path in left)
    location.lock_file("phys").write_text("12345")
    publish(location, 3)
    assert not any(path.exists() for path in left)
    assert location.lock_file("phys").read_bytes() == b""


def test_a_holder_that_fails_leaves_its_name(tmp_path):
    lock = tmp_path / "d.lock"
    with pytest.raises(ZeroDivisionError), locked(lock):
        raise ZeroDivisionError
    with locked(lock) as abandoned:
        assert abandoned
    with locked(lock) as abandoned:
        assert not abandoned


@pytest.fixture
def repository(location):
    publish(location, 1)
    publish(location, 2)
    return icechunk.Repository.open(location.storage("phys"), config=settings())


@pytest.fixture
def bridge():
    bridge = Bridge()
    yield bridge
    bridge.close()


def test_commits_from_the_future_are_left_behind_and_stay_served(repository, bridge, location):
    second, _, first, *_ = repository.ancestry(branch=MAIN)
    settle(repository, bridge, local=True, now=first.written_at - dt.timedelta(seconds=-0.0001))
    assert repository.lookup_branch(MAIN) == second.id
    assert served(location) == 2
    publish(location, 3)
    assert served(location) == 3


def test_a_clock_before_everything_is_named(repository, bridge, location):
    with pytest.raises(ClockError, match="set the clock"):
        settle(repository, bridge, local=True, now=dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
    assert served(location) == 2


def test_a_clock_set_forward_by_a_year_leaves_what_is_read_and_what_was(location):
    """The clock jumps, a version is published, and what is older than a day is collected."""
    first = publish(location, 1)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=365)
    with open_writer(location, "phys") as writer:
        write(writer, 2)
        writer.publish(at=later)
        writer.collect(later - dt.timedelta(days=1))
    repository = icechunk.Repository.open(location.storage("phys"), config=settings())
    assert first in {snapshot.id for snapshot in repository.ancestry(branch=MAIN)}
    assert served(location) == 2
    reading = repository.readonly_session(snapshot_id=first).store
    assert asyncio.run(reading.exists("data/t/c/1/0/0"))


PUBLISHER = """
import sys
import numpy as np
from stores.location import Location
from stores.writer import open_writer
from tests.stores.test_recovery import publish

publish(Location.parse(sys.argv[1]), 1)
"""


def test_what_is_published_is_on_the_disk_first(tmp_path):
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("no strace, which sees what reaches the disk")
    seen = tmp_path / "calls"
    command = [
        strace,
        "-f",
        "-o",
        seen,
        "-e",
        "trace=rename,syncfs",
        sys.executable,
        "-c",
        PUBLISHER,
        tmp_path / "store",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    calls = [line for line in seen.read_text().splitlines() if "rename(" in line or "syncfs(" in line]
    kinds = ["sync" if "syncfs(" in line else "main" if "branch.main" in line else "other" for line in calls]
    assert kinds.count("main") == 1
    assert [kind for kind in kinds[kinds.index("main") - 1 :] if kind != "other"] == ["sync", "main", "sync"]
    assert kinds[kinds.index("main") - 1] == "sync"
