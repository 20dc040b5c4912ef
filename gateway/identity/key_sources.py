"""Where the keys of an issuer come from: its address, with a copy on disk, or a file."""

import json
import os
import tempfile
from pathlib import Path
from typing import Final

import aiohttp

from auth.keys import LARGEST
from auth.objects import json_object
from gateway.config.auth import AuthConfig
from gateway.identity.issuer_keys import KeySource
from gateway.workers import Workers

_TIMEOUT: Final = aiohttp.ClientTimeout(total=5.0)
_OK: Final = 200


class KeyAddress:
    """Keys behind HTTP."""

    every = 600.0
    least = 30.0

    def __init__(self, config: AuthConfig) -> None:
        """Ask at the address of `config`."""
        self._url, self._shown = config.jwks, config.shown
        # A copy of another issuer's keys is not to be believed after the configuration was changed.
        self._names = {"issuer": config.issuer, "jwks": config.jwks}
        self._copy = Path(config.jwks_copy)

    def kept(self) -> bytes | None:
        """Return the copy on disk, if it is of this issuer's keys."""
        try:
            # The set of keys is a text in the copy, so a few names are all it has.
            copy = json_object(self._copy.read_bytes(), nested=2 * LARGEST)
        except FileNotFoundError:
            return None
        body = copy.pop("body", None)
        return body.encode() if isinstance(body, str) and copy == self._names else None

    async def read(self) -> bytes:
        """Ask for the keys; redirections are not followed, for who may say what keys count is configured."""
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.get(self._url, allow_redirects=False) as answer,
            ):
                if answer.status != _OK:
                    raise OSError(f"{self._shown}: status {answer.status}")
                # One byte more than can be used tells that there are more.
                body = bytearray()
                while len(body) <= LARGEST and (piece := await answer.content.read(LARGEST + 1 - len(body))):
                    body += piece
                return bytes(body)
        except TimeoutError as error:
            raise OSError(f"{self._shown}: no answer within {_TIMEOUT.total:g} seconds") from error
        except ValueError as error:
            # Of names of hosts and users that cannot be sent. Their own messages may repeat the address.
            raise OSError(f"{self._shown}: it is no address that can be asked") from error
        except aiohttp.ClientResponseError as error:
            raise OSError(f"{self._shown}: the answer is no HTTP that can be read: {error.message}") from error
        except aiohttp.ClientError as error:
            raise OSError(f"{self._shown}: {error}") from error

    def keep(self, body: bytes) -> None:
        """Write the copy; who reads it meanwhile finds the one before, whole."""
        text = json.dumps({**self._names, "body": body.decode()})
        self._copy.parent.mkdir(parents=True, exist_ok=True)
        # Each process of the unit writes one.
        handle, name = tempfile.mkstemp(dir=self._copy.parent, prefix=f".{self._copy.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(self._copy)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


class KeyFile:
    """Keys in a file, which is read again and again: it is small, and time stamps may stay when it changes."""

    every = 2.0
    least = 1.0

    def __init__(self, path: Path, workers: Workers) -> None:
        """Read `path`, in `workers`: a network file system may hang."""
        self._path, self._workers = path, workers

    def kept(self) -> None:
        """Return nothing: it is read at once."""

    async def read(self) -> bytes:
        """Read the file."""
        return await self._workers.run(self._read)

    def keep(self, body: bytes) -> None:
        """Do nothing: it is kept by being a file."""

    def _read(self) -> bytes:
        with self._path.open("rb") as file:
            return file.read(LARGEST + 1)


def key_source(config: AuthConfig, workers: Workers) -> KeySource:
    """Return where the keys of the configured issuer come from."""
    return KeyAddress(config) if config.remote else KeyFile(Path(config.jwks), workers)
