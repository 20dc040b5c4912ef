"""Networks of proxies and the public address, as `config.yaml` has them."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.config.file import ConfigError, parse


def unit(**keys):
    return parse({"unit": keys}, name="config.yaml", folder=Path("/")).unit


def test_networks_are_those_of_python():
    given = ["127.0.0.1", "10.0.0.0/24", "fd00::/8"]
    assert unit(proxies=given).proxies == tuple(map(ip_network, given))
    assert unit().proxies == ()


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("proxies", "10.0.0.0/24", "is a list of networks"),
        ("proxies", [10], "is a list of networks"),
        ("proxies", ["10.0.0.1/24"], "has host bits set"),
        ("proxies", ["localhost"], "127.0.0.1, 10.0.0.0/24"),
        ("proxies", ["*"], "127.0.0.1, 10.0.0.0/24"),
        ("proxies", ["10.0.0.0/33"], "127.0.0.1, 10.0.0.0/24"),
        ("proxy_headers", "both", "'x-forwarded' or 'forwarded'"),
        ("public_url", "ocean.example.org", "https://ocean.example.org/halocline"),
        ("public_url", "ftp://ocean.example.org", "https://ocean.example.org/halocline"),
        ("public_url", "https://ocean.example.org/?a=b", "without ? and #"),
        ("public_url", "https://ocean.example.org/<b>", "without ? and #"),
        ("public_url", "https://ocean.example.org//a", "without ? and #"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_would_be_right(key, value, says):
    with pytest.raises(ConfigError, match=f"unit.{key}") as raised:
        unit(**{key: value})
    assert says in str(raised.value)


@pytest.mark.parametrize(
    "address", ["http://unit/", "https://ocean.example.org/data/halo", "http://[::1]:8080", "http://localhost:8080"]
)
def test_an_address_may_have_a_port_and_a_path(address):
    assert unit(public_url=address).public_url == address
