from typing import get_args

from core.problem import Kind
from gateway.http import statuses
from gateway.kml.report import STATUS


def test_every_kind_of_problem_has_a_status():
    assert set(STATUS) == set(get_args(Kind))
    assert all(400 <= status < 600 for status in STATUS.values())


def test_only_what_is_no_style_has_another_status_than_elsewhere():
    assert {kind for kind in STATUS if STATUS[kind] != statuses.STATUS[kind]} == {"unknown_style"}
