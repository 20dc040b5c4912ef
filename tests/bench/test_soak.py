"""What judges a soak knows right answers from wrong ones, and growth from swinging."""

import os
import random
import urllib.request
from itertools import pairwise

import pytest

from bench.oracle import KINDS, Oracle
from bench.rows import added
from bench.soak import Tally, judged
from bench.watching import Sample, beats_in, growth, sampled, settled, sparkline


def samples(memory, *, life=1, files=50):
    return [
        Sample(life=life, requests=1000 * at, seconds=at, memory=value, files=files, threads=9, processes=3)
        for at, value in enumerate(memory)
    ]


@pytest.fixture(scope="module")
def oracle(standing):
    return Oracle(standing.files)


def answered(port, question):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{question.path}") as answer:
        return answer.read()


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_compared_with_what_netcdf4_reads(oracle, port, kind):
    draw = random.Random(kind)
    for _ in range(4):
        question = oracle.question(draw, kind)
        assert oracle.wrong(question, answered(port, question)) == ""


@pytest.mark.parametrize("kind", ["tile", "info", "netcdf3", "netcdf4", "csv", "kml", "legend"])
def test_an_answer_to_another_question_is_found(oracle, port, kind):
    draw, wrong = random.Random(kind), []
    asked = [oracle.question(draw, kind) for _ in range(8)]
    for one, other in pairwise(asked):
        wrong.append(oracle.wrong(one, answered(port, other)))
    assert any(wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read_at_all_is_found(oracle, kind):
    assert oracle.wrong(oracle.question(random.Random(1), kind), b"nonsense\n").startswith(("cannot", "a table"))


@pytest.mark.parametrize(
    ("memory", "grown"),
    [([100.0] * 9, 0.0), (range(100, 109), 8.0), ([100, 130, 100, 130, 100, 130, 100], 0.0), ([100] * 8 + [900], 0.0)],
)
def test_growth_is_the_median_of_all_slopes(memory, grown):
    assert growth(samples(memory), "memory") == pytest.approx(grown)


def test_the_first_quarter_and_earlier_lives_are_not_judged():
    found = settled(samples([900.0] * 5) + samples([float(at) for at in range(9)], life=2))
    assert [sample.memory for sample in found] == [2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("memory", "files", "wrong", "says"),
    [
        ([500.0] * 20, 50, [], []),
        ([500.0 + 10 * at for at in range(20)], 50, [], ["memory grew"]),
        ([500.0] * 20, 50, ["404: /x"], ["404"]),
        ([500.0] * 8, 50, [], ["too short"]),
    ],
)
def test_a_soak_is_judged_by_errors_and_growth(memory, files, wrong, says):
    tally = Tally(seed=1, wrong=wrong, samples=samples(memory, files=files))
    found = judged(tally)
    assert len(found) == len(says)
    assert all(part in text for part, text in zip(says, found, strict=True))


def test_open_files_that_grow_are_found():
    leaking = [
        Sample(life=1, requests=at, seconds=at, memory=500.0, files=50 + at, threads=9, processes=1) for at in range(40)
    ]
    assert judged(Tally(seed=1, samples=leaking)) == ["files grew by 29.0 over 29 requests"]


def test_a_process_is_seen_with_its_handles_and_threads():
    found = sampled(os.getpid(), life=1, requests=0, seconds=0.0)
    assert found.memory > 20
    assert found.files > 3
    assert found.threads >= 1


def test_a_curve_is_a_line_from_zero():
    assert sparkline([0, 50, 100]) == "▁▅█"
    assert len(sparkline([float(at) for at in range(999)])) == 40
    assert sparkline([]) == ""


def test_rows_are_added_to_the_table_of_their_title_and_nothing_else_moves(tmp_path):
    path = tmp_path / "RESULTS.md"
    path.write_text("# Results\n\n## Other\n\n| a |\n|---|\n| 1 |\n")
    for number in (1, 2):
        added("Soak", "What it is.", ("day", "n"), ("today", number), path)
    with path.open("a") as file:
        file.write("\n## After\n")
    added("Soak", "What it is.", ("day", "n"), ("today", 3), path)
    text = path.read_text()
    assert text.count("## Soak") == 1
    assert "| today | 1 |\n| today | 2 |\n| today | 3 |\n\n## After\n" in text
    assert text.startswith("# Results\n\n## Other\n\n| a |\n|---|\n| 1 |\n")


def test_late_beats_are_told_of_each_process():
    lag = "halocline_loop_lag_seconds"
    one = f'{lag}_bucket{{le="0.05"}} 7\n{lag}_bucket{{le="+Inf"}} 9\n{lag}_count 9\nprocess_start_time_seconds 1.5\n'
    assert beats_in(one) == {"1.5": (2, 9)}
    several = (
        f'{lag}_bucket{{process="0",le="0.05"}} 7\n{lag}_bucket{{process="1",le="0.05"}} 3\n'
        f'{lag}_count{{process="0"}} 9\n{lag}_count{{process="1"}} 3\n'
        'process_start_time_seconds{process="0"} 1.5\nprocess_start_time_seconds{process="1"} 2.5\n'
    )
    assert beats_in(several) == {"1.5": (2, 9), "2.5": (0, 3)}
