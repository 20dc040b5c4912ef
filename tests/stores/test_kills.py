"""Writers killed at random moments, while a reader looks on: every version it sees is whole."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import numpy as np

from stores.base import VersionGoneError
from stores.layout import DOCUMENTS
from stores.location import Location
from stores.repository import NoStoreError, NotPublishedError, StoredDataset
from stores.writer import open_writer

ROOT = Path(__file__).parents[2]
KILLS = 12
CHUNKS = 6
SHAPE = (1, 64, 64)

WRITER = f"""
import datetime, sys
import numpy as np
from core.dataset import Description, Statistics
from stores.codec import encode
from stores.documents import *
from stores.location import Location
from stores.writer import open_writer

print("ready", flush=True)
input()
with open_writer(Location.parse(sys.argv[1]), "phys", wait=20) as writer:
    before = writer.read_steps()
    number = int(before[0, 2]) if len(before) else 0
    while True:
        number += 1
        writer.create_array("data/t", shape=({CHUNKS}, 64, 64), chunks={SHAPE}, dtype="f8",
                            dimensions=("slot", "y", "x"), fill=0)
        values = np.random.default_rng(number).normal(size={SHAPE}) + number
        for slot in range({CHUNKS}):
            writer.put_chunks("data/t", {{(slot, 0, 0): encode(values)}})
            if slot == 3:
                writer.put_steps(np.array([[0, 0, number, 0, 0]]))
                writer.commit("half")
        one = float(number)
        found = {{"t": Statistics(minimum=one, maximum=one, low=one, high=one)}}
        nothing = Description(attributes={{}}, dimensions={{}}, variables={{}})
        writer.put_document("description", write_description(nothing))
        writer.put_document("packings", write_packings(()))
        writer.put_document("sources", write_sources(()))
        writer.put_document("statistics", write_statistics(found))
        writer.commit("whole")
        writer.publish()
        if number % 4 == 0:
            writer.collect(datetime.datetime.now(datetime.UTC))
"""


def start(folder):
    command = [sys.executable, "-c", WRITER, str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


async def check(source):
    """Read one version and return its number; 0 where there is none to read."""
    try:
        dataset, reader = await source.open()
        chunks = [await reader.read("data/t", (slot, 0, 0)) for slot in range(CHUNKS)]
    except (NoStoreError, NotPublishedError, VersionGoneError):
        return 0
    number = dataset.steps[0].revision
    expected = np.random.default_rng(number).normal(size=SHAPE) + number
    assert dataset.statistics["t"].minimum == number
    for chunk in chunks:
        np.testing.assert_array_equal(chunk, expected)
    return number


async def test_writers_killed_at_any_moment_leave_whole_versions(tmp_path):
    moments = random.Random(2014)
    location = Location.parse(str(tmp_path / "store"))
    source = StoredDataset(location, "phys")
    seen = []
    # All import their libraries first, and wait for their turn.
    writers = [start(location.folder) for _ in range(KILLS + 1)]
    try:
        for writer in writers:
            assert await asyncio.to_thread(writer.stdout.readline) == b"ready\n"
        for writer in writers:
            writer.stdin.write(b"\n")
            writer.stdin.flush()
            # The last one is given the time that it needs: none of those killed may be in its way.
            wanted = max(seen, default=0) + 2 if writer is writers[-1] else None
            until = asyncio.get_running_loop().time() + (moments.uniform(0.05, 0.4) if wanted is None else 30)
            while asyncio.get_running_loop().time() < until and (wanted is None or max(seen, default=0) < wanted):
                seen.append(await check(source))
                await asyncio.sleep(0.002)
            writer.kill()
            writer.wait()
            seen.append(await check(StoredDataset(location, "phys")))
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    found = [number for number in seen if number]
    assert found == sorted(found)
    # How many of the killed were quick enough to publish depends on how busy the machine is.
    assert len(set(found)) > 1
    with open_writer(location, "phys") as writer:
        assert all(writer.read_document(name) is not None for name in DOCUMENTS)
