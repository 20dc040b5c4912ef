from hypothesis import given
from hypothesis import strategies as st

from stores.ingest.manifest import Entry, Placed
from stores.ingest.plan import Found, plan, reowned, revision, slots_for, triage


def entry(path: str, times: tuple[int, ...] = (), *, checksum: str = "", modified: int = 0) -> Entry:
    return Entry(
        path=path,
        size=1,
        modified=modified,
        checksum=checksum or path,
        times=times,
        fixed="",
        coordinates="",
        packing=0,
    )


def placed(found: Entry, index: int, slot: int) -> Placed:
    return Placed(path=found.path, slot=slot, revision=revision(found.checksum, index), packing=0)


ENTRIES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.lists(st.integers(0, 9), max_size=5, unique=True), st.integers(0, 3)),
    max_size=5,
).map(
    lambda files: [entry(path, tuple(times), checksum=f"{path}{version}") for path, (times, version) in files.items()]
)


def done(files: list[Entry], steps: dict[int, Placed]) -> dict[int, Placed]:
    """Do what a plan asks for, one reading after the other."""
    todo = plan(steps, files)
    steps = {time: step for time, step in steps.items() if time not in todo.withdrawn}
    by_path = {file.path: file for file in files}
    for reading in todo.readings:
        slots = slots_for(steps, [time for time, _ in reading.steps])
        steps |= {time: placed(by_path[reading.path], index, slots[time]) for time, index in reading.steps}
    return steps


@given(ENTRIES, ENTRIES)
def test_after_a_plan_every_time_is_of_the_file_that_wins_it_and_nothing_is_left_to_do(before, after):
    steps = done(after, done(before, {}))
    expected = {
        time: revision(file.checksum, index)
        for file in sorted(after, key=lambda file: file.path)
        for index, time in enumerate(file.times)
    }
    assert {time: step.revision for time, step in steps.items()} == expected
    assert len({step.slot for step in steps.values()}) == len(steps)
    assert not plan(steps, after).readings
    assert not plan(steps, after).withdrawn


@given(ENTRIES, ENTRIES)
def test_what_did_not_change_is_not_read_again(before, after):
    steps = done(before, {})
    for reading in plan(steps, after).readings:
        checksum = next(file.checksum for file in after if file.path == reading.path)
        for time, index in reading.steps:
            assert time not in steps or steps[time].revision != revision(checksum, index)


def test_the_later_name_wins_then_the_later_file():
    files = [entry("x/b", (1,), modified=7), entry("y/a", (1,), modified=9), entry("z/b", (1,), modified=5)]
    assert [reading.path for reading in plan({}, files).readings] == ["x/b"]


def test_triage_opens_only_what_is_new_or_changed():
    known = {path: entry(path, modified=1) for path in ("same", "gone", "touched")}
    found = [
        Found(path=path, size=1, modified=modified) for path, modified in [("same", 1), ("touched", 2), ("new", 1)]
    ]
    triaged = triage(known, found)
    assert (triaged.unchanged, triaged.suspect, triaged.gone) == (("same",), ("touched", "new"), ("gone",))


def test_free_slots_are_filled_before_new_ones():
    file = entry("a", (1, 5))
    steps = {1: placed(file, 0, 0), 5: placed(file, 1, 3)}
    assert slots_for(steps, [5, 6, 7, 8]) == {5: 3, 6: 1, 7: 2, 8: 4}


def test_a_renamed_file_keeps_its_steps():
    old, new = entry("a", (1,), checksum="c"), entry("z", (1,), checksum="c")
    steps = {1: placed(old, 0, 0)}
    assert plan(steps, [new]).readings == ()
    assert reowned(steps, [new])[1].path == "z"


def test_a_revision_is_63_bits():
    assert 0 <= revision("blake2b:00", 0) < 2**63
    assert revision("a", 0) != revision("a", 1)
