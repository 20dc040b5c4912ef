"""Maps and legends look as they did when somebody looked at them."""

import asyncio

import numpy as np
import pytest

from tests.pictures.cases import CASES
from tests.pictures.comparing import REFERENCES, SHARE, complaint, reference
from tests.pictures.drawing import draw_all


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return asyncio.run(draw_all(tmp_path_factory.mktemp("ocean")))


@pytest.mark.parametrize("name", CASES)
def test_a_picture_is_as_it_was_kept(drawn, name, tmp_path):
    found = complaint(name, drawn[name], reference(name), tmp_path)
    assert found is None, found


def test_there_is_no_reference_without_a_case():
    assert {path.stem for path in REFERENCES.glob("*.png")} == set(CASES)


def test_references_stay_small():
    assert sum(path.stat().st_size for path in REFERENCES.glob("*.png")) < 400_000
    assert max(side for name in CASES for side in reference(name).shape[:2]) <= 256


@pytest.mark.parametrize(("one", "other"), [("plate-carree", "plate-carree-130"), ("europe", "europe-130")])
def test_both_versions_draw_one_picture(drawn, one, other):
    assert (drawn[one] == drawn[other]).all()


# --- the comparison itself

KEPT = np.full((40, 50, 4), 100, np.uint8)


def changed(pixels, by):
    new = KEPT.copy()
    new.reshape(-1, 4)[:pixels, 0] += by
    return new


@pytest.mark.parametrize(("pixels", "by"), [(0, 0), (2000, 2), (2, 100)])
def test_small_differences_pass(pixels, by, tmp_path):
    assert complaint("x", changed(pixels, by), KEPT, tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_a_colour_slightly_off_in_a_few_pixels_is_seen_and_shown(tmp_path):
    pixels = round(2000 * SHARE) + 1
    found = complaint("x", changed(pixels, 3), KEPT, tmp_path)
    assert found.startswith(f"x: {pixels} of 2000 pixels differ; look at ")
    assert {path.name for path in tmp_path.iterdir()} == {"x.png", "x-difference.png"}
    assert str(tmp_path / "x-difference.png") in found


def test_another_size_is_seen(tmp_path):
    assert "(50, 39) pixels instead of (50, 40)" in complaint("x", KEPT[1:], KEPT, tmp_path)


def test_what_is_fully_transparent_has_no_colour(tmp_path):
    clear, other = KEPT.copy(), KEPT.copy()
    clear[..., 3] = other[..., 3] = 0
    other[..., :3] = 7
    assert complaint("x", clear, other, tmp_path) is None
    assert complaint("x", clear, KEPT, tmp_path)
