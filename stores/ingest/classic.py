"""How many bytes a classic NetCDF file must have, from its header.

The library opens a file that was cut short and gives zeros or left-over bytes for what is lost, so the size is
compared before anything is believed. Source: NetCDF File Format Specifications, "The Classic Format" (CDF-1, CDF-2,
CDF-5).
"""

from dataclasses import dataclass
from math import prod
from typing import Final

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}
"""Bytes of one value of each external type."""
_STREAMING: Final = {4: 2**32 - 1, 8: 2**64 - 1}


class HeaderError(ValueError):
    """It is not a complete header of a classic file."""


def is_classic(start: bytes) -> bool:
    """Tell whether a file that begins with `start` claims a classic format."""
    return start[:3] == b"CDF" and start[3:4] in (b"\x01", b"\x02", b"\x05")


def bytes_needed(header: bytes) -> int:
    """Return the least size of the whole file; `header` must hold all of the header, and may hold more.

    Raises:
        HeaderError: the header is cut short or contradicts itself.

    """
    if not is_classic(header):
        raise HeaderError("not a classic NetCDF file")
    reader = _Reader(header, header[3])
    records = reader.count()
    lengths = [reader.dimension() for _ in range(reader.list_length())]
    reader.attributes()
    variables = [reader.variable(lengths) for _ in range(reader.list_length())]
    record_size = _record_size(variables)
    streaming = records == _STREAMING[reader.width]
    ends = [reader.at]
    for variable in variables:
        if not variable.record:
            ends.append(variable.begin + variable.size)
        elif records and not streaming:
            ends.append(variable.begin + (records - 1) * record_size + variable.size)
    return max(ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Variable:
    begin: int
    size: int
    record: bool

    @property
    def padded(self) -> int:
        return -(-self.size // 4) * 4


def _record_size(variables: list[_Variable]) -> int:
    # A record variable that is alone is not padded.
    inside = [variable for variable in variables if variable.record]
    return inside[0].size if len(inside) == 1 else sum(variable.padded for variable in inside)


class _Reader:
    """Walks through a header."""

    def __init__(self, header: bytes, version: int) -> None:
        self.header = header
        self.at = 4
        self.width = 8 if version == 5 else 4
        self.offset_width = 4 if version == 1 else 8

    def _integer(self, width: int) -> int:
        if self.at + width > len(self.header):
            raise HeaderError("the header is cut short")
        value = int.from_bytes(self.header[self.at : self.at + width], "big")
        self.at += width
        return value

    def _skip(self, length: int) -> None:
        self.at += -(-length // 4) * 4

    def count(self) -> int:
        return self._integer(self.width)

    def list_length(self) -> int:
        self._integer(4)
        return self.count()

    def dimension(self) -> int:
        self._skip(self.count())
        return self.count()

    def attributes(self) -> None:
        for _ in range(self.list_length()):
            self._skip(self.count())
            size = self._type_size()
            self._skip(self.count() * size)

    def variable(self, lengths: list[int]) -> _Variable:
        self._skip(self.count())
        dimensions = [self.count() for _ in range(self.count())]
        if any(dimension >= len(lengths) for dimension in dimensions):
            raise HeaderError("a variable names a dimension that is not there")
        self.attributes()
        size = self._type_size()
        self.count()  # the size that the file states is capped where it is large, so it is worked out
        begin = self._integer(self.offset_width)
        record = bool(dimensions) and lengths[dimensions[0]] == 0
        shape = [lengths[dimension] for dimension in dimensions]
        return _Variable(begin=begin, size=size * prod(shape[1:] if record else shape), record=record)

    def _type_size(self) -> int:
        kind = self._integer(4)
        if kind not in _SIZES:
            raise HeaderError(f"there is no type {kind}")
        return _SIZES[kind]
