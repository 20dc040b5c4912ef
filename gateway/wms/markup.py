"""XML documents, built as trees: nothing that a file or a client wrote can break them.

Prefixes are written as they stand, not as namespaces: WMS 1.1.1 knows none, and some clients compare tags literally.
Source: W3C XML 1.0 (fifth edition), 2.2 (characters).
"""

import re
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Return `text` with U+FFFD for what no XML document may contain: control characters, lone surrogates."""
    return _ILLEGAL.sub("\ufffd", text)


def root(tag: str, attributes: Mapping[str, str] | None = None) -> Element:
    """Begin a tree."""
    return Element(tag, {name: legal(value) for name, value in (attributes or {}).items()})


def child(parent: Element, tag: str, text: str = "", attributes: Mapping[str, str] | None = None) -> Element:
    """Append an element to `parent`."""
    added = SubElement(parent, tag, {name: legal(value) for name, value in (attributes or {}).items()})
    if text:
        added.text = legal(text)
    return added


def optional(parent: Element, tag: str, text: str | None) -> None:
    """Append an element to `parent` where there is something to say."""
    if text:
        child(parent, tag, text)


def document(tree: Element, doctype: str = "") -> bytes:
    """Write a whole document in UTF-8, with the identifier of its DTD where it has one."""
    declared = f'<!DOCTYPE {tree.tag} SYSTEM "{doctype}">\n' if doctype else ""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + declared.encode() + fragment(tree)


def fragment(tree: Element) -> bytes:
    """Write one element in UTF-8."""
    return tostring(tree, encoding="unicode").encode()
