"""What a step is made of follows from the files, and is not believed where its revision says otherwise."""

from dataclasses import replace

import numpy as np

from stores.ingest.manifest import Entry
from stores.ingest.pieces import cut, held, held_by, pieces_of, revision, revision_of, steps_of


def entry(path: str, *names: str, times: tuple[int, ...] = (5,)) -> Entry:
    return Entry(
        path=path,
        size=1,
        modified=1,
        checksum=path,
        times=times,
        fixed="",
        coordinates="",
        packing=0,
        variables=frozenset(names),
    )


def offers(found: Entry) -> frozenset[str]:
    return found.variables


def test_each_variable_is_of_the_highest_file_that_has_it():
    files = [entry("a", "so", "time"), entry("b", "thetao", "time"), entry("c", "zos", times=(6,))]
    found = pieces_of(held(files, offers)[5], offers)
    assert [(piece.path, sorted(piece.variables), piece.whole) for piece in found] == [
        ("a", ["so"], False),
        ("b", ["thetao", "time"], True),
    ]


def test_a_step_of_one_whole_file_has_the_revision_of_that_file():
    (whole,) = pieces_of([(entry("a", "so", "time"), 3)], offers)
    assert revision_of([whole]) == revision(entry("a"), 3)
    assert revision_of([cut(whole, frozenset({"so"}))]) != revision(entry("a"), 3)


def test_a_revision_is_63_bits_and_names_checksum_place_and_format():
    assert 0 <= revision(entry("blake2b:00"), 0) < 2**63
    newer = replace(entry("a"), ingest_format=99)
    assert len({revision(found, index) for found in (entry("a"), entry("b"), newer) for index in (0, 1)}) == 6


def test_a_time_that_a_file_has_twice_is_its_last():
    assert held([entry("a", "so", times=(5, 5))], offers)[5][0][1] == 1


def rows(stored: int, source: int) -> np.ndarray:
    return np.array([[5, 0, stored, 0, source]], dtype=np.int64)


def test_a_step_table_is_read_with_what_each_step_is_made_of():
    files = [entry("a", "so", "time"), entry("b", "thetao", "time")]
    both = pieces_of(held(files, offers)[5], offers)
    assert steps_of(rows(revision_of(both), 1), files, offers, [{}])[5].pieces == both
    alone = steps_of(rows(revision(entry("a"), 0), 0), files, offers, [{}])[5]
    assert held_by(alone) == {"so", "time"}


def test_of_a_step_with_another_revision_it_is_not_known_what_it_is_made_of():
    files = [entry("a", "so", "time"), entry("b", "thetao", "time")]
    assert steps_of(rows(7, 1), files, offers, [{}])[5].pieces == ()
