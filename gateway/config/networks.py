"""Addresses in `config.yaml`: networks whose word is taken, and the address at which clients find the unit."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator

_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(?:/[A-Za-z0-9._~\-]+)*/?", re.ASCII)


def _networks(given: object) -> tuple[IPv4Network | IPv6Network, ...]:
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise ValueError("is a list of networks: [127.0.0.1, 10.0.0.0/24]")
    return tuple(map(_network, given))


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        # A host with the length of a network says either too much or too little.
        raise ValueError(f"{error}: a network is 127.0.0.1, 10.0.0.0/24 or fd00::/8") from error


def _public(address: str) -> str:
    if _ADDRESS.fullmatch(address) is None:
        raise ValueError(f"{address!r} is no address of a unit: https://ocean.example.org/halocline, without ? and #")
    return address


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]
"""Of addresses, in CIDR notation."""
PublicUrl = Annotated[str, AfterValidator(_public)]
"""Absolute address of a unit, with or without a path."""
