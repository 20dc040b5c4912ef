"""Sockets that outlive who takes connections from them."""

import select
import socket

import pytest

from gateway.faults import PortTakenError
from gateway.sockets import admit_new, free_port, places_at, refuse_new, share_among


@pytest.fixture
def three():
    """Return three places on one port, at both addresses of the computer itself where it has two."""
    made = places_at("localhost", free_port("localhost", 0), 3)
    yield made
    for place in made:
        for one in (*place.sockets, place.among[place.number]):
            one.close()


@pytest.fixture
def places():
    """Return what listens at two places on one port."""
    made = places_at("127.0.0.1", free_port("127.0.0.1", 0), 2)
    yield [place.sockets for place in made]
    for place in made:
        for one in (*place.sockets, place.among[place.number]):
            one.close()


def test_each_place_has_its_own_socket_on_one_port(places):
    assert len({one.fileno() for place in places for one in place}) == 2
    assert len({one.getsockname() for place in places for one in place}) == 1


def test_a_name_is_listened_at_by_each_of_its_addresses():
    found = socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    (place,) = places_at("localhost", free_port("localhost", 0), 1)
    assert {one.getsockname()[0] for one in place.sockets} == {address[0] for *_, address in found}
    for one in place.sockets:
        one.close()


@pytest.mark.parametrize("count", [1, 2])
def test_a_port_that_somebody_listens_at_is_said(count):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} on 127.0.0.1 is not free"):
            free_port("127.0.0.1", port)
        with pytest.raises(PortTakenError, match="choose another"):
            places_at("127.0.0.1", port, count)


def test_who_waits_can_still_be_taken_while_nobody_else_can_begin(places):
    address = places[0][0].getsockname()
    everywhere = [one for place in places for one in place]
    waiting = [socket.create_connection(address) for _ in range(8)]
    refuse_new(everywhere)
    with pytest.raises(TimeoutError):
        socket.create_connection(address, timeout=0.3)
    for client in waiting:
        client.sendall(b"asked")
    taken = []
    for one in everywhere:
        one.setblocking(False)
        while True:
            try:
                taken.append(one.accept()[0])
            except BlockingIOError:
                break
    assert [connection.recv(5) for connection in taken] == [b"asked"] * 8
    admit_new(everywhere)
    waiting.append(socket.create_connection(address, timeout=5))
    for client in (*waiting, *taken):
        client.close()


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 2), (1, 2), (0, 1, 2)])
def test_connections_begin_only_where_somebody_is(three, numbers):
    # What is there now decides, not what was there before.
    share_among(three, (0, 1))
    share_among(three, numbers)
    for listening in zip(*(place.sockets for place in three), strict=True):
        clients = [socket.create_connection(listening[0].getsockname()[:2]) for _ in range(60)]
        assert [number for number, one in enumerate(listening) if waits(one)] == list(numbers)
        for client in clients:
            client.close()


def test_one_place_alone_has_them_all():
    (place,) = places_at("127.0.0.1", free_port("127.0.0.1", 0), 1)
    share_among([place], (0,))
    with socket.create_connection(place.sockets[0].getsockname()):
        assert waits(place.sockets[0])
    place.sockets[0].close()


def waits(listening):
    """Tell whether a connection waits to be taken."""
    return bool(select.select([listening], [], [], 0)[0])
