"""What has been trouble somewhere: values, headers, methods and bodies of requests."""

import gzip
from typing import Final

ODD: Final = (
    "", " ", ",", ",,,,", "/", "//", "../../etc/passwd", "..%2f..%2fetc/passwd", "ocean/", "/thetao", "%", "%2", "%00",
    "\0", "nan", "inf", "-inf", "1e999", "-0", "1_000", "0x10", "\u0663", "\uff11\uff16", "9" * 5000, "-" + "9" * 400,
    "1e-400", "99999", "NaN,NaN,NaN,NaN", "-1e308,-1e308,1e308,1e308", "0,0,0,0", "179.9999999,0,180,1e-9",
    "4294967296",
    "1e-300,1e-300,2e-300,2e-300", "EPSG:-1", "EPSG:99999999999999999999", "EPSG:4979", "AUTO2:42001,1,0,0",
    "EPSG:2154",
    "urn:ogc:def:crs:EPSG::4326", "0000-00-00", "2015-02-30T00:00:00Z", "9999999-01-01", "-9999-12-31T23:59:59Z",
    "0001-01-01/9999-12-31/PT0.001S", "2015-01-01/2015-01-02/P0D", "current/current/current", "2015-01-01/P99999Y",
    "2015-01-01T12:00:00+99:99", ",".join(["2015-01-02"] * 300), ",".join(["ocean/thetao"] * 40), "P-1D",
    "P1Y2M3DT4H5M6S",
    "<script>alert(1)</script>", "]]>", "&amp;&lt;", "\ud7ff\ufffe\uffff", "\u202e", "a" * 9000, "{}", "${jndi:x}",
    "'; DROP", "\r\nSet-Cookie: a=b", "\x1b[31m", "\N{DROPLET}" * 50, "default-scalar/" + "x" * 65, "0xGGGGGG", "#1",
    "0/0/0", "99/99999/99999", "-1/-1/-1", "16/65535/65535", "2015-01-01T00:00:00.0000000000000001Z", "all,all", "*",
    "=",
    "true,false", "image/png;;;mode=", "text/xml; charset=\xff", "12 parsecs", "PT", "P", "T", "1e309 hours",
    "\x7f" * 9,
)  # fmt: skip
"""Values that have been trouble somewhere."""
METHODS: Final = ("HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "G\xcbT", "CONNECT")
HEADERS: Final = (
    ("If-None-Match", ("*", '"x"', 'W/"x", "y"', '"' + "a" * 9000 + '"', '"', ",,,", '"x" "y"')),
    ("If-Modified-Since", ("Mon, 01 Jan 2035 00:00:00 GMT", "x", "")),
    ("If-Range", ('"x"', "x", "Mon, 01 Jan 2035 00:00:00 GMT", 'W/"x"')),
    ("If-Match", ("*", '"x"')),
    (
        "Range",
        (
            "bytes=0-0",
            "bytes=0-",
            "bytes=-1",
            "bytes=-0",
            "bytes=9-1",
            "bytes=0-1,3-4",
            "x",
            "bytes=99999999999999-",
            "bytes=" + ",".join(["0-1"] * 500),
            "bytes=" + "9" * 5000 + "-",
            "lines=0-1",
            "bytes=\u0663-",
        ),
    ),
    ("Accept-Encoding", ("gzip", "gzip;q=0", "*;q=0", "identity;q=0, *;q=0", "gzip;q=x", "br, deflate", ",;=,", "")),
    ("Accept", ("image/*", "text/html;q=nan", "*/*", "")),
    ("Accept-Language", ("de-DE, x;q=9",)),
    (
        "Authorization",
        (
            "Bearer",
            "Bearer x",
            "Bearer a.b.c",
            "Basic eDp5",
            "Digest x",
            "Bearer TOKEN",
            "Bearer " + "e" * 9000,
            "Bearer eyJhbGciOiJub25lIn0.e30.",
            "",
            "\xff\xfe",
            "Bearer TOKEN TOKEN",
        ),
    ),
    (
        "Host",
        ("", "example.org", "[::1]:80", "x/../y", "a" * 300, 'evil"><x>', "\xff.org", "host:99999999", "a b", "["),
    ),
    ("X-Forwarded-For", ("1.2.3.4", "x, y", "[::1]:x", ", ,", "1.2.3.4" * 200)),
    ("X-Forwarded-Proto", ("https", "javascript", "\xff")),
    ("X-Forwarded-Host", ("evil.example", 'a"b', "")),
    ("X-Forwarded-Prefix", ("/a", "//evil", "a/../..")),
    ("Forwarded", ("for=1.2.3.4;proto=https;host=x", 'for="[', "=;=;", "for=_x;by=_y")),
    ("Origin", ("https://a.example", "null", "x", "https://a.example\x00", "")),
    ("Access-Control-Request-Method", ("GET", "DELETE", "x y")),
    ("Access-Control-Request-Headers", ("authorization", "x" * 5000, ",,")),
    (
        "Content-Type",
        (
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=utf-7",
            "text/xml",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/json",
            ";",
            "\xff/\xff",
            "application/x-www-form-urlencoded; charset=" + "x" * 900,
            "x; charset=\x00",
        ),
    ),
    ("Content-Encoding", ("gzip", "br", "x", "deflate", "gzip, gzip")),
    ("Cookie", ("a=b", "=", "a=\xff")),
    ("Connection", ("close", "Upgrade", "keep-alive, close", "x")),
    ("Upgrade", ("websocket", "h2c")),
    ("User-Agent", ("x" * 9000, "", "\x1b[31m", "\xff")),
    ("X-" + "y" * 200, ("z",)),
)
CUTS: Final = ("Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999", "Transfer-Encoding: chunked",
                "Transfer-Encoding: x", "Content-Length: 0\r\nContent-Length: 1", "\x00: x", "x", ": x", " x: y",
                "Expect: 100-continue", "Expect: 200-maybe", "Content-Length: +3", "Content-Length: 0x3")  # fmt: skip
NUMBERS: Final = (
    "0", "-1", "1e6", "-1e9", "1e-9", "2147483648", "-180.0000001", "90.0000001", "1e308", "-1e-308", "4096", "4097",
)  # fmt: skip
BODIES: Final = (
    b"\xff" * 50, b"%", b"&" * 2000, b"=", b"a=" + b"x" * 2_000_000, b"<xml/>", b"{}", gzip.compress(b"a=b", mtime=0),
)  # fmt: skip
