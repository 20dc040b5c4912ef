"""Where a unit listens: sockets that outlive the processes that take connections from them."""

import contextlib
import ctypes
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.faults import PortTakenError

Sockets = tuple[socket.socket, ...]
"""Those of one place: one for each address that the host has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the process at one place is handed, and the one that replaces it after it."""

    number: int
    sockets: Sockets
    """For clients."""
    among: Sockets = ()
    """One for each place, by which processes speak to each other; none where there is one alone."""


_Address = tuple[int, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
"""Family of addresses, and one of them."""

BACKLOG: Final = 1024
"""Connections that may wait in each socket."""
_ATTACH_FILTER: Final = 26
_DETACH_FILTER: Final = 27
_ATTACH_CHOICE: Final = 51
_NO_BEGINNINGS: Final = (
    (0x30, 0, 0, 13),  # the byte of flags (RFC 9293, 3.1)
    (0x54, 0, 0, 0x12),  # of which SYN and ACK
    (0x15, 0, 1, 0x02),  # if it is SYN alone:
    (0x06, 0, 0, 0),  # drop
    (0x06, 0, 0, 0xFFFF),  # else keep
)
"""Code, jump if true, jump if false, operand.

Source: Linux, Documentation/networking/filter.rst (classic BPF).
"""


_RANDOM: Final = 0xFFFFF000 + 56
"""Where a program finds a random number: `SKF_AD_OFF` and `SKF_AD_RANDOM` of Linux."""


def free_port(host: str, port: int) -> int:
    """Return the port if nobody listens there; 0 chooses one.

    Asked without SO_REUSEPORT, under which a second unit would silently take half of the first one's clients.

    Raises:
        PortTakenError: somebody does.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _taken(host, port, error) from error
        return int(probe.getsockname()[1])


def places_at(host: str, port: int, count: int) -> tuple[Place, ...]:
    """Listen at every address of a host, with sockets of its own for each place.

    Raises:
        PortTakenError: the address cannot be listened at.

    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        addresses = sorted({(family, address) for family, _, _, _, address in found})
        with contextlib.ExitStack() as opened:
            shared, numbers = count > 1, range(count)
            among = tuple(_among(opened) for _ in numbers if shared)
            made = [tuple(_listener(opened, address, shared=shared) for address in addresses) for _ in numbers]
            opened.pop_all()
            return tuple(Place(number=number, sockets=made[number], among=among) for number in numbers)
    except OSError as error:
        raise _taken(host, port, error) from error


def refuse_new(sockets: Iterable[socket.socket]) -> None:
    """Let no further connection begin; those that wait, or are beginning, can still be taken.

    To close a socket resets what waits in it. A client whose first packet is not answered sends it again a second
    later, and is refused then, or finds another process.
    """
    # Where the system cannot do it, a connection may be lost between the last look and the end.
    _attach(sockets, _ATTACH_FILTER, _NO_BEGINNINGS)


def admit_new(sockets: Iterable[socket.socket]) -> None:
    """Take back `refuse_new`: whoever refused has ended without the others."""
    for one in sockets:
        with contextlib.suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, _DETACH_FILTER, 0)


def share_among(places: Sequence[Place], numbers: Sequence[int]) -> None:
    """Let new connections begin only at some of the places: where nobody is they would wait until somebody comes.

    The system knows the sockets of one address by the order in which they began to listen, which is that of the places.
    """
    choice = [(0x20, 0, 0, _RANDOM), (0x94, 0, 0, len(numbers))]  # a random number, modulo how many there are
    for turn, number in enumerate(numbers):
        choice += [(0x15, 0, 1, turn), (0x06, 0, 0, number)]  # if it is this one: that place
    # Where the system cannot do it, and where there is one place alone, they wait.
    _attach(places[0].sockets, _ATTACH_CHOICE, [*choice, (0x06, 0, 0, numbers[0])])


def _attach(sockets: Iterable[socket.socket], how: int, steps: Sequence[tuple[int, int, int, int]]) -> None:
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    program = ctypes.create_string_buffer(code, len(code))
    for one in sockets:
        with contextlib.suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, how, struct.pack("HP", len(steps), ctypes.addressof(program)))


def _listener(opened: contextlib.ExitStack, where: _Address, *, shared: bool) -> socket.socket:
    family, address = where
    made = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        # Else it would take IPv4 too, which has a socket of its own where the host has such an address.
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(address)
    made.listen(BACKLOG)
    return made


def _among(opened: contextlib.ExitStack) -> socket.socket:
    made = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    # A name of the system's own choice, in no folder (unix(7), autobind).
    made.bind("")
    made.listen(BACKLOG)
    return made


def _taken(host: str, port: int, error: OSError) -> PortTakenError:
    cure = "choose another with --port, or stop what listens there"
    return PortTakenError(f"port {port} on {host} is not free ({error.strerror}): {cure}")
