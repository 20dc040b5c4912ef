"""How many connections a process can hold: each is a file descriptor, and the store, logs and files need some too."""

import resource
from typing import Final

_RESERVE: Final = 4
"""The part of all descriptors, one in so many, that connections leave to everything else; at most a thousand."""
_MOST_RESERVED: Final = 1000


def raise_limit() -> None:
    """Take as many descriptors as the system lets this process have without being asked: often 1,024 otherwise."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def within(connections: int) -> int:
    """Return how many of `connections` the descriptors of this process suffice for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return connections
    return max(1, min(connections, soft - min(soft // _RESERVE, _MOST_RESERVED)))
