"""What proxies say of the clients they speak for. Source: RFC 7239; X-Forwarded-* as the common proxies send them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, Literal

from multidict import MultiMapping

Family = Literal["x-forwarded", "forwarded"]
Network = IPv4Network | IPv6Network
HOST: Final = re.compile(r"[A-Za-z0-9._\-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?", re.ASCII)
"""What may stand for the host of an address: a name or a number, perhaps with a port."""
PREFIX: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~\-]+){1,16}", re.ASCII)
"""What may stand before the paths of the unit."""
_LONGEST_PREFIX: Final = 200
_SCHEMES: Final = frozenset({"http", "https"})
_NODE: Final = re.compile(r"([0-9.]{7,15})(?::[0-9]{1,5})?|\[([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?", re.ASCII)
"""An address with or without a port (RFC 7239, 6); `unknown` and hidden names are none."""
_BARE: Final = re.compile(r"[0-9A-Fa-f:.]{2,45}", re.ASCII)
_PAIR: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9\-]*)=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|\"([^\"\\]*)\")\s*", re.ASCII)
_MOST_HOPS: Final = 16
"""Proxies in a row that are looked at: chains are short, and headers may be long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a request came here, as far as those who say so are believed."""

    remote: str | None
    """Address of the caller; None where the connection has none."""
    scheme: str | None = None
    """`http` or `https`, as the client used it; None: as the connection has it."""
    host: str | None = None
    """Host and perhaps port that the client asked; None: as the request says."""
    prefix: str = ""
    """What the client had before the path: empty, or begins with a slash and ends without."""


class Proxies:
    """Believes the headers of some networks, and of one family: the other would be the client's own words.

    A proxy sets or adds to the headers that it knows and passes all others on, so of two families that are both
    read one may be forged.
    """

    def __init__(self, networks: Iterable[Network], family: Family) -> None:
        """Believe the proxies in `networks`."""
        self._networks = tuple(networks)
        self._family = family

    def arrival(self, peer: str | None, headers: MultiMapping[str]) -> Arrival:
        """Tell how a request came here whose connection has `peer` at its other end.

        The caller is the last one in the chain that is no proxy of ours: whatever stands before it is hearsay.
        """
        if not self._networks:
            return Arrival(remote=peer)
        address = _address(peer or "")
        if address is None or not self._trusts(address):
            return Arrival(remote=peer)
        if self._family == "forwarded":
            return self._of_forwarded(address, headers)
        hops = _listed(headers, "X-Forwarded-For")
        remote, believed = self._walk(address, hops)
        return Arrival(
            remote=remote,
            scheme=_scheme(_told(_listed(headers, "X-Forwarded-Proto"), believed)),
            host=_host(_told(_listed(headers, "X-Forwarded-Host"), believed)),
            prefix=_prefix(_told(_listed(headers, "X-Forwarded-Prefix"), believed)),
        )

    def _of_forwarded(self, address: IPv4Address | IPv6Address, headers: MultiMapping[str]) -> Arrival:
        elements = [_element(text) for text in _listed(headers, "Forwarded")]
        remote, believed = self._walk(address, [element.get("for", "") for element in elements])
        # Inner proxies see what the outer one sent them: the outermost that speaks of it knows best.
        near = elements[-believed:]
        return Arrival(
            remote=remote,
            scheme=_scheme(next((element["proto"] for element in near if "proto" in element), None)),
            host=_host(next((element["host"] for element in near if "host" in element), None)),
            # The standard has no word for it.
            prefix=_prefix(_told(_listed(headers, "X-Forwarded-Prefix"), believed)),
        )

    def _walk(self, address: IPv4Address | IPv6Address, hops: Sequence[str]) -> tuple[str, int]:
        """Return the caller, and how many proxies of ours have added to the headers, which is at least one."""
        believed = 0
        for text in reversed(hops):
            believed += 1
            found = _address(text)
            if found is None:
                # The proxy does not say for whom it speaks: all that is known is the proxy.
                break
            address = found
            if not self._trusts(address):
                break
        return str(address), max(believed, 1)

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)


def _listed(headers: MultiMapping[str], name: str) -> list[str]:
    """Return the last members of a list that may be spread over several lines (RFC 9110, 5.3).

    Commas part members even between quotes: nothing that is read here has one, and a quote that a client opens
    cannot swallow what a proxy adds.
    """
    text = ",".join(headers.getall(name, ()))
    return [part.strip(" \t") for part in text.rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]] if text else []


def _told(values: Sequence[str], believed: int) -> str | None:
    """Return what the outermost proxy of ours says, whether each adds to the list or one sets it."""
    return values[max(0, len(values) - believed)] if values else None


def _element(text: str) -> Mapping[str, str]:
    """Return the parameters of one element of Forwarded; none where it is not well-formed (RFC 7239, 4)."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        match = _PAIR.fullmatch(part)
        if match is None or match[1].lower() in found:
            return {}
        found[match[1].lower()] = match[2] or match[3] or ""
    return found


def _address(text: str) -> IPv4Address | IPv6Address | None:
    match = _NODE.fullmatch(text)
    bare = (match[1] or match[2]) if match else text
    if _BARE.fullmatch(bare) is None:
        return None
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    # A socket for both kinds shows the old one within the new one.
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _scheme(text: str | None) -> str | None:
    found = (text or "").lower()
    return found if found in _SCHEMES else None


def _host(text: str | None) -> str | None:
    return text if text is not None and HOST.fullmatch(text) else None


def _prefix(text: str | None) -> str:
    found = (text or "").rstrip("/")
    return found if len(found) <= _LONGEST_PREFIX and PREFIX.fullmatch(found) else ""
