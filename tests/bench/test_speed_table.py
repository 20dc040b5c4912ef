"""What wrk prints is read whole, and the table says what was reached."""

import itertools

import pytest

from bench.goals import GOALS
from bench.peers.base import get_map
from bench.peers.mapserver import map_file
from bench.table import Goal, Row, last_of, record, written
from bench.workload import Place
from bench.wrk import BadAnswersError, counted, judged

PRINTED = """Running 1s test @ http://127.0.0.1:1
  2000 requests in 1.00s, 24.00MB read
RESULT 2000 1000000 {bad} 404 {failed} 5.250 9.500 5.500 20.000 24000000
"""


def test_the_line_of_wrk_is_read():
    found = counted(PRINTED.format(bad=0, failed=0))
    load = judged(found)
    assert (found.status, found.volume) == (404, 24000000)
    assert (load.rate, load.requests, load.kilobytes) == (2000.0, 2000.0, 12.0)
    assert (load.p50, load.p99, load.mean, load.most) == (5.25, 9.5, 5.5, 20.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PRINTED.format(bad=3, failed=0), "3 of 2000"),
        (PRINTED.format(bad=0, failed=2), "2 failed"),
        ("RESULT 0 1000000 0 0 0 0.000 0.000 0.000 0.000 0\n", "0 of 0"),
    ],
)
def test_a_run_with_any_bad_answer_or_none_at_all_is_no_rate(text, says):
    with pytest.raises(BadAnswersError, match=says):
        judged(counted(text))


ROWS = (
    Row(what="tile", figures={"rate": 1200.0, "low": 1100.0, "high": 1300.0, "p50": 5.0, "p99": 9.0, "cpu": 0.7}),
    Row(what="document", figures={"p50": 2.5, "p99": 4.0, "kB": 61.0}),
    Row(what="peer", figures={"rate": 100.0}),
    Row(what="other peer", figures={"rate": 200.0}),
    Row(what="broken", figures={}, said="not installed"),
)


@pytest.mark.parametrize(
    ("goal", "says"),
    [
        (Goal(what="tile", figure="rate", at_least=True, bound=1000, unit="/s"), "at least 1000/s: yes, 1.2e+03"),
        (Goal(what="tile", figure="rate", at_least=True, bound=1300, unit="/s"), "at least 1300/s: NO, 1.2e+03"),
        (Goal(what="tile", figure="cpu", at_least=False, bound=0.9), "CPU at most 0.9: yes, 0.7"),
        (Goal(what="document", figure="kB", at_least=False, bound=60, unit=" kB"), "at most 60 kB: NO, 61"),
        (
            Goal(what="tile", figure="rate", at_least=True, bound=5, over=("peer", "other peer", "broken")),
            "at least 5 times peer or other peer or broken: yes, 6",
        ),
        (Goal(what="tile", figure="rate", at_least=True, bound=5, over=("broken",)), "times broken: not measured"),
        (Goal(what="gone", figure="rate", at_least=True, bound=5), "at least 5: not measured"),
        (Goal(what="tile", figure="tail", at_least=False, bound=5), "p99/p50 at most 5: not measured"),
    ],
)
def test_a_goal_says_what_is_to_be_reached_and_whether_it_was(goal, says):
    assert goal.judged({row.what: row for row in ROWS}).endswith(says)


def test_the_last_table_of_the_same_kind_is_what_the_new_one_is_divided_by(tmp_path):
    path = tmp_path / "RESULTS.md"
    path.write_text("# Measurements\n", encoding="utf-8")
    record("full", "Said.", written(ROWS, (), {}), path)
    record("quick", "Said.", written([Row(what="tile", figures={"rate": 7.0})], (), {}), path)
    path.write_text(path.read_text() + "\n## 2026-01-01, another thing\n\n| tile | 3 |\n", encoding="utf-8")
    last = last_of("full", path.read_text(encoding="utf-8"))
    assert last == {"tile": 1200.0, "document": 2.5, "peer": 100.0, "other peer": 200.0}
    assert last_of("quick", path.read_text(encoding="utf-8")) == {"tile": 7.0}
    table = written([Row(what="tile", figures={"rate": 600.0})], (), last)
    assert table.splitlines()[2] == "| tile | 600 |  |  |  |  |  | 0.50 | - |"


def test_there_is_no_last_table_before_the_first():
    assert last_of("full", "# Measurements\n") == {}


def test_a_row_without_figures_says_why():
    assert "| broken | not installed |" in written(ROWS, GOALS, {})


PLACE = Place(crs="EPSG:3857", bbox=(-1.5, 2.0, 3.0, 4.0), size=(256, 128), step=0, level=0)


def test_peers_are_asked_for_the_same_place():
    asked = get_map("/wms?", PLACE, "thetao", "&more=1")
    assert "bbox=-1.5,2.0,3.0,4.0&width=256&height=128" in asked
    assert asked.endswith("&more=1")


def test_mapserver_has_a_colour_for_every_value_of_the_field(tmp_path):
    layers = map_file(tmp_path).split("LAYER\n")[1:]
    assert len(layers) == 2
    for layer in layers:
        assert layer.count("CLASS EXPRESSION") + layer.count("CLASS\n") >= 2
        assert layer.count("DATARANGE") == 16
        ranges = [line.split("DATARANGE ")[1].split()[:2] for line in layer.splitlines() if "DATARANGE" in line]
        assert all(one[1] == other[0] for one, other in itertools.pairwise(ranges))
        assert f"[pixel] < {ranges[0][0]})" in layer
        assert f"[pixel] >= {ranges[-1][1]})" in layer
