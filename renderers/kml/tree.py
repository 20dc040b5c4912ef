"""KML as a tree: nothing that a file or a client wrote can break it. Source: OGC 07-147r2; W3C XML 1.0, 2.2."""

import re
from typing import Final
from xml.etree.ElementTree import Element, tostring

NAMESPACE: Final = "http://www.opengis.net/kml/2.2"
CONTENT_TYPE: Final = "application/vnd.google-earth.kml+xml"

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may contain."""


def node(tag: str, *content: Element | str | None, **attributes: str) -> Element:
    """Return an element with children and text, in the order that the schema wants; None is left out."""
    made = Element(tag, {name: _ILLEGAL.sub("\ufffd", value) for name, value in attributes.items()})
    for part in content:
        if isinstance(part, str):
            made.text = _ILLEGAL.sub("\ufffd", part)
        elif part is not None:
            made.append(part)
    return made


def document(*content: Element | None) -> bytes:
    """Write a whole document in UTF-8."""
    tree = node("kml", *content, xmlns=NAMESPACE)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(tree, encoding="unicode").encode()


def number(value: float) -> str:
    """Write a number so that it reads back the same, whole ones without a fraction and none with an exponent."""
    if float(value).is_integer():
        return str(int(value))
    text = repr(float(value))
    return text if "e" not in text else f"{value:.20f}".rstrip("0")
