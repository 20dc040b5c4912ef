import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.http.conditional import entity_tag, held


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ('"a"', '"a"'),
        ('W/"a"', '"a"'),
        ('"b", "a"', '"a"'),
        ('"a-gzip"', '"a-gzip"'),
        ('W/"a-gzip"', '"a-gzip"'),
        ('"a-gzip", "a"', '"a"'),
        ("*", '"a"'),
        ('"b"', None),
        ('"a-gzip-gzip"', None),
        ("a", None),
        ('"a', None),
    ],
)
def test_if_none_match_is_read_as_rfc_9110_says_and_knows_the_packed_form(given, expected):
    headers = {} if given is None else {"If-None-Match": given}
    assert held(make_mocked_request("GET", "/", headers=headers), '"a"') == expected


def test_a_tag_names_all_of_its_parts():
    assert entity_tag("a", 1) == entity_tag("a", 1)
    assert len({entity_tag("a", 1), entity_tag("a", 2), entity_tag("a1"), entity_tag("a", "1")}) == 4
