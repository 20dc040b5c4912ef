import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.conditional import entity_tag, matches


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, False),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("a", False),
        ('"a', False),
    ],
)
def test_if_none_match_is_read_as_rfc_9110_says(given, expected):
    headers = {} if given is None else {"If-None-Match": given}
    assert matches(make_mocked_request("GET", "/", headers=headers), '"a"') is expected


def test_a_tag_names_all_of_its_parts():
    assert entity_tag("a", 1) == entity_tag("a", 1)
    assert len({entity_tag("a", 1), entity_tag("a", 2), entity_tag("a1"), entity_tag("a", "1")}) == 4
