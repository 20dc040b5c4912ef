"""Keys and tokens made here: for trying a unit, for tests, and for those who have no central system."""

import json
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jwt import encode

from auth.objects import json_object


class KeyFileError(ValueError):
    """A private key cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token is to say."""

    issuer: str
    subject: str
    audience: tuple[str, ...]
    """Ids of the units that it is for."""
    profiles: tuple[str, ...]
    seconds: float
    """From now until it expires."""


def new_key() -> bytes:
    """Make a private key on the curve P-256, named by its thumbprint (RFC 7638), and return it as a JWK."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    return _written(dict(key.as_dict(private=True), use="sig", alg="ES256"))


def public_jwks(private: bytes) -> bytes:
    """Return the JWK Set by which what `private` signs is verified.

    Raises:
        KeyFileError: it is no private key of use.

    """
    key = _private(private)
    return _written({"keys": [dict(key.as_dict(private=False), kid=key.kid, use="sig", alg="ES256")]})


def mint(private: bytes, grant: Grant, *, now: float, number: str) -> str:
    """Sign a token that is valid from `now`, in seconds since 1970-01-01T00:00:00Z; `number` is its own (jti).

    Raises:
        KeyFileError: `private` is no private key of use.

    """
    key = _private(private)
    header = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
    claims = {
        "iss": grant.issuer,
        "sub": grant.subject,
        "aud": list(grant.audience),
        "iat": int(now),
        "nbf": int(now),
        "exp": int(now + grant.seconds),
        "jti": number,
        "profiles": list(grant.profiles),
        "status": "active",
    }
    return encode(header, claims, key, algorithms=["ES256"])


def _private(text: bytes) -> ECKey:
    try:
        entry = json_object(text, nested=8)
        key = ECKey.import_key({name: str(entry[name]) for name in ("kty", "crv", "x", "y", "d", "kid")})
    except (JoseError, KeyError, ValueError, TypeError) as error:
        raise KeyFileError("it is no private JWK on the curve P-256 with a kid") from error
    if key.curve_name != "P-256" or not key.is_private or not key.kid:
        raise KeyFileError("it is no private JWK on the curve P-256 with a kid")
    return key


def _written(entry: dict[str, object]) -> bytes:
    return json.dumps(entry, indent=2).encode("ascii") + b"\n"
