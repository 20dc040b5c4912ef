"""The capabilities of the service: what it offers, and no more than it does.

Source: OGC 06-042, 7.2.4 and annex E.1; OGC 01-068r3, 7.1.4 and annex A.1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, get_args
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from core.crs import OFFERED
from gateway.wms.described import Keyword, StyleInfo
from gateway.wms.fragments import HOLE, WORLD, add_keywords, add_places, add_resource, add_style, systems
from gateway.wms.markup import child, document, legal, optional, root
from gateway.wms.request.formats import LEGENDS, InfoFormat
from gateway.wms.request.parameters import Version
from renderers.images import Format

CONTENT_TYPES: Final[dict[Version, str]] = {"1.1.1": "application/vnd.ogc.wms_xml", "1.3.0": "text/xml"}
"""Of the document."""
EXCEPTIONS: Final[dict[Version, tuple[str, ...]]] = {
    "1.1.1": ("application/vnd.ogc.se_xml", "application/vnd.ogc.se_inimage", "application/vnd.ogc.se_blank"),
    "1.3.0": ("XML", "INIMAGE", "BLANK"),
}
"""What EXCEPTIONS may be, the default first (01-068r3, 6.7.2 and 7.2.3.11; 06-042, 7.3.3.11)."""

_DTD_111: Final = "http://schemas.opengis.net/wms/1.1.1/capabilities_1_1_1.dtd"
_NAMES_130: Final = {
    "xmlns": "http://www.opengis.net/wms",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "xmlns:sld": "http://www.opengis.net/sld",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": (
        "http://www.opengis.net/wms http://schemas.opengis.net/wms/1.3.0/capabilities_1_3_0.xsd "
        "http://www.opengis.net/sld http://schemas.opengis.net/sld/1.1.0/sld_capabilities.xsd"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask."""

    person: str
    organization: str
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceInfo:
    """Who offers the service, and how much of it at once."""

    title: str
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    contact: Contact | None = None
    fees: str = ""
    """Left out where nothing is said."""
    access_constraints: str = ""
    """Left out where nothing is said."""
    max_width: int
    """Pixels."""
    max_height: int
    """Pixels."""
    max_layers: int
    """In one picture."""
    systems: tuple[str, ...] = OFFERED
    """Coordinate reference systems of pictures."""
    styles: tuple[StyleInfo, ...] = ()
    """Of all layers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    """What one document says that another one of the same service and datasets may not."""

    version: Version
    address: str
    """Absolute, of the WMS, as this caller reaches it; may have a query of its own, such as a token."""
    update_sequence: str | None
    """Changes with whatever the document says; None where nothing can be said to."""


def capabilities(service: ServiceInfo, fragments: Iterable[bytes], about: Outer) -> bytes:
    """Join the fragments of datasets (`fragments.dataset_layers`), written for the same version, to a document."""
    tree = _tree(service, about.version, about.update_sequence)
    outer = document(tree, _DTD_111 if about.version == "1.1.1" else "")
    hole, target = HOLE.encode(), escape(legal(prefix(about.address)), {'"': "&quot;"}).encode()
    # The service's addresses come first, then the hole in the outermost layer.
    head, _, tail = outer.rpartition(hole)
    # Piece by piece: megabytes in one go would hold the interpreter, and the event loop with it.
    return b"".join([piece.replace(hole, target) for piece in (head, *fragments, tail)])


def prefix(address: str) -> str:
    """Return an address that parameters can be appended to: it ends in ? or & (06-042, 6.3.3)."""
    if address.endswith(("?", "&")):
        return address
    return address + ("&" if "?" in address else "?")


def _tree(service: ServiceInfo, version: Version, update_sequence: str | None) -> Element:
    numbers = {"version": version} | ({} if update_sequence is None else {"updateSequence": update_sequence})
    if version == "1.3.0":
        tree = root("WMS_Capabilities", {**numbers, **_NAMES_130})
    else:
        tree = root("WMT_MS_Capabilities", numbers)
    _add_service(tree, service, version)
    capability = child(tree, "Capability")
    _add_operations(capability, version)
    exceptions = child(capability, "Exception")
    for written in EXCEPTIONS[version]:
        child(exceptions, "Format", written)
    layer = child(capability, "Layer")
    child(layer, "Title", service.title)
    for name in systems(service.systems, version):
        child(layer, "CRS" if version == "1.3.0" else "SRS", name)
    add_places(layer, WORLD, version, service.systems)
    # Said once: every layer inherits them (06-042, 7.2.4.6.5 and 7.2.4.8; 01-068r3, 7.1.4.5.4).
    for style in service.styles:
        add_style(layer, style, version)
    # The datasets go in here.
    layer[-1].tail = HOLE
    return tree


def _add_service(tree: Element, service: ServiceInfo, version: Version) -> None:
    added = child(tree, "Service")
    child(added, "Name", "WMS" if version == "1.3.0" else "OGC:WMS")
    child(added, "Title", service.title)
    optional(added, "Abstract", service.abstract)
    add_keywords(added, [Keyword(text=word) for word in service.keywords], version)
    add_resource(added, version)
    if service.contact is not None:
        contact = child(added, "ContactInformation")
        primary = child(contact, "ContactPersonPrimary")
        child(primary, "ContactPerson", service.contact.person)
        child(primary, "ContactOrganization", service.contact.organization)
        optional(contact, "ContactElectronicMailAddress", service.contact.email)
    optional(added, "Fees", service.fees)
    optional(added, "AccessConstraints", service.access_constraints)
    if version == "1.3.0":
        child(added, "LayerLimit", str(service.max_layers))
        child(added, "MaxWidth", str(service.max_width))
        child(added, "MaxHeight", str(service.max_height))


def _add_operations(capability: Element, version: Version) -> None:
    request = child(capability, "Request")
    offered: list[tuple[str, Sequence[str]]] = [
        ("GetCapabilities", (CONTENT_TYPES[version],)),
        ("GetMap", get_args(Format)),
        ("GetFeatureInfo", get_args(InfoFormat)),
        # In 1.3.0 it is an operation of the extension for styles (05-078r4, 10).
        ("GetLegendGraphic" if version == "1.1.1" else "sld:GetLegendGraphic", tuple(dict.fromkeys(LEGENDS.values()))),
    ]
    for name, formats in offered:
        added = child(request, name)
        for written in formats:
            child(added, "Format", written)
        http = child(child(added, "DCPType"), "HTTP")
        for method in ("Get", "Post"):
            add_resource(child(http, method), version)
