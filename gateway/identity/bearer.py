"""Tells callers by their tokens: verified once, then looked up."""

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from cachetools import LRUCache

from auth.caller import ANONYMOUS, Caller
from auth.keys import KeySet
from auth.tokens import Expected, TokenError, parse_token, verify
from core.problem import Problem
from gateway.config.auth import AuthConfig
from gateway.identity.issuer_keys import IssuerKeys, KeysUnknownError
from gateway.identity.key_sources import key_source
from gateway.identity.port import TOKEN, presented
from gateway.workers import Workers

Background = Callable[[web.Application], AsyncIterator[None]]

_REMEMBERED: Final = 4096
"""Tokens, about 1 kB each."""
_LONGEST: Final = 60.0
"""Seconds for which a token that was verified is believed without another look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verified:
    caller: Caller
    until: float
    keys: KeySet
    """By which it was verified: once they are others, it is verified anew."""


def bearer(config: AuthConfig, unit: str) -> tuple["Bearer", Background]:
    """Return what tells the callers of a unit, by its id, and what has to run beside it."""
    workers = Workers(1)
    keys = IssuerKeys(key_source(config, workers), workers)
    return Bearer(Expected(issuer=config.issuer, audience=unit), keys), keys.background


class Bearer:
    """Settles who calls by the tokens of one issuer."""

    def __init__(self, expected: Expected, keys: IssuerKeys, clock: Callable[[], float] = time.time) -> None:
        """Believe tokens that say what is `expected` and are signed by `keys`; `clock` gives seconds since 1970."""
        self._expected = expected
        self._keys = keys
        self._clock = clock
        # By digest, so that no token lies in memory longer than its request.
        self._verified: LRUCache[bytes, _Verified] = LRUCache(_REMEMBERED)

    async def caller(self, request: web.Request) -> Caller:
        """Return who makes a request; nobody who sends a token is taken for anonymous."""
        token = presented(request)
        if token is None:
            return ANONYMOUS
        now = self._clock()
        # Not SHA-256, which OpenSSL does: amid a request, when its code is not at hand, that takes twice as long.
        digest = hashlib.blake2b(token.encode("utf-8", "surrogateescape"), digest_size=32).digest()
        found = self._verified.get(digest)
        if found is not None and now < found.until and found.keys is self._keys.now:
            return found.caller
        caller, keys = await self._told(token)
        until = min(caller.expires or 0.0, now + _LONGEST)
        self._verified[digest] = _Verified(caller=caller, until=until, keys=keys)
        return caller

    async def _told(self, token: str) -> tuple[Caller, KeySet]:
        try:
            unverified = parse_token(token)
            keys = self._keys.now
            if unverified.kid not in keys:
                keys = await self._keys.look_for(unverified.kid)
            # The clock again: the issuer may have taken seconds to answer.
            return verify(unverified, keys[unverified.kid], self._expected, now=self._clock()), keys
        except TokenError as error:
            raise Problem("invalid_token", str(error), parameter=TOKEN) from error
        except KeyError as error:
            message = "the issuer has no key by the name that the token gives (kid)"
            raise Problem("invalid_token", message, parameter=TOKEN) from error
        except KeysUnknownError as error:
            message = "the token cannot be verified now, for the keys of its issuer cannot be had: try again"
            raise Problem("busy", message, parameter=TOKEN) from error
