"""Attacks on tokens. Those that are to pass were signed by another implementation."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from auth.caller import Caller
from auth.keys import parse_jwks
from auth.tokens import LONGEST, Expected, TokenError, parse_token, verify
from tests.issuer import ISSUER, Issuer, b64, hmac_signed, rsa_signed

NOW = 1_800_000_000
ONE = Issuer()
KEYS = parse_jwks(ONE.jwks)
EXPECTED = Expected(issuer=ISSUER, audience="demo")


def told(token, keys=KEYS, now=NOW, expected=EXPECTED):
    unverified = parse_token(token)
    if unverified.kid not in keys:
        raise TokenError("no such key")
    return verify(unverified, keys[unverified.kid], expected, now=now)


def test_a_token_in_order_names_its_caller():
    caller = Caller(subject="someone", profiles=frozenset({"major", "registered"}), expires=NOW + 3600.0)
    assert told(ONE.token(NOW)) == caller


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "demo"},
        {"header": {"typ": "AT+JWT"}},
        {"header": {"typ": "application/at+jwt"}},
        {"header": {"unknown": "1"}},
        {"without": ["nbf"]},
        {"without": ["profiles"]},
        {"exp": NOW + 0.5},
        {"sub": "Zoë Ångström"},
    ],
)
def test_what_the_standards_allow_passes(change):
    assert told(ONE.token(NOW, **change)).subject


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"iss": "https://evil.example.org"}, "iss"),
        ({"iss": ISSUER + "/"}, "iss"),
        ({"iss": [ISSUER]}, "iss"),
        ({"without": ["iss"]}, "iss"),
        ({"aud": ["other"]}, "aud"),
        ({"aud": "other"}, "aud"),
        ({"aud": "demonstration"}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": [["demo"]]}, "aud"),
        ({"aud": {"demo": 1}}, "aud"),
        ({"without": ["aud"]}, "aud"),
        ({"header": {"typ": "JWT"}}, "typ"),
        ({"header": {"typ": None}}, "typ"),
        ({"without": ["typ"]}, "typ"),
        ({"header": {"typ": "id+jwt"}}, "typ"),
        ({"header": {"crit": ["exp"]}}, "crit"),
        ({"header": {"crit": []}}, "crit"),
        ({"header": {"crit": ["b64"], "b64": False}}, "crit"),
        ({"header": {"b64": False}}, ""),
        ({"without": ["kid"]}, "kid"),
        ({"header": {"kid": ""}}, "kid"),
        ({"header": {"kid": 1}}, "kid"),
        ({"header": {"kid": ["one"]}}, "kid"),
        ({"header": {"kid": "x" * 257}}, "kid"),
        ({"header": {"alg": "ES384"}}, "alg"),
        ({"header": {"alg": "es256"}}, "alg"),
        ({"header": {"alg": None}}, "alg"),
        ({"header": {"alg": ["ES256"]}}, "alg"),
        ({"without": ["alg"]}, "alg"),
        ({"exp": NOW - 30}, "expired"),
        ({"exp": NOW - 86400}, "expired (exp) at 2027-01-14T08:00:00Z"),
        ({"exp": None}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": "1900000000"}, "exp"),
        ({"exp": 1e300}, "exp"),
        ({"exp": 10**400}, "exp"),
        ({"exp": -1}, "exp"),
        ({"without": ["exp"]}, "exp"),
        ({"iat": NOW + 31}, "iat"),
        ({"without": ["iat"]}, "iat"),
        ({"nbf": NOW + 31}, "nbf"),
        ({"nbf": "soon"}, "nbf"),
        ({"status": "suspended"}, "status"),
        ({"status": True}, "status"),
        ({"without": ["status"]}, "status"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 257}, "sub"),
        ({"sub": "two\nlines"}, "sub"),
        ({"sub": "\ud800"}, "sub"),
        ({"without": ["sub"]}, "sub"),
        ({"profiles": "major"}, "profiles"),
        ({"profiles": ["major", 1]}, "profiles"),
        ({"profiles": {"major": True}}, "profiles"),
        ({"profiles": [""]}, "profiles"),
        ({"profiles": None}, "profiles"),
    ],
)
def test_a_signed_token_that_is_not_for_here_and_now_is_refused(change, says):
    with pytest.raises(TokenError) as refused:
        told(ONE.token(NOW, **change))
    assert says in str(refused.value)
    assert str(refused.value).isascii()


@pytest.mark.parametrize(("name", "last"), [("exp", -29.5), ("iat", 30), ("nbf", 30)])
def test_clocks_may_differ_by_half_a_minute(name, last):
    assert told(ONE.token(NOW, **{name: NOW + last})).subject == "someone"


def test_a_token_for_one_unit_is_refused_at_another():
    token = ONE.token(NOW, aud=["demo"])
    assert told(token).subject
    with pytest.raises(TokenError, match="not for this unit"):
        told(token, expected=Expected(issuer=ISSUER, audience="other"))


def test_a_token_without_a_signature_is_refused():
    head, claims, _ = ONE.token(NOW).split(".")
    for name in ("none", "None", "NONE", "nOnE", ""):
        header = b64(json.dumps({"alg": name, "typ": "at+jwt", "kid": "one"}).encode())
        for token in (f"{header}.{claims}.", f"{header}.{claims}.AA", f"{header}.{claims}"):
            with pytest.raises(TokenError):
                told(token)
    with pytest.raises(TokenError):
        told(f"{head}.{claims}.")


@pytest.mark.parametrize("algorithm", ["HS256", "ES256", "HS512"])
def test_the_public_key_is_no_shared_secret(algorithm):
    for secret in (ONE.pem, ONE.pem.strip(), ONE.jwks, json.dumps(ONE.jwk).encode(), ONE.jwk["x"].encode()):
        with pytest.raises(TokenError):
            told(hmac_signed(secret, ONE.token(NOW), alg=algorithm))


def test_a_key_of_the_attackers_counts_for_nothing_wherever_the_token_puts_it():
    evil = Issuer("one")
    rsa_token, jwk = rsa_signed(ONE.token(NOW), alg="RS256")
    lures = [{"jwk": evil.jwk}, {"jku": "http://127.0.0.1:9/jwks"}, {"x5u": "http://127.0.0.1:9/x"}, {"x5c": ["AAAA"]}]
    for token in [rsa_token, *(evil.token(NOW, header=lure) for lure in [{}, *lures])]:
        with pytest.raises(TokenError):
            told(token)
    # A set with the key of another type under that name has no key of that name.
    with pytest.raises(TokenError):
        told(rsa_token, parse_jwks(json.dumps({"keys": [jwk, Issuer("two").jwk]}).encode()))


def test_where_a_token_points_is_not_looked_at():
    assert told(ONE.token(NOW, header={"jku": "http://127.0.0.1:9/jwks", "jwk": Issuer().jwk})).subject == "someone"


@pytest.mark.parametrize(
    "kid", ["../../etc/passwd", "/dev/null", "' OR 1=1 --", "one\x00", "ONE", "öne", "{one}", "%73"]
)
def test_the_name_of_a_key_is_a_name_and_nothing_else(kid):
    with pytest.raises(TokenError, match="no such key"):
        told(ONE.token(NOW, header={"kid": kid}))


def test_claims_that_were_changed_are_refused():
    head, claims, signature = ONE.token(NOW).split(".")
    other = ONE.token(NOW, profiles=["admin"]).split(".")[1]
    for token in (
        f"{head}.{other}.{signature}",
        f"{head}.{claims}.{signature[:-2]}",
        f"{head}.{claims}.{b64(bytes(64))}",
    ):
        with pytest.raises(TokenError):
            told(token)


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        (b'{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"one"}', None),
        (b'{"alg":"ES256","typ":"at+jwt","kid":"two","kid":"one"}', None),
        (None, b'{"aud":"other","aud":"demo"'),
        (None, b'{"profiles":["a"],"profiles":["admin"]'),
        (b"[]", None),
        (b'"text"', None),
        (b"", None),
        (b"\xff\xfe", None),
        (b"[" * 5000, None),
        (b'{"a":' * 500, None),
        (None, b'{"deep":' + b"[" * 60 + b"]" * 60 + b', "deeper":' + b"[" * 5 + b"]" * 5),
        (None, b'{"exp":NaN'),
        (None, b'{"exp":Infinity'),
        (None, b'{"exp":' + b"9" * 4400),
        (None, b'{"sub":"\xc3"'),
        (None, b"[1]"),
        (None, b"null"),
    ],
)
def test_json_that_two_readers_may_read_otherwise_is_refused_though_it_is_signed(header, claims):
    good = {"iss": ISSUER, "aud": "demo", "sub": "s", "iat": NOW, "exp": NOW + 60, "status": "active"}
    whole = json.dumps(good).encode()
    if claims is not None and claims.startswith(b"{"):
        mine = {name: value for name, value in good.items() if f'"{name}"'.encode() not in claims}
        whole = claims + b"," + json.dumps(mine).encode()[1:]
    elif claims is not None:
        whole = claims
    with pytest.raises(TokenError):
        told(ONE.signed(b'{"alg":"ES256","typ":"at+jwt","kid":"one"}' if header is None else header, whole))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "a.b.c.d.e",
        " ",
        "é.é.é",
        "a b.c.d",
        "a.b.c\n",
        "a.b.\x00",
        "\udcff.a.b",
        "a=.b.c",
        "a+.b/.c",
    ],
)
def test_what_has_not_the_form_of_a_token_is_refused(token):
    with pytest.raises(TokenError):
        told(token)


def test_a_large_token_is_refused_before_it_is_read():
    assert told(ONE.token(NOW, pad="x" * 4000)).subject
    with pytest.raises(TokenError, match=str(LONGEST)):
        parse_token(ONE.token(NOW, pad="x" * LONGEST))
    with pytest.raises(TokenError, match=str(LONGEST)):
        parse_token("." * 10**7)


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}"))
def test_no_text_does_more_than_be_refused(text):
    with pytest.raises(TokenError):
        told(text)


@given(st.binary(max_size=120), st.binary(max_size=120))
def test_no_bytes_that_the_issuer_signed_do_more_than_be_refused(header, claims):
    for token in (ONE.signed(header, b"{}"), ONE.signed(b'{"alg":"ES256","typ":"at+jwt","kid":"one"}', claims)):
        with pytest.raises(TokenError):
            told(token)


# --- sets of keys


def keys_of(*entries, **more):
    return json.dumps({"keys": list(entries)} | more).encode()


def test_only_keys_for_what_is_verified_here_are_taken():
    other = Issuer("two").jwk
    for change in (
        {"use": "enc"},
        {"alg": "ES384"},
        {"kid": None},
        {"kid": ""},
        {"kty": "RSA"},
        {"kty": ["EC"]},
        {"crv": {}},
        {"x": "AA"},
        {"y": 1},
    ):
        assert set(parse_jwks(keys_of(other | change, ONE.jwk))) == {"one"}, change
    nameless = {name: value for name, value in other.items() if name not in ("kid", "use", "alg")}
    assert set(parse_jwks(keys_of(nameless, nameless | {"kid": "three"}, ONE.jwk))) == {"one", "three"}
    off = dict(other, y=other["x"])
    oct_key = {"kty": "oct", "kid": "three", "k": "c2VjcmV0"}
    assert set(parse_jwks(keys_of(off, oct_key, Issuer("4", ec.SECP384R1()).jwk, ONE.jwk))) == {"one"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"[]", "not JSON"),
        (b"{}", "keys"),
        (b'{"keys": {}}', "keys"),
        (b'{"keys": []}', "no key"),
        (b'{"keys": [1]}', "no object"),
        (b'{"keys": [], "keys": []}', "twice"),
        (b"[" * 100_000, "not JSON"),
        (keys_of(ONE.jwk, Issuer("one").jwk), "one name"),
        (keys_of(ONE.jwk | {"d": "AA"}), "private"),
        (keys_of(*[ONE.jwk] * 65), "at most 64"),
        (keys_of(ONE.jwk, pad="x" * 300_000), "bytes"),
    ],
)
def test_a_set_that_cannot_be_meant_is_refused(body, says):
    with pytest.raises(ValueError, match=says):
        parse_jwks(body)
