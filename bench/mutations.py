"""Changes requests at random, from their meaning down to their bytes; the same seed and number give the same."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from bench.grammar import Asked, asked
from bench.oddities import BODIES, CUTS, HEADERS, METHODS, NUMBERS, ODD

_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request as it goes over the wire."""

    label: str
    raw: bytes
    method: str
    """By which it is known whether the answer has a body."""
    alone: bool
    """Whether it may leave a connection that is of no further use."""


def case(seed: int, number: int, token: str) -> Case:
    """Return a request, always the same for a seed and a number."""
    draw = random.Random(f"{seed} {number}")
    wanted = asked(draw)
    for _ in range(draw.choices((0, 1, 2, 3, 8), (15, 40, 25, 15, 5))[0]):
        draw.choices(list(_CHANGES), list(_CHANGES.values()))[0](draw, wanted)
    raw = _written(draw, wanted).replace(b"TOKEN", token.encode())
    spoiled = draw.random() < 0.03
    if spoiled:
        raw = _spoiled(draw, raw)
    return Case(label=wanted.label, raw=raw, method=wanted.method, alone=spoiled or not _plain(wanted))


def _plain(wanted: Asked) -> bool:
    """Tell whether where the answer ends, and the next one begins, is beyond doubt."""
    return wanted.method in ("GET", "POST", "OPTIONS") and not wanted.body


def _value(draw: random.Random, wanted: Asked) -> None:
    if not wanted.pairs:
        wanted.pairs.append((draw.choice(("TIME", "token", "REQUEST", "var")), draw.choice(ODD)))
        return
    at = draw.randrange(len(wanted.pairs))
    name, value = wanted.pairs[at]
    kind = draw.randrange(6)
    if kind < 2:
        value = draw.choice(ODD)
    elif kind == 2:
        value = _nudged(draw, value)
    elif kind == 3:
        value = draw.choice(wanted.pairs)[1]
    else:
        value = _typed(draw, value)
    wanted.pairs[at] = name, value


def _typed(draw: random.Random, value: str) -> str:
    """Change single characters."""
    at, end = sorted((draw.randint(0, len(value)), draw.randint(0, len(value))))
    sign = draw.choice(" ,;:/.%+-_=&?#<>'\"\\|~0123456789eEPTZx\0\t\n\r\x85\xa0\u2028\u00e9\N{DROPLET}")
    repeated = value[:at] + value[at:end] * 3 + value[end:]
    return draw.choice((value[:at] + sign + value[at:], value[:at] + value[end:], repeated, value[::-1]))


def _nudged(draw: random.Random, value: str) -> str:
    """Change a number within a value."""
    parts = value.split(",")
    at = draw.randrange(len(parts))
    parts[at] = draw.choice(
        (*NUMBERS, f"-{parts[at]}", f"{parts[at]}0", f"{parts[at]}.5", str(draw.uniform(-400, 400)))
    )
    return ",".join(parts)


def _name(draw: random.Random, wanted: Asked) -> None:
    if wanted.pairs:
        at = draw.randrange(len(wanted.pairs))
        name, value = wanted.pairs[at]
        wanted.pairs[at] = (
            draw.choice((name.lower(), name.upper(), name.title(), draw.choice(ODD), "DIM_" + name)),
            value,
        )


def _shape(draw: random.Random, wanted: Asked) -> None:
    """Leave a parameter out, say it twice, or say others as well."""
    kind = draw.randrange(4)
    if kind == 0 and wanted.pairs:
        wanted.pairs.pop(draw.randrange(len(wanted.pairs)))
    elif kind == 1 and wanted.pairs:
        name, _ = draw.choice(wanted.pairs)
        wanted.pairs.insert(draw.randint(0, len(wanted.pairs)), (name, draw.choice(ODD)))
    elif kind == 2:
        wanted.pairs.extend(asked(draw).pairs)
    else:
        draw.shuffle(wanted.pairs)


def _path(draw: random.Random, wanted: Asked) -> None:
    parts = wanted.path.split("/")
    at = draw.randrange(len(parts))
    kind = draw.randrange(4)
    if kind == 0:
        parts[at] = quote(draw.choice(ODD)[:400], safe="%/.", errors="replace")
    elif kind == 1:
        parts.insert(at, draw.choice(("..", ".", "", "%2e%2e", "%00", "%ff", "~x", "a" * 3000)))
    elif kind == 2:
        parts[at] = quote(_typed(draw, parts[at]), safe="%", errors="replace")
    else:
        parts.append(draw.choice(("", "x", "..", "dataset.html")))
    wanted.path = "/".join(parts) or "/"


def _method(draw: random.Random, wanted: Asked) -> None:
    wanted.method = draw.choice(METHODS)


def _header(draw: random.Random, wanted: Asked) -> None:
    name, values = draw.choice(HEADERS)
    wanted.headers.append((name, draw.choice(values)))


def _posting(draw: random.Random, wanted: Asked) -> None:
    wanted.posted, wanted.method = True, "POST"
    if draw.random() < 0.4:
        wanted.body = draw.choice(BODIES)


def _written(draw: random.Random, wanted: Asked) -> bytes:
    """Write a request that is HTTP, whatever it asks for."""
    query = urlencode(wanted.pairs, errors="replace")
    if draw.random() < 0.05:
        query = (
            query.replace("%2C", ",").replace("%2F", "/").replace("%3A", ":").replace("+", draw.choice(("%20", "%")))
        )
        query = "".join(query.split()).replace("\0", "")
    if wanted.posted:
        wanted.method = "POST" if wanted.method == "GET" else wanted.method
        wanted.body = wanted.body or query.encode()
        if not any(name == "Content-Type" for name, _ in wanted.headers):
            wanted.headers.append(("Content-Type", _FORM))
        query = ""
    target = wanted.path + (f"?{query}" if query else "")
    names = {name for name, _ in wanted.headers}
    host = [] if "Host" in names else [("Host", "unit.example")]
    lines = [f"{wanted.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in (*host, *wanted.headers))]
    head = "\r\n".join(lines).encode("utf-8", "replace")
    if not wanted.body:
        return head + b"\r\n\r\n"
    if draw.random() < 0.2:
        parts = b"%x\r\n%b\r\n0\r\n\r\n" % (len(wanted.body), wanted.body)
        return head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + parts
    return head + b"\r\nContent-Length: %d\r\n\r\n" % len(wanted.body) + wanted.body


def _spoiled(draw: random.Random, raw: bytes) -> bytes:
    """Return what may be no HTTP any more."""
    kind, at = draw.randrange(5), draw.randrange(len(raw))
    if kind == 0:
        return raw[:at] + bytes(draw.randrange(256) for _ in range(draw.randint(1, 8))) + raw[at:]
    if kind == 1:
        return raw[:at] + bytes([raw[at] ^ (1 << draw.randrange(8))]) + raw[at + 1 :]
    if kind == 2:
        return raw[:at] + raw[at + draw.randint(1, 20) :]
    if kind == 3:
        return raw.replace(b"\r\n", b"\r\n" + draw.choice(CUTS).encode("latin-1") + b"\r\n", 1)
    return bytes(draw.randrange(256) for _ in range(draw.randint(1, 200))) + b"\r\n\r\n"


_CHANGES: Final[Mapping[Callable[[random.Random, Asked], None], int]] = {
    _value: 40, _name: 8, _shape: 12, _path: 10, _method: 6, _header: 20, _posting: 6,
}  # fmt: skip
"""What may be done to a request, and how often among a hundred times."""
