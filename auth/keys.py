"""The public keys by which an issuer's tokens are verified. Source: RFC 7517 (JWK), 5; RFC 7518 (JWA), 3.4 and 6.2."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from auth.objects import json_object

LARGEST: Final = 256 * 1024
"""Bytes of a set of keys."""
LONGEST_ID: Final = 256
"""Characters of a key's name."""
_MOST: Final = 64
_NESTED: Final = 500
_ALGORITHMS: Final[Mapping[tuple[object, object], str]] = {("EC", "P-256"): "ES256"}
"""By type and curve: the one algorithm a key is for. What is not here is passed over."""


class KeySetError(ValueError):
    """A set of keys cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyingKey:
    """A public key, and what it is for: a token has no say in that (RFC 8725, 3.1)."""

    kid: str
    """By which tokens name it."""
    algorithm: str
    """The only one it is used with, as RFC 7518 names it."""
    key: ECKey


KeySet = Mapping[str, VerifyingKey]
"""Keys by name."""


def parse_jwks(body: bytes) -> KeySet:
    """Read a JWK Set; keys of other types, for other uses or without a name are passed over.

    Raises:
        KeySetError: it is none, it names a key twice, it holds a private key, or there is none of use in it.

    """
    if len(body) > LARGEST:
        raise KeySetError(f"it has {len(body)} bytes, at most {LARGEST} are read")
    try:
        listed = json_object(body, nested=_NESTED).get("keys")
    except ValueError as error:
        raise KeySetError(f"it is not JSON that can be used: {error}") from error
    if not isinstance(listed, list) or len(listed) > _MOST:
        raise KeySetError(f"it is no JWK Set, which has a list `keys`, of at most {_MOST}")
    found: dict[str, VerifyingKey] = {}
    for entry in listed:
        key = _verifying(entry)
        if key is None:
            continue
        if key.kid in found:
            raise KeySetError("two of its keys have one name")
        found[key.kid] = key
    if not found:
        raise KeySetError("it holds no key with a name (kid) on the curve P-256, for ES256")
    return found


def _verifying(entry: object) -> VerifyingKey | None:
    if not isinstance(entry, dict):
        raise KeySetError("one of its keys is no object")
    if "d" in entry:
        raise KeySetError("it holds a private key: that stays with the issuer, and should be replaced now")
    kid, kind = entry.get("kid"), (entry.get("kty"), entry.get("crv"))
    # A type that is no text cannot be looked up.
    algorithm = _ALGORITHMS.get(kind) if all(isinstance(part, str) for part in kind) else None
    if algorithm is None or not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_ID:
        return None
    if entry.get("use", "sig") != "sig" or entry.get("alg", algorithm) != algorithm:
        return None
    try:
        # The numbers alone: what else an entry says of itself is nobody's business.
        key = ECKey.import_key({name: str(entry[name]) for name in ("kty", "crv", "x", "y")})
    except (JoseError, KeyError, ValueError, TypeError):
        return None
    return VerifyingKey(kid=kid, algorithm=algorithm, key=key)
