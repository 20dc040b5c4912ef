"""The files of a dataset lie in parts, and one more file writes one part anew."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.dataset import Description, Variable
from stores.codec import encode
from stores.documents import DocumentError
from stores.ingest.entries import write_entries
from stores.ingest.manifest import Entry, State
from stores.ingest.register import read_files, write_files
from stores.ingest.statistics import Contribution
from stores.writer import open_writer

NAMES = ("t", "s")


def entry(number: int) -> Entry:
    found = contribution(number)
    statistics = {"t": found}
    by_time = {86_400_000 * number: statistics, number: {"s": found, "t": found}, -number: {}}
    return Entry(
        path=f"/source/day{number:05}.nc",
        size=1000 + number,
        modified=1_600_000_000_000_000_000 + 977 * number,
        checksum=f"blake2b:{number * 7919:040x}",
        times=(86_400_000 * number,),
        fixed="f",
        coordinates="c",
        packing=0,
        variables=frozenset(NAMES if number % 3 else NAMES[:1]),
        left_out={} if number % 3 else {"s": "its chunk 2 is damaged"},
        reference=None if number % 2 else 5,
        statistics=statistics if number % 5 else {},
        by_time=by_time if number % 4 else {},
    )


def contribution(number: int) -> Contribution:
    quantiles = tuple(np.sort(np.random.default_rng(number).normal(size=9)).astype("f4").tolist())
    return Contribution(minimum=-np.inf, maximum=1e300, count=2**40 + number, quantiles=quantiles)


def state(numbers) -> State:
    attributes = {"dimensions": (), "shape": (), "chunks": (), "attributes": {}}
    variables = {name: Variable(name=name, dtype="i2", stepped=False, **attributes) for name in NAMES}
    description = Description(attributes={}, dimensions={}, variables=variables, axes={}, grids={}, time=None)
    entries = {found.path: found for found in map(entry, numbers)}
    return State(description=description, entries=entries)


def size(location) -> tuple[int, int]:
    """Return the number and the bytes of what lies in the store."""
    found = [path.stat().st_size for path in (location.folder / "d").rglob("*") if path.is_file()]
    return len(found), sum(found)


def save(location, before: State, after: State) -> tuple[int, int]:
    """Write files, and return how much that adds to the store: objects, bytes."""
    was = size(location) if (location.folder / "d").exists() else (0, 0)
    with open_writer(location, "d") as writer:
        write_files(writer, before, after)
        writer.commit("files")
        assert read_files(writer, NAMES) == tuple(after.ranked)
    now = size(location)
    return now[0] - was[0], now[1] - was[1]


@pytest.mark.parametrize("count", [0, 1, 15, 400])
def test_what_is_read_is_what_was_written(location, count):
    save(location, State(), state(range(count)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (range(300), range(301)),
        (range(300), range(1, 300)),
        (range(300), [*range(150), *range(151, 300)]),
        ([*range(150), *range(151, 300)], range(300)),
        (range(300), range(299)),
        (range(300), range(20)),
        (range(300), []),
        (range(20), range(300)),
        ([], range(3)),
    ],
)
def test_files_come_and_go(location, before, after):
    save(location, State(), state(before))
    save(location, state(before), state(after))


def test_a_file_that_changes_is_written(location):
    before = state(range(200))
    changed = replace(entry(77), statistics={}, checksum="blake2b:00")
    save(location, State(), before)
    save(location, before, replace(before, entries={**before.entries, changed.path: changed}))


def test_variables_that_come_are_lacked_by_files_taken_before(location):
    before = state(range(50))
    variables = {**before.description.variables, "u": replace(before.description.variables["t"], name="u")}
    after = replace(before, description=replace(before.description, variables=variables))
    save(location, State(), before)
    with open_writer(location, "d") as writer:
        write_files(writer, before, after)
        assert read_files(writer, (*NAMES, "u")) == tuple(before.ranked)


def test_one_more_file_costs_no_more_in_a_dataset_of_many(location):
    costs = []
    before = State()
    for count in (200, 2000):
        after = state(range(1, 2 * count, 2))
        save(location, before, after)
        more = replace(after, entries={**after.entries, entry(2 * count + 1).path: entry(2 * count + 1)})
        costs.append(save(location, after, more))
        before = more
    (few, _), (many, more_bytes) = costs
    assert many <= few + 1
    # A part, the index of the parts, and what a commit takes: all files are over 200 kB.
    assert more_bytes < 25_000


def test_how_files_are_cut_does_not_depend_on_how_they_came(location, tmp_path):
    texts = []
    for name, way in (("a", [range(100)]), ("b", [range(50, 100), range(80), range(100)])):
        place = type(location).parse(str(tmp_path / name))
        before = State()
        for numbers in way:
            save(place, before, state(numbers))
            before = state(numbers)
        with open_writer(place, "d") as writer:
            parts = json.loads(writer.read_document("sources"))["parts"]
            texts.append(writer.read_texts("meta/files", [part["place"] for part in parts]))
    assert texts[0] == texts[1]
    assert len(texts[0]) > 3


def test_files_written_in_one_document_are_read_and_then_cut(location):
    before = state(range(40))
    before = replace(before, entries={path: replace(each, by_time={}) for path, each in before.entries.items()})
    with open_writer(location, "d") as writer:
        spelt = json.loads(write_entries(before.ranked, set(NAMES)))
        for line, found in zip(spelt, before.ranked, strict=True):
            line.pop("counted", None)
            line.pop("counted_at", None)
            part = found.statistics.get("t")
            line["statistics"] = {} if part is None else {"t": spelt_out(part)}
        writer.put_document("sources", json.dumps(spelt).encode())
        writer.commit("as it was")
        assert read_files(writer, NAMES) == tuple(before.ranked)
    save(location, before, state(range(41)))


def spelt_out(part: Contribution) -> dict[str, object]:
    return {
        "minimum": "-Infinity",
        "maximum": part.maximum,
        "count": part.count,
        "quantiles": list(part.quantiles),
    }


@pytest.mark.parametrize(
    ("index", "text", "says"),
    [
        ('{"parts": 3}', "[]", "sources cannot be read"),
        ('{"parts": [{"place": "0", "files": 1}]}', "[]", "sources cannot be read"),
        ('{"parts": [{"place": 0, "files": 1}]}', "[]", "holds 0 files in place 0, not 1"),
        ('{"parts": [{"place": 0, "files": 1}]}', "", "sources cannot be read"),
        ('{"parts": [{"place": 7, "files": 1}]}', "[]", "sources cannot be read"),
        ('{"parts": [{"place": 0, "files": 1}]}', '[{"path": 3}]', "sources cannot be read"),
        ('{"parts": [{"place": 0, "files": 2}]}', "two, the wrong way round", "not in the order in which they win"),
        ('{"parts": [{"place": 0, "files": 1}]}', "one number too few", "sources cannot be read"),
        ('{"parts": [{"place": 0, "files": 1}]}', "one time too few", "sources cannot be read"),
        ("nonsense", "[]", "sources cannot be read"),
    ],
)
def test_what_is_damaged_is_said(location, index, text, says):
    if text.startswith("two"):
        text = write_entries([entry(3), entry(1)], set(NAMES)).decode()
    if text.startswith("one"):
        line = json.loads(write_entries([entry(1)], set(NAMES)))
        if "time" in text:
            line[0]["counted_at"]["times"].pop()
        else:
            line[0]["counted"]["fields"].append("more")
        text = json.dumps(line)
    with open_writer(location, "d") as writer:
        writer.create_array("meta/files", shape=(8,), chunks=(1,), dtype="str", dimensions=("slot",), fill="")
        writer.put_chunks("meta/files", {(0,): encode(np.array([text], dtype=object))})
        writer.put_document("sources", index.encode())
        with pytest.raises(DocumentError, match=says):
            read_files(writer, NAMES)
