"""Which clause of a standard, and which assertions of its test suite, a test stands for."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

FOLDER = Path(__file__).parent
_Test = TypeVar("_Test", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What one test shows."""

    module: str
    """Of the test, without `test_`."""
    test: str
    """Its name: a sentence."""
    number: str
    """Of the clause: `7.3.3.6`."""
    suite: tuple[str, ...]
    """Assertions of the suite that it stands for; empty where the suite has none."""

    @property
    def says(self) -> str:
        """The name of the test as a sentence."""
        return self.test.removeprefix("test_").replace("_", " ")


def clause(number: str, *suite: str) -> Callable[[_Test], _Test]:
    """Mark a test as that of a clause, and of assertions of the suite."""

    def marked(test: _Test) -> _Test:
        test.clause = (number, suite)
        return test

    return marked


def clauses(pattern: str) -> list[Clause]:
    """Return the clauses of all tests in the modules that `pattern` matches, in the order of their lines.

    Raises:
        AssertionError: a test in them is marked with none.

    """
    found = []
    for path in sorted(FOLDER.glob(pattern)):
        module = importlib.import_module(f"tests.conformance.{path.stem}")
        tests = [name for name in vars(module) if name.startswith("test_")]
        for name in tests:
            marked = getattr(getattr(module, name), "clause", None)
            assert marked is not None, f"{path.name}: {name} names no clause"
            number, suite = marked
            found.append(Clause(module=path.stem.removeprefix("test_"), test=name, number=number, suite=suite))
    return found
