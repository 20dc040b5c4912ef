"""Writes `docs/conformance.md` anew: `python -m tests.conformance.page`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.conformance.clauses import Clause, clauses
from tests.conformance.suite import ASSERTIONS, NOT_APPLICABLE, NOT_MET

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
_HEAD = """# Conformance

What the standards ask for, clause by clause, as tests show it: each line is a test, and `make conformance` makes this
page of them; a test fails where it is not what they say. All of them ask one unit over a socket.

Every capabilities document is valid by the XSD (1.3.0, with that of SLD 1.1.0 for GetLegendGraphic) or the DTD (1.1.1),
and so is every exception report. The assertions of the OGC's own test suite for WMS 1.3.0 (`ets-wms13`) are each either
shown by one of these tests, or listed with the reason why not: those that look at something themselves, for its other
tests only call these in groups.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *_counted(), *_listed(), *_suite()]) + "\n"


def _counted() -> Iterator[str]:
    shown = len(ASSERTIONS) - len(NOT_APPLICABLE) - len(NOT_MET)
    yield "| assertions of the suite | |"
    yield "|---|---|"
    yield f"| shown by a test | {shown} |"
    yield f"| that do not apply | {len(NOT_APPLICABLE)} |"
    yield f"| not met | {len(NOT_MET)} |"
    yield ""


def _listed() -> Iterator[str]:
    for version, title, pattern in (
        ("1.3.0", "WMS 1.3.0 (OGC 06-042)", "test_wms130_*.py"),
        ("1.1.1", "WMS 1.1.1 (OGC 01-068r3), where it differs", "test_wms111*.py"),
    ):
        yield f"## {title}"
        yield ""
        yield "| clause | what is shown | of the suite |" if version == "1.3.0" else "| clause | what is shown |"
        yield "|---|---|---|" if version == "1.3.0" else "|---|---|"
        for found in sorted(clauses(pattern), key=lambda one: _order(one.number)):
            suite = f" {' '.join(f'`{name}`' for name in found.suite)} |" if version == "1.3.0" else ""
            yield f"| {found.number} | {found.says} |{suite}"
        yield ""


def _suite() -> Iterator[str]:
    for title, reasons in (("Not met", NOT_MET), ("What does not apply", NOT_APPLICABLE)):
        yield f"## {title}"
        yield ""
        yield "| assertion of the suite | why |"
        yield "|---|---|"
        yield from (f"| `{name}` | {reason} |" for name, reason in reasons.items())
        yield ""


def _order(number: str) -> tuple[bool, list[tuple[str, int]]]:
    """Return what puts clauses in their order: annexes after numbers, 7.10 after 7.9."""
    parts = number.split(".")
    return not parts[0].isdigit(), [("", int(part)) if part.isdigit() else (part, 0) for part in parts]


def shown(found: Iterable[Clause]) -> set[str]:
    """Return the assertions of the suite that tests stand for."""
    return {name for one in found for name in one.suite}


if __name__ == "__main__":
    PAGE.write_text(page().rstrip("\n") + "\n", encoding="utf-8")
