"""What judges the answers of a server while ingests are killed: it must not let anything mixed or older pass."""

import random

import netCDF4
import numpy as np
import pytest

from bench.asking import Answer, MixedError, judged, times_in
from bench.changing import change, value_of

A, B = "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"
TRUTHS = [{A: 1}, {A: 1, B: 2}, {A: 3, B: 3}]


def times(*found):
    return Answer(what="capabilities", time="", found=frozenset(found))


def value(time, found):
    return Answer(what="GetMap", time=time, found=found)


@pytest.mark.parametrize(
    ("answers", "last"),
    [
        ([], 0),
        ([times(A)], 0),
        ([times(A), value(A, 1), value(B, None)], 0),
        ([value(A, 1), value(B, 2)], 1),
        ([times(A, B), value(B, 2), value(A, 3)], 2),
    ],
)
def test_answers_of_one_version_after_the_other_pass(answers, last):
    assert judged(answers, TRUTHS, 0) == last


@pytest.mark.parametrize(
    "answers",
    [
        [value(A, 2)],
        [value(A, None)],
        [times(B)],
        [times()],
        [value(B, 2), times(A)],
        [value(A, 3), value(B, 2)],
        [value(A, 3), value(A, 1)],
    ],
)
def test_an_answer_of_no_version_or_of_an_older_one_is_found(answers):
    with pytest.raises(MixedError):
        judged(answers, TRUTHS, 0)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2020-01-01T00:00:00Z", [1]),
        ("2020-01-01,2020-01-03", [1, 3]),
        ("2020-01-01T00:00:00Z/2020-01-03T00:00:00Z/P1D", [1, 2, 3]),
        ("2020-01-01T00:00:00Z/2020-01-05T00:00:00Z/P2D,2020-01-09T00:00:00Z", [1, 3, 5, 9]),
    ],
)
def test_lists_of_times_and_periods_are_read(text, days):
    assert times_in(text) == {f"2020-01-{day:02}T00:00:00Z" for day in days}


def test_a_folder_changes_alike_for_the_same_seed_and_says_when(tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        for number in range(3):
            change(folder, number, random.Random(number))
    names = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    assert names[0] == names[1]
    seen = set()
    for path in folders[0].iterdir():
        with netCDF4.Dataset(path) as file:
            values = np.unique(np.round(file["t"][:].compressed()))
            assert len(values) == 1
            seen.add(int(values[0]))
    assert seen <= {value_of(number) for number in range(3)}
