"""Access tokens: signed claims about a caller.

Source: RFC 7515 (JWS), RFC 7519 (JWT), RFC 8725 (their best practice), RFC 9068 (JWT as access token).
"""

import base64
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, deserialize_compact

from auth.caller import Caller
from auth.keys import LONGEST_ID, VerifyingKey
from auth.objects import json_object

LONGEST: Final = 8192
"""Characters of a token; one of a few profiles has about 400."""
LEEWAY: Final = 30.0
"""Seconds by which the clocks of issuer and unit may differ."""
_SHAPE: Final = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})
_NESTED: Final = 64
_LONGEST_NAME: Final = 256
_LAST: Final = 253402300799.0
"""Seconds since 1970-01-01T00:00:00Z until the end of the year 9999."""


class TokenError(Exception):
    """A token proves nothing; the message says why, in ASCII, and repeats nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the claims of every token have to say."""

    issuer: str
    """Who made it (iss)."""
    audience: str
    """Whom it is for (aud): the unit's own id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """A token that has the form of one."""

    text: str
    kid: str
    """Name of the key that it says it is signed with."""
    algorithm: str
    """That it says it is signed by; believed only where it is the key's own."""


def parse_token(text: str) -> Unverified:
    """Read a token's header, which nobody vouches for; where it points to keys (jku, jwk, x5u, x5c) is not looked at.

    Raises:
        TokenError: it is none that can be verified.

    """
    if len(text) > LONGEST:
        raise TokenError(f"the token has more than {LONGEST} characters")
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise TokenError("the token is no signed JWT: three parts in base64url, joined by dots")
    try:
        header = json_object(_decoded(shape[1]), nested=_NESTED)
    except ValueError as error:
        raise TokenError("the header of the token is not JSON that can be used") from error
    # Whoever does not know what is critical must refuse it (RFC 7515, 4.1.11), and nothing is known here.
    if "crit" in header:
        raise TokenError("the token has critical extensions (crit), of which none is known here")
    kind, kid, algorithm = header.get("typ"), header.get("kid"), header.get("alg")
    # Else a token made to tell a portal who somebody is would do (RFC 8725, 3.11; RFC 9068, 4).
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise TokenError("the token is no access token: its typ is not at+jwt")
    if not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_ID:
        raise TokenError("the token does not name its key (kid)")
    if not isinstance(algorithm, str):
        raise TokenError("the token does not name its algorithm (alg)")
    return Unverified(text=text, kid=kid, algorithm=algorithm)


def verify(token: Unverified, key: VerifyingKey, expected: Expected, *, now: float) -> Caller:
    """Return whom a token speaks of; `now` is in seconds since 1970-01-01T00:00:00Z.

    Raises:
        TokenError: its signature is not that of `key`, or it is not for here and now.

    """
    if token.algorithm != key.algorithm:
        raise TokenError("the algorithm of the token (alg) is not that of its key")
    try:
        # What a header may hold besides is no concern of ours: unknown names are ignored (RFC 7515, 4).
        registry = JWSRegistry(algorithms=[key.algorithm], strict_check_header=False)
        signed = deserialize_compact(token.text, key.key, algorithms=[key.algorithm], registry=registry)
    except (JoseError, ValueError) as error:
        raise TokenError("the signature of the token is not that of its key") from error
    try:
        claims = json_object(signed.payload or b"", nested=_NESTED)
    except ValueError as error:
        raise TokenError("the claims of the token are not JSON that can be used") from error
    _check_audience(claims, expected)
    _check_times(claims, now)
    return _caller(claims)


def _check_audience(claims: dict[str, object], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise TokenError("the token is not of the issuer that this unit trusts (iss)")
    # One text, or a list of them (RFC 7519, 4.1.3).
    named = claims.get("aud")
    if expected.audience not in (named if isinstance(named, list) else [named]):
        raise TokenError(f"the token is not for this unit (aud): {expected.audience} is not in it")


def _check_times(claims: dict[str, object], now: float) -> None:
    if now >= _time(claims, "exp") + LEEWAY:
        raise TokenError(f"the token has expired (exp) at {_shown(_time(claims, 'exp'))}")
    if now < _time(claims, "iat") - LEEWAY:
        raise TokenError(f"the token was issued in the future (iat), at {_shown(_time(claims, 'iat'))}")
    if "nbf" in claims and now < _time(claims, "nbf") - LEEWAY:
        raise TokenError(f"the token is not valid before (nbf) {_shown(_time(claims, 'nbf'))}")


def _caller(claims: dict[str, object]) -> Caller:
    if claims.get("status") != "active":
        raise TokenError("the account is not active (status)")
    subject, profiles = claims.get("sub"), claims.get("profiles", [])
    if not _is_name(subject):
        raise TokenError("the token names no account (sub)")
    if not isinstance(profiles, list) or not all(_is_name(profile) for profile in profiles):
        raise TokenError("the profiles of the token are no list of names")
    return Caller(subject=str(subject), profiles=frozenset(profiles), expires=_time(claims, "exp"))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()


def _time(claims: dict[str, object], name: str) -> float:
    """Return a NumericDate: seconds, which may have a fraction (RFC 7519, 2)."""
    value = claims.get(name)
    # True is a number to Python.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST or math.isnan(value):
        raise TokenError(f"the token has no usable time {name}")
    return float(value)


def _shown(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
