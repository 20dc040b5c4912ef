"""What a check has found of the issuer whose tokens a unit is to believe."""

import asyncio
from collections.abc import Iterator

from cli.findings import Finding
from gateway.config.auth import AuthConfig
from gateway.config.file import Config
from gateway.workers import Workers


def issuer_findings(config: Config) -> Iterator[Finding]:
    """Say whose tokens are believed, or why none will be; keys behind HTTP are asked for."""
    if config.auth is None:
        return
    # They bring cryptography, which a check of a unit without an issuer need not wait for.
    from auth.keys import KeySetError, parse_jwks  # noqa: PLC0415

    try:
        keys = parse_jwks(asyncio.run(_read(config.auth)))
    except (OSError, KeySetError) as error:
        yield Finding(kind="not served", text=f"auth.jwks: no token will be believed: {config.auth.shown}: {error}")
        return
    if config.auth.remote and config.auth.jwks.startswith("http:"):
        text = "auth.jwks: whoever can answer in the place of an http: address can make tokens: use https:"
        yield Finding(kind="note", text=text)
    names = f"{len(keys)} key{'' if len(keys) == 1 else 's'}"
    text = f"auth: tokens of {config.auth.issuer} for {config.unit.id} are believed, by {names}"
    yield Finding(kind="note", text=text)


async def _read(config: AuthConfig) -> bytes:
    from gateway.identity.key_sources import key_source  # noqa: PLC0415 -- as above

    workers = Workers(1)
    try:
        return await key_source(config, workers).read()
    finally:
        workers.close()
