"""`halocline token`: what it makes is read by hand, and believed by a unit."""

import base64
import json
import stat
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from auth.keys import parse_jwks
from auth.tokens import Expected, parse_token, verify
from cli.main import main


def read(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def number(text):
    return int.from_bytes(read(text), "big")


@pytest.fixture
def key(tmp_path, capsys):
    path = tmp_path / "key.json"
    assert main(["token", "--new-key", str(path)]) == 0
    capsys.readouterr()
    return path


def test_a_key_is_made_that_only_its_owner_reads_and_a_public_one_beside_it(tmp_path, capsys):
    path = tmp_path / "key.json"
    assert main(["token", "--new-key", str(path), "--issuer", "me"]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    public = json.loads((tmp_path / "key.jwks.json").read_text())["keys"]
    private = json.loads(path.read_text())
    assert public == [{name: value for name, value in private.items() if name != "d"}]
    curve = ec.SECP256R1()
    derived = ec.derive_private_key(number(private["d"]), curve).public_key().public_numbers()
    assert (derived.x, derived.y) == (number(public[0]["x"]), number(public[0]["y"]))
    told = capsys.readouterr()
    assert told.out == f"auth:\n  issuer: me\n  jwks: {tmp_path / 'key.jwks.json'}\n"
    assert private["d"] not in told.out + told.err


@pytest.mark.parametrize("there", ["key.json", "key.jwks.json"])
def test_a_key_is_never_written_over_what_is_there(tmp_path, capsys, there):
    (tmp_path / there).write_text("precious")
    assert main(["token", "--new-key", str(tmp_path / "key.json")]) == 2
    assert f"{there} is there already" in capsys.readouterr().err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {there: "precious"}


def test_a_token_says_what_was_asked_for_and_is_signed_by_the_key(key, capsys):
    asked = ["--audience", "demo,other", "--subject", "me@example.org", "--profiles", "major, registered"]
    before = int(time.time())
    assert main(["token", "--key", str(key), *asked, "--expires", "2h"]) == 0
    token = capsys.readouterr().out.removesuffix("\n")
    head, claims, signature = token.split(".")
    public = json.loads(key.with_suffix(".jwks.json").read_text())["keys"][0]
    assert json.loads(read(head)) == {"alg": "ES256", "typ": "at+jwt", "kid": public["kid"]}
    said = json.loads(read(claims))
    assert (said["iss"], said["sub"], said["aud"]) == ("local", "me@example.org", ["demo", "other"])
    assert (said["profiles"], said["status"]) == (["major", "registered"], "active")
    assert before <= said["iat"] == said["nbf"] <= time.time()
    assert said["exp"] - said["iat"] == 7200
    numbers = ec.EllipticCurvePublicNumbers(number(public["x"]), number(public["y"]), ec.SECP256R1())
    raw = read(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    numbers.public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


def test_no_two_tokens_have_one_number(key, capsys):
    for _ in range(2):
        main(["token", "--key", str(key), "--audience", "demo"])
    first, second = (json.loads(read(line.split(".")[1]))["jti"] for line in capsys.readouterr().out.split())
    assert first != second


def test_a_unit_believes_it(key, capsys):
    assert main(["token", "--key", str(key), "--audience", "demo", "--profiles", "major"]) == 0
    keys = parse_jwks(key.with_suffix(".jwks.json").read_bytes())
    token = parse_token(capsys.readouterr().out.strip())
    caller = verify(token, keys[token.kid], Expected(issuer="local", audience="demo"), now=time.time())
    assert (caller.subject, caller.profiles) == ("me", {"major"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "no private JWK"),
        (b"{}", "no private JWK"),
        (b"[]", "no private JWK"),
        (b'{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA","kid":"k"}', "no private JWK"),
        (b'{"kty":"RSA","crv":"P-256","x":"AA","y":"AA","d":"AA","kid":"k"}', "no private JWK"),
        (b'{"kty":"oct","k":"AAAA","kid":"k"}', "no private JWK"),
    ],
)
def test_what_is_no_private_key_is_refused_by_name(tmp_path, capsys, text, says):
    path = tmp_path / "key.json"
    path.write_bytes(text)
    assert main(["token", "--key", str(path), "--audience", "demo"]) == 2
    told = capsys.readouterr()
    assert f"{path}: it is {says}" in told.err
    assert told.out == ""


def test_a_public_key_signs_nothing(key, capsys):
    assert main(["token", "--key", str(key.with_suffix(".jwks.json")), "--audience", "demo"]) == 2
    assert "no private JWK" in capsys.readouterr().err


def test_a_token_for_nobody_is_refused(key, capsys):
    assert main(["token", "--key", str(key)]) == 2
    assert "--audience UNIT" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["--key", "a", "--new-key", "b"],
        ["--key", "a", "--expires", "1w"],
        ["--key", "a", "--expires", "0h"],
        ["--key", "a", "--expires", "-1h"],
        ["--key", "a", "--subject", ""],
        ["--key", "a", "--subject", "a b"],
        ["--key", "a", "--profiles", "a,,b"],
        ["--key", "a", "--audience", ","],
    ],
)
def test_options_that_cannot_be_meant_are_refused(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["token", *wrong])
    assert ended.value.code == 2
    assert "halocline token" in capsys.readouterr().err


def test_help_shows_examples(capsys):
    with pytest.raises(SystemExit):
        main(["token", "--help"])
    assert "halocline token --new-key key.json" in capsys.readouterr().out
