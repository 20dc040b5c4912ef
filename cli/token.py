"""`halocline token`: keys and tokens of one's own, for trying, for tests, and where there is no central system."""

import argparse
import os
import re
import secrets
import sys
import time
from pathlib import Path
from typing import Final

from cli.codes import DONE
from gateway.faults import ConfigError

EXAMPLES: Final = """examples:
  halocline token --new-key key.json        a private key, and key.jwks.json for the units
  halocline token --key key.json --audience demo --profiles major,registered
  curl -H "Authorization: Bearer $(halocline token --key key.json --audience demo)" http://localhost:8080/wms?...
"""
_ISSUER: Final = "local"
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN: Final = re.compile(r"([1-9][0-9]{0,5})([smhd])", re.ASCII)
_NAME: Final = re.compile(r"[^\s,]{1,256}")


def add_options(command: argparse.ArgumentParser) -> None:
    """Describe the options of the command."""
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--new-key", type=Path, metavar="FILE", help="write a private key, and its public one to FILE's name.jwks.json"
    )
    what.add_argument("--key", type=Path, metavar="FILE", help="private key that signs the token")
    command.add_argument("--audience", type=_names, metavar="UNIT,...", help="ids of the units that it is for")
    command.add_argument("--subject", type=_name, default="me", help="whom it speaks of (default: %(default)s)")
    command.add_argument(
        "--profiles", type=_names, default=(), metavar="NAME,...", help="that the account has (default: none)"
    )
    command.add_argument(
        "--issuer", type=_name, default=_ISSUER, help="as `auth.issuer` of the units names it (default: %(default)s)"
    )
    command.add_argument(
        "--expires", type=_span, default="1h", metavar="SPAN", help="30s, 10m, 1h or 7d from now (default: 1h)"
    )
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Make a key, or print a token.

    Raises:
        ConfigError: it cannot be done as asked.
        OSError: a file cannot be read or written.

    """
    if given.new_key is not None:
        return _make_key(given.new_key, given.issuer)
    if given.audience is None:
        raise ConfigError("say which unit the token is for: --audience UNIT, the unit.id of its configuration")
    # They bring cryptography, which no other command of this module's reader needs.
    from auth.minting import Grant, KeyFileError, mint  # noqa: PLC0415

    grant = Grant(
        issuer=given.issuer,
        subject=given.subject,
        audience=given.audience,
        profiles=given.profiles,
        seconds=given.expires,
    )
    try:
        print(mint(given.key.read_bytes(), grant, now=time.time(), number=secrets.token_hex(16)))
    except KeyFileError as error:
        raise ConfigError(f"{given.key}: {error}: make one with halocline token --new-key") from error
    return DONE


def _make_key(path: Path, issuer: str) -> int:
    """Write a private key to `path`, and beside it the public one; never over what is there."""
    from auth.minting import new_key, public_jwks  # noqa: PLC0415 -- as above

    public = path.with_suffix(".jwks.json")
    key = new_key()
    taken = next((target for target in (path, public) if target.exists()), None)
    if taken is not None:
        raise ConfigError(f"{taken} is there already: choose another name, or remove it first")
    # Others on this machine must not be able to read it, not for a moment.
    for target, text, mode in ((path, key, 0o600), (public, public_jwks(key), 0o644)):
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
            file.write(text)
    print(f"{path}: the private key, which makes tokens: keep it to yourself", file=sys.stderr)
    print(f"{public}: the public one; a unit believes its tokens with, in its configuration:", file=sys.stderr)
    print(f"auth:\n  issuer: {issuer}\n  jwks: {public}")
    return DONE


def _name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no name: up to 256 characters, no space and no comma")
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(_name(part.strip()) for part in text.split(","))


def _span(text: str) -> float:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no span of time: 30s, 10m, 1h or 7d")
    return float(int(found[1]) * _UNITS[found[2]])
