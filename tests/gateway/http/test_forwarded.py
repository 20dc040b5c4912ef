"""Whom a request comes from and how it came: proxies are believed, and nobody else."""

import ipaddress
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from gateway.http.forwarded import Arrival, Proxies

LONG = "9.9.9.9, " * 1200
PROXIES = Proxies([ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("127.0.0.1")], "x-forwarded")
STANDARD = Proxies([ip_network("10.0.0.0/8"), ip_network("fd00::/8")], "forwarded")


def headers(**given_):
    return CIMultiDict([(name.replace("_", "-"), value) for name, value in given_.items()])


@pytest.mark.parametrize(
    ("peer", "chain", "remote"),
    [
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "8.8.8.8, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "8.8.8.8, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "192.0.2.7:50123", "192.0.2.7"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "[2001:db8::7]:443", "2001:db8::7"),
        ("10.0.0.1", "[2001:DB8::0007]", "2001:db8::7"),
        ("10.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("fd00::1", "192.0.2.7", "192.0.2.7"),
        # What is no address ends what is known.
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7, unknown, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", ",", "10.0.0.1"),
        ("10.0.0.1", "fe80::1%<script>", "10.0.0.1"),
        ("10.0.0.1", "300.1.1.1", "10.0.0.1"),
        ("10.0.0.1", "0x7f000001", "10.0.0.1"),
        ("10.0.0.1", "١.١.١.١", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7\r\nX: y", "10.0.0.1"),
        ("10.0.0.1", "9" * 10_000, "10.0.0.1"),
        ("10.0.0.1", LONG + "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", ", ".join(["10.1.1.1"] * 3000), "10.1.1.1"),
        # Strangers may say what they like.
        ("192.0.2.66", "192.0.2.7", "192.0.2.66"),
        ("192.0.2.66", "10.0.0.1", "192.0.2.66"),
        ("11.0.0.1", "192.0.2.7", "11.0.0.1"),
        ("", "192.0.2.7", ""),
        ("/run/unit.sock", "192.0.2.7", "/run/unit.sock"),
        (None, "192.0.2.7", None),
    ],
)
def test_the_caller_is_the_last_in_the_chain_that_is_no_proxy(peer, chain, remote):
    assert PROXIES.arrival(peer, headers(x_forwarded_for=chain)).remote == remote


@pytest.mark.parametrize(
    ("said", "arrival"),
    [
        ({"x_forwarded_proto": "https"}, {"scheme": "https"}),
        ({"x_forwarded_proto": "HTTPS"}, {"scheme": "https"}),
        ({"x_forwarded_proto": "javascript"}, {}),
        ({"x_forwarded_proto": "http, https"}, {"scheme": "https"}),
        ({"x_forwarded_host": "ocean.example.org"}, {"host": "ocean.example.org"}),
        ({"x_forwarded_host": "ocean.example.org:8443"}, {"host": "ocean.example.org:8443"}),
        ({"x_forwarded_host": "[2001:db8::7]:8443"}, {"host": "[2001:db8::7]:8443"}),
        ({"x_forwarded_host": "evil.example, ocean.example.org"}, {"host": "ocean.example.org"}),
        ({"x_forwarded_host": "a b"}, {}),
        ({"x_forwarded_host": "a/b"}, {}),
        ({"x_forwarded_host": "user@a"}, {}),
        ({"x_forwarded_host": "a\r\nSet-Cookie: x=1"}, {}),
        ({"x_forwarded_host": '"><script>'}, {}),
        ({"x_forwarded_host": "a:99999999"}, {}),
        ({"x_forwarded_host": "a" * 10_000}, {}),
        ({"x_forwarded_host": ""}, {}),
        ({"x_forwarded_prefix": "/halocline"}, {"prefix": "/halocline"}),
        ({"x_forwarded_prefix": "/halocline/"}, {"prefix": "/halocline"}),
        ({"x_forwarded_prefix": "/data/halo-1.2_~"}, {"prefix": "/data/halo-1.2_~"}),
        ({"x_forwarded_prefix": "/"}, {}),
        ({"x_forwarded_prefix": "halocline"}, {}),
        ({"x_forwarded_prefix": "//evil.example"}, {}),
        ({"x_forwarded_prefix": "/a//b"}, {}),
        ({"x_forwarded_prefix": "/a/../b"}, {}),
        ({"x_forwarded_prefix": "/."}, {}),
        ({"x_forwarded_prefix": "/a?b"}, {}),
        ({"x_forwarded_prefix": "/%2e%2e"}, {}),
        ({"x_forwarded_prefix": "/<b>"}, {}),
        ({"x_forwarded_prefix": "/a" * 5000}, {}),
        ({"x_forwarded_prefix": "/" + "a" * 10_000}, {}),
        ({"forwarded": "for=192.0.2.1;host=evil;proto=https"}, {}),
    ],
)
def test_what_proxies_say_of_the_address_is_taken_where_it_can_be_one(said, arrival):
    found = PROXIES.arrival("10.0.0.1", headers(**said))
    assert found == Arrival(remote="10.0.0.1", **arrival)
    assert PROXIES.arrival("192.0.2.66", headers(**said)) == Arrival(remote="192.0.2.66")
    assert Proxies([], "x-forwarded").arrival("10.0.0.1", headers(**said)) == Arrival(remote="10.0.0.1")


def test_of_several_proxies_the_outermost_knows_what_the_client_asked():
    said = headers(
        x_forwarded_for="8.8.8.8, 192.0.2.7, 10.0.0.2",
        x_forwarded_proto="ftp, https, http",
        x_forwarded_host="evil.example, ocean.example.org, inside",
        x_forwarded_prefix="/evil, /halocline, /unit",
    )
    assert PROXIES.arrival("10.0.0.1", said) == Arrival(
        remote="192.0.2.7", scheme="https", host="ocean.example.org", prefix="/halocline"
    )


def test_one_list_may_be_spread_over_several_lines():
    said = CIMultiDict(
        [("X-Forwarded-For", "8.8.8.8"), ("x-forwarded-for", "192.0.2.7"), ("X-Forwarded-For", "10.0.0.2")]
    )
    assert PROXIES.arrival("10.0.0.1", said).remote == "192.0.2.7"


@pytest.mark.parametrize(
    ("said", "arrival"),
    [
        ("for=192.0.2.7;proto=https;host=ocean.example.org", ("192.0.2.7", "https", "ocean.example.org")),
        ('For="[2001:db8::7]:4711"; Proto=http;by=_x', ("2001:db8::7", "http", None)),
        ('for="192.0.2.7:80";host="ocean.example.org:8443"', ("192.0.2.7", None, "ocean.example.org:8443")),
        ("for=192.0.2.7;host=ocean;proto=https, for=10.0.0.2;host=inside;proto=http", ("192.0.2.7", "https", "ocean")),
        ("for=192.0.2.7, for=10.0.0.2;host=ocean;proto=https", ("192.0.2.7", "https", "ocean")),
        ("for=9.9.9.9;host=evil;proto=http, for=192.0.2.7", ("192.0.2.7", None, None)),
        ("for=_hidden;proto=https", ("10.0.0.1", "https", None)),
        ("for=unknown", ("10.0.0.1", None, None)),
        ("proto=https", ("10.0.0.1", "https", None)),
        ("for=192.0.2.7;for=9.9.9.9", ("10.0.0.1", None, None)),
        ("for=2001:db8::7", ("10.0.0.1", None, None)),
        ("for = 192.0.2.7", ("10.0.0.1", None, None)),
        ("192.0.2.7", ("10.0.0.1", None, None)),
        ("", ("10.0.0.1", None, None)),
        # A quotation that a client opens swallows nothing of what the proxy adds.
        ('for="9.9.9.9, for=192.0.2.7', ("192.0.2.7", None, None)),
        ('for=9.9.9.9;x=", for=192.0.2.7;host="ocean"', ("192.0.2.7", None, "ocean")),
        ('for=192.0.2.7;host="a, for=9.9.9.9;x="', ("10.0.0.1", None, None)),
        (r'for=192.0.2.7;host="a, for=9.9.9.9;x=\"b"', ("10.0.0.1", None, None)),
        ("for=9.9.9.9," * 900 + "for=192.0.2.7;proto=https", ("192.0.2.7", "https", None)),
        ("for=" + "9" * 10_000, ("10.0.0.1", None, None)),
    ],
)
def test_the_standard_header_says_the_same_element_by_element(said, arrival):
    remote, scheme, host = arrival
    found = STANDARD.arrival("10.0.0.1", headers(forwarded=said, x_forwarded_for="7.7.7.7", x_forwarded_host="evil"))
    assert found == Arrival(remote=remote, scheme=scheme, host=host)
    assert STANDARD.arrival("192.0.2.66", headers(forwarded=said)) == Arrival(remote="192.0.2.66")


_SAID = st.one_of(st.text(max_size=60), st.text(alphabet='0123456789abcdef.:[],;="\\ for/%', max_size=60))


@given(_SAID, _SAID, _SAID, _SAID)
def test_whatever_is_said_the_caller_is_an_address_and_the_rest_fits_an_address(chain, host, prefix, standard):
    said = headers(x_forwarded_for=chain, x_forwarded_host=host, x_forwarded_prefix=prefix, forwarded=standard)
    for proxies in (PROXIES, STANDARD):
        found = proxies.arrival("10.0.0.1", said)
        assert str(ipaddress.ip_address(found.remote)) == found.remote
        written = f"{found.scheme}{found.host}{found.prefix}"
        assert not set(written) & set(" \r\n\t<>\"'?#@\\")
        assert "//" not in found.prefix
