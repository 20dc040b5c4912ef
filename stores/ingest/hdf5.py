"""How many bytes an HDF5 file says that it has, from its superblock.

The library refuses a shorter one with no more than "HDF error". Source: HDF5 File Format Specification 3.0, II.A
("Superblock").
"""

from typing import Final

SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"
_EARLY: Final = (0, 1)
"""Versions of the superblock whose addresses come after a longer head."""


def bytes_stated(start: bytes) -> int | None:
    """Return the end of the file that the superblock at the beginning of `start` states; None where there is none."""
    if not start.startswith(SIGNATURE) or len(start) < 64:
        return None
    version = start[8]
    width = start[13] if version in _EARLY else start[9]
    if version in _EARLY:
        first = 24 + 4 * version
    elif version in (2, 3):
        first = 12
    else:
        return None
    # The base address, one more address, then the end of the file.
    base, end = (int.from_bytes(start[at : at + width], "little") for at in (first, first + 2 * width))
    return base + end
