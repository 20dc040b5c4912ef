"""Each fault, once, on a small unit: answers are right or a 503, nothing is remembered, all is well again by itself."""

import random
import shutil
from dataclasses import replace

import pytest

from bench.hearing import Count, Hearing, UntrueError
from bench.mishaps import Scene, _damage
from bench.oracle import Oracle
from bench.serving_faults import played


@pytest.mark.parametrize("name", ["chunks damaged", "disk full"])
def test_a_fault_is_told_and_passes(standing, name):
    count = Count()
    played(name, standing, f"7 {name}", count)
    assert count.right > 20
    assert count.refused > 0


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_a_clock_that_jumps_disturbs_tokens_alone(standing):
    count = Count()
    played("clock jumps", standing, "7", count)
    assert (count.refused, count.right > 40) == (0, True)


class Quiet:
    """A server at a place where nobody, or somebody else, listens."""

    def __init__(self, base):
        self.base = base

    def said(self):
        return ""


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=nowhere/t", "LAYERS"),
        ("/health", "cannot be read"),
    ],
)
def test_an_answer_that_is_neither_right_nor_a_503_is_found(standing, port, path, says):
    oracle = Oracle(standing.files)
    unit = Hearing(Quiet(f"http://127.0.0.1:{port}"), oracle, random.Random(1), Count())
    question = replace(oracle.question(random.Random(1), "tile"), path=path)
    with pytest.raises(UntrueError):
        unit.heard(question)


def test_a_damaged_object_differs_from_what_it_was(tmp_path, standing):
    for seed in range(12):
        path = tmp_path / "object"
        path.write_bytes(b"some bytes of an object")
        _damage(path, random.Random(seed))
        assert not path.exists() or path.read_bytes() != b"some bytes of an object"
    assert Scene(standing, random.Random(1)).chunks
