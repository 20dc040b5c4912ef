"""Callers under other names, which nobody can undo or guess without a secret of the unit's. Source: RFC 2104 (HMAC)."""

import hashlib
import hmac
import logging
import os
import secrets
from pathlib import Path
from typing import Final, Literal

from cachetools import LRUCache

from gateway.accounting.use import day_of
from gateway.faults import ConfigError

_LOG = logging.getLogger(__name__)
_BYTES: Final = 32
_HEX: Final = 2 * _BYTES
_KEPT: Final = 16384
"""Pseudonyms remembered; more than the accounts of a unit in a month."""
_LETTERS: Final = 32
"""Of a pseudonym: 128 bits."""
_OTHERS: Final = 0o077

Lasting = Literal["month", "always"]
"""For how long a caller keeps one pseudonym."""


class Pseudonyms:
    """Names callers by a keyed hash."""

    def __init__(self, secret: bytes, lasting: Lasting) -> None:
        """Take the unit's own secret."""
        self._secret = secret
        self._lasting = lasting
        self._known: LRUCache[tuple[str, str], str] = LRUCache(_KEPT)

    def of(self, subject: str | None, time: float) -> str | None:
        """Return the pseudonym of an account at a time, in seconds since 1970; None of an anonymous caller."""
        if subject is None:
            return None
        period = day_of(time)[:7] if self._lasting == "month" else ""
        found = self._known.get((period, subject))
        if found is None:
            # No period holds a NUL, so no two pairs are one text.
            text = f"{period}\0{subject}".encode("utf-8", "surrogatepass")
            found = hmac.digest(self._secret, text, hashlib.sha256).hex()[:_LETTERS]
            self._known[period, subject] = found
        return found


def secret_of(path: Path) -> bytes:
    """Return the secret that a file holds; where there is no file, make one that its owner alone can read.

    Raises:
        ConfigError: it holds something else. It is not replaced: everybody's pseudonym would change.
        OSError: it can neither be read nor made.

    """
    if not path.exists():
        _make(path)
    text = path.read_bytes().strip()
    try:
        secret = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        secret = b""
    if len(secret) != _BYTES:
        raise ConfigError(
            f"{path}: accounting.secret: it does not hold {_HEX} hexadecimal digits: "
            "put the right file back, or remove it for a new one"
        )
    if path.stat().st_mode & _OTHERS:
        _LOG.warning("%s can be read by others than its owner: whoever has it can tell callers by their names", path)
    return secret


def _make(path: Path) -> None:
    """Make the file whole or not at all; of several processes that do, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        file = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "wb") as new:
            new.write(f"{secrets.token_hex(_BYTES)}\n".encode("ascii"))
            new.flush()
            os.fsync(new.fileno())
        try:
            os.link(own, path)
        except FileExistsError:
            return
    finally:
        own.unlink(missing_ok=True)
