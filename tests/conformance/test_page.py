"""The page of conformance says what the tests do, and leaves no assertion of the suite out."""

from tests.conformance.clauses import clauses
from tests.conformance.page import PAGE, page, shown
from tests.conformance.suite import ASSERTIONS, NOT_APPLICABLE, NOT_MET


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page().rstrip("\n") + "\n", "run: make conformance"


def test_each_assertion_of_the_suite_is_shown_or_has_a_reason_why_not():
    found = shown(clauses("test_wms130_*.py"))
    assert sorted([*found, *NOT_APPLICABLE, *NOT_MET]) == sorted(ASSERTIONS)
    assert len(set(ASSERTIONS)) == len(ASSERTIONS)


def test_reasons_are_said():
    assert all(reason.strip() for reason in (NOT_APPLICABLE | NOT_MET).values())
