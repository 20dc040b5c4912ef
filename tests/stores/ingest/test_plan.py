from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from stores.ingest.manifest import INGEST_FORMAT, Entry, Piece, Placed
from stores.ingest.pieces import revision, revision_of
from stores.ingest.plan import Found, joined, plan, settled, slots_for, triage

OFFERS = frozenset({"so", "thetao"})


def entry(
    path: str,
    times: tuple[int, ...] = (),
    *,
    checksum: str = "",
    modified: int = 0,
    reference: int | None = None,
    variables: frozenset[str] = OFFERS,
) -> Entry:
    return Entry(
        path=path,
        size=1,
        modified=modified,
        checksum=checksum or path,
        ingest_format=INGEST_FORMAT,
        times=times,
        fixed="",
        coordinates="",
        packing=0,
        reference=reference,
        variables=variables,
    )


def offers(found: Entry) -> frozenset[str]:
    return found.variables


def by_path(files: list[Entry]) -> dict[str, Entry]:
    return {file.path: file for file in files}


def placed(slot: int, *pieces: Piece) -> Placed:
    return Placed(slot=slot, revision=revision_of(pieces), packing=0, pieces=pieces, path=pieces[-1].path)


def piece(found: Entry, index: int, *names: str) -> Piece:
    variables = frozenset(names) or found.variables
    whole = variables == found.variables
    return Piece(path=found.path, revision=revision(found, index), variables=variables, whole=whole)


ENTRIES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(
        st.lists(st.integers(0, 9), max_size=5, unique=True),
        st.integers(0, 3),
        st.none() | st.integers(0, 2),
        st.sampled_from([OFFERS, frozenset({"so"}), frozenset({"thetao"})]),
    ),
    max_size=5,
).map(
    lambda files: [
        entry(path, tuple(times), checksum=f"{path}{version}", reference=run, variables=names)
        for path, (times, version, run, names) in files.items()
    ]
)


def winners(files: list[Entry]) -> dict[tuple[int, str], int]:
    """By time and variable: what the file of the highest rank holds."""
    ranked = sorted(files, key=lambda file: (file.reference is not None, file.reference or 0, file.path))
    return {
        (time, name): revision(file, index)
        for file in ranked
        for index, time in enumerate(file.times)
        for name in file.variables
    }


def stored(steps: dict[int, Placed]) -> dict[tuple[int, str], int]:
    return {
        (time, name): found.revision
        for time, step in steps.items()
        for found in step.pieces
        for name in found.variables
    }


def done(files: list[Entry], steps: dict[int, Placed]) -> dict[int, Placed]:
    """Do what a plan asks for, one reading after the other."""
    todo = plan(steps, by_path(files), offers)
    steps = settled(steps, todo.wanted, frozenset())
    for reading in todo.readings:
        slots = slots_for(steps, [step.time for step in reading.steps])
        for time, slot in slots.items():
            (added,) = (found for found in todo.wanted[time] if found.path == reading.path)
            there = steps[time].pieces if time in steps else ()
            steps[time] = placed(slot, *joined(there, added, by_path(files)))
    return steps


@given(ENTRIES, ENTRIES)
def test_after_a_plan_every_variable_is_at_every_time_of_the_file_that_wins_it(before, after):
    steps = done(after, done(before, {}))
    assert stored(steps) == winners(after)
    assert len({step.slot for step in steps.values()}) == len(steps)
    assert not plan(steps, by_path(after), offers).readings
    assert settled(steps, plan(steps, by_path(after), offers).wanted, frozenset()) == steps


@given(ENTRIES, ENTRIES)
def test_what_did_not_change_is_not_read_again(before, after):
    steps = done(before, {})
    for reading in plan(steps, by_path(after), offers).readings:
        read = by_path(after)[reading.path]
        for step in reading.steps:
            for name in step.variables:
                assert stored(steps).get((step.time, name)) != revision(read, step.index)


@given(ENTRIES, ENTRIES)
def test_a_file_that_cannot_be_read_any_more_gives_what_is_stored_of_it_and_is_not_read(before, after):
    steps = done(before, {})
    frozen = frozenset(by_path(before)) & frozenset(by_path(after))
    files = by_path(after) | {path: by_path(before)[path] for path in frozen}
    todo = plan(steps, files, offers, frozen=frozen)
    assert not frozen & {reading.path for reading in todo.readings}
    for time, pieces in todo.wanted.items():
        for found in pieces:
            for name in found.variables if found.path in frozen else ():
                assert stored(steps)[time, name] == found.revision


def test_the_later_name_wins_then_the_later_file():
    files = [entry("x/b", (1,), modified=7), entry("y/a", (1,), modified=9), entry("z/b", (1,), modified=5)]
    assert [reading.path for reading in plan({}, by_path(files), offers).readings] == ["x/b"]


def test_the_later_run_wins_before_the_later_name():
    files = [entry("a", (1,), reference=2), entry("b", (1,), reference=1), entry("c", (1,))]
    assert [reading.path for reading in plan({}, by_path(files), offers).readings] == ["a"]


def test_of_a_day_in_two_files_only_the_one_that_changed_is_read():
    salt, heat = (entry(name, (1,), variables=frozenset({name})) for name in ("so", "thetao"))
    steps = done([salt, heat], {})
    changed = entry("so", (1,), checksum="2", variables=frozenset({"so"}))
    assert [reading.path for reading in plan(steps, by_path([changed, heat]), offers).readings] == ["so"]


def test_what_a_file_gave_stays_until_its_next_version_is_read():
    old, new = entry("a", (1,), checksum="1"), entry("a", (1,), checksum="2")
    steps = {1: placed(0, piece(old, 0))}
    todo = plan(steps, by_path([new]), offers)
    assert settled(steps, todo.wanted, {"a"}) == steps
    assert settled(steps, todo.wanted, frozenset()) == {}


def test_triage_opens_only_what_is_new_or_changed():
    known = {path: entry(path, modified=1) for path in ("same", "gone", "touched")}
    found = [
        Found(path=path, size=1, modified=modified) for path, modified in [("same", 1), ("touched", 2), ("new", 1)]
    ]
    triaged = triage(known, found)
    assert (triaged.unchanged, triaged.suspect, triaged.gone) == (("same",), ("touched", "new"), ("gone",))


def test_triage_opens_what_other_software_took_up_before_what_is_new():
    known = {"old": replace(entry("old", modified=1), ingest_format=INGEST_FORMAT - 1)}
    found = [Found(path=path, size=1, modified=1) for path in ("new", "old")]
    assert triage(known, found).suspect == ("old", "new")


def test_free_slots_are_filled_before_new_ones():
    file = entry("a", (1, 5))
    steps = {1: placed(0, piece(file, 0)), 5: placed(3, piece(file, 1))}
    assert slots_for(steps, [5, 6, 7, 8]) == {5: 3, 6: 1, 7: 2, 8: 4}


def test_a_renamed_file_keeps_its_steps():
    old, new = entry("a", (1,), checksum="c"), entry("z", (1,), checksum="c")
    steps = {1: placed(0, piece(old, 0))}
    todo = plan(steps, by_path([new]), offers)
    assert todo.readings == ()
    assert settled(steps, todo.wanted, frozenset())[1].path == "z"
