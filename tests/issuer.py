"""An issuer written apart from ours: RFC 7515 by hand, the signatures by cryptography."""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ISSUER = "https://login.example.org"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Issuer:
    """One key on P-256 (or another curve) and what it signs."""

    def __init__(self, kid="one", curve=None):
        self.kid = kid
        self.private = ec.generate_private_key(curve or ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        size = (self.private.key_size + 7) // 8
        self.jwk = {
            "kty": "EC", "crv": "P-256" if curve is None else f"P-{curve.key_size}", "kid": kid, "use": "sig",
            "alg": "ES256", "x": b64(numbers.x.to_bytes(size, "big")), "y": b64(numbers.y.to_bytes(size, "big")),
        }  # fmt: skip

    @property
    def jwks(self) -> bytes:
        return json.dumps({"keys": [self.jwk]}).encode()

    @property
    def pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def signed(self, header: bytes, claims: bytes) -> str:
        text = f"{b64(header)}.{b64(claims)}"
        r, s = decode_dss_signature(self.private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def token(self, now: float, *, header=None, without=(), **claims) -> str:
        """Return a token of one hour that is in order but for what is given, and what is left out."""
        head = {"alg": "ES256", "typ": "at+jwt", "kid": self.kid} | (header or {})
        said = {
            "iss": ISSUER, "aud": ["demo", "other"], "sub": "someone", "iat": now, "nbf": now, "exp": now + 3600,
            "profiles": ["major", "registered"], "status": "active", "jti": "1", "scope": "",
        } | claims  # fmt: skip
        head, said = ({name: part[name] for name in part if name not in without} for part in (head, said))
        return self.signed(json.dumps(head).encode(), json.dumps(said).encode())


def hmac_signed(secret: bytes, token: str, **header) -> str:
    """Return the token signed anew as HS256 with a secret that is none: a public key."""
    head, claims, _ = token.split(".")
    padded = head + "=" * (-len(head) % 4)
    text = f"{b64(json.dumps(json.loads(base64.urlsafe_b64decode(padded)) | header).encode())}.{claims}"
    return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def rsa_signed(token: str, **header) -> tuple[str, dict[str, str]]:
    """Return the token signed anew as RS256 by a key of the attacker's, and that key as a JWK."""
    key = rsa.generate_private_key(65537, 2048)
    head, claims, _ = token.split(".")
    padded = head + "=" * (-len(head) % 4)
    text = f"{b64(json.dumps(json.loads(base64.urlsafe_b64decode(padded)) | header).encode())}.{claims}"
    numbers = key.public_key().public_numbers()
    jwk = {"kty": "RSA", "kid": "one", "e": "AQAB", "n": b64(numbers.n.to_bytes(256, "big"))}
    return f"{text}.{b64(key.sign(text.encode(), PKCS1v15(), hashes.SHA256()))}", jwk
