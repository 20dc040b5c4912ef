"""Parameters in the body of a POST: a form, as pages send it. Source: 06-042, 6.3.4; the URL standard, 5.1."""

import asyncio
import codecs
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from core.numbers import shown
from core.problem import Problem
from gateway.identity.port import TOKEN
from gateway.keys import CONFIG

FORM: Final = "application/x-www-form-urlencoded"
_FIELDS: Final = 1000
_ASKS: Final = "100-continue"
_CHARSETS: Final[Mapping[str, str]] = {"utf-8": "utf-8", "ascii": "utf-8", "iso8859-1": "cp1252", "cp1252": "cp1252"}
"""Python's name of what a client may say, and what is read; pages mean windows-1252 where they say ISO 8859-1."""


async def asked_for(_: web.Request) -> None:
    """Leave it to `posted` to ask for the body of a client that waits for that, once it is sure to be read."""


async def posted(request: web.Request) -> tuple[tuple[str, str], ...]:
    """Return the names and values of the form in the body, in their order; an empty body has none.

    Raises:
        Problem: `wrong_body`: it is no form; `invalid_value`: it cannot be read; `invalid_token`; `too_large`.

    """
    most = request.client_max_size
    if (request.content_length or 0) > most:
        raise too_large(most)
    if request.headers.get("Expect", "").lower() == _ASKS:
        # What would be refused in any case need not be sent (RFC 9110, 10.1.1).
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # It is none of the answer's bytes.
        request.writer.output_size = 0
    body = await _body(request)
    if not body:
        return ()
    # Some libraries name no type: what the body is may then be found out from itself (RFC 9110, 8.3).
    if "Content-Type" in request.headers and request.content_type != FORM:
        raise Problem("wrong_body", f"a body of type {shown(request.content_type)} is not read: post {FORM}")
    charset = _charset(request)
    try:
        text = body.decode(charset).strip("\r\n")
        pairs = parse_qsl(text, keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=_FIELDS)
    except UnicodeDecodeError as error:
        raise Problem("invalid_value", f"the form is not valid {charset}") from error
    except ValueError as error:
        raise Problem("invalid_value", f"the form has more than {_FIELDS} parameters") from error
    # Who calls is settled before a body is read, so this caller would be anonymous without knowing it.
    if request.app[CONFIG].auth is not None and any(name.lower() == TOKEN for name, _ in pairs):
        where = "the header Authorization: Bearer TOKEN, or in the address"
        raise Problem("invalid_token", f"a token is not taken from a form: send it in {where}", parameter=TOKEN)
    return tuple(pairs)


def too_large(most: int) -> Problem:
    """Return the refusal of a body of more than `most` bytes."""
    return Problem("too_large", f"the body of a request may have at most {most} bytes")


async def _body(request: web.Request) -> bytes:
    patience = request.app[CONFIG].limits.client_timeout
    try:
        async with asyncio.timeout(patience):
            return await request.read()
    except web.RequestPayloadError as error:
        raise Problem(
            "invalid_value", "the body is not packed, or not divided into chunks, as its headers say"
        ) from error
    except TimeoutError as error:
        raise Problem("invalid_value", f"the body has not come whole within {patience:g} s") from error


def _charset(request: web.Request) -> str:
    given = request.charset or "utf-8"
    try:
        found = _CHARSETS.get(codecs.lookup(given).name)
    except (LookupError, ValueError):
        found = None
    if found is None:
        raise Problem("wrong_body", f"a form in {shown(given)} is not read: post it in utf-8")
    return found
