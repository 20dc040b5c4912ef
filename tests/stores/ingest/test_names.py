"""How names in groups are found. Source: CF Conventions 1.11, 2.7.1."""

import pytest

from stores.ingest.names import group_of, in_group, outwards, resolved

THERE = {"time", "crs", "ocean/time", "ocean/surface/lat", "ice/lat"}


@pytest.mark.parametrize(
    ("group", "word", "found"),
    [
        ("", "time", "time"),
        ("ocean", "time", "ocean/time"),
        ("ocean/surface", "time", "ocean/time"),
        ("ice", "time", "time"),
        ("ocean/surface", "crs", "crs"),
        ("ocean", "/crs", "crs"),
        ("ocean", "/time", "time"),
        ("ocean", "/lat", None),
        ("ocean", "surface/lat", "ocean/surface/lat"),
        ("ice", "ocean/time", "ocean/time"),
        ("ocean/surface", "../time", "ocean/time"),
        ("ocean/surface", "./lat", "ocean/surface/lat"),
        ("ocean/surface", "../../ice/lat", "ice/lat"),
        ("ocean", "lat", None),
        ("", "lat", None),
        ("", "../time", "time"),
        ("ocean", "", None),
        ("", "/", None),
    ],
)
def test_a_name_is_looked_for_in_its_group_then_outwards(group, word, found):
    assert resolved(THERE, group, word) == found


def test_groups_are_left_one_after_the_other():
    assert list(outwards("a/b/c")) == ["a/b/c", "a/b", "a", ""]
    assert list(outwards("")) == [""]


@pytest.mark.parametrize(("group", "name", "path"), [("", "t", "t"), ("a", "t", "a/t"), ("a/b", "t", "a/b/t")])
def test_a_path_is_its_group_and_its_name(group, name, path):
    assert in_group(group, name) == path
    assert group_of(path) == group
