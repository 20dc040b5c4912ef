"""A netCDF-3 file: what it can hold of a layout, its header, and where each variable lies. No I/O.

All dimensions are fixed, so that each variable lies in one piece and the size is known before any value is.
Source: NetCDF Classic Format Specification (CDF-1, CDF-2), and CDF-5 for variables of 4 GiB and more.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attributes import Attributes
from core.selection.given import Given
from core.selection.layout import Layout
from gateway.writers.narrow import narrow, narrowed

_TYPES: Final[Mapping[str, int]] = {"i1": 1, "S1": 2, "i2": 3, "i4": 4, "f4": 5, "f8": 6}
_ATTRIBUTES: Final[Mapping[str, int]] = {"int8": 1, "char": 2, "int16": 3, "int32": 4, "float32": 5, "float64": 6}
_DIMENSIONS, _VARIABLES, _GLOBALS = 10, 11, 12
_SMALL: Final = 2**31 - 1
"""Greatest offset of CDF-1, and size of one variable."""
_LARGE: Final = 2**32 - 4
"""Greatest size of one variable in CDF-2."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classic:
    """One file, without its values."""

    header: bytes
    variables: tuple[Given, ...]
    """As `Layout.variables`, in types, names and with attributes that the format has."""
    offsets: tuple[int, ...]
    """Where each variable begins."""
    length: int
    """Bytes of the whole file."""

    def span(self, place: int, start: tuple[int, ...], count: int) -> tuple[int, int]:
        """Return where `count` values of the variable at `place` lie, from the one at `start` on in row-major order.

        What comes behind the last value of a variable is part of its span.
        """
        given = self.variables[place]
        first = int(np.ravel_multi_index(start, given.shape)) if start else 0
        begin = self.offsets[place]
        last = first + count == prod(given.shape)
        end = _size(given) if last else (first + count) * given.itemsize
        return begin + first * given.itemsize, begin + end


def encoded(given: Given, values: NDArray[Any]) -> bytes:
    """Return a part of a variable, as the source has it, as it lies in the file, without padding.

    Raises:
        Problem: `invalid_value`: the format cannot hold it.

    """
    if given.dtype == "S1":
        return values.tobytes()
    found = narrowed(values, given)
    return found.astype(found.dtype.newbyteorder(">")).tobytes()


def classic(layout: Layout) -> Classic:
    """Lay a file out."""
    flat = narrow(layout)
    for version in (1, 2, 5):
        writer = _Header(version=version)
        header = writer.file(flat, [0] * len(flat.variables))
        offsets, end = [], len(header)
        for size in map(_size, flat.variables):
            offsets.append(end)
            end += size
        if _fits(version, flat.variables, offsets):
            break
    return Classic(header=writer.file(flat, offsets), variables=flat.variables, offsets=tuple(offsets), length=end)


def _size(given: Given) -> int:
    size = prod(given.shape) * given.itemsize
    return size + -size % 4


def _fits(version: int, variables: tuple[Given, ...], offsets: list[int]) -> bool:
    if version == 5:
        return True
    sizes = [_size(given) for given in variables]
    # The size of the last variable follows from the end of the file.
    large = any(size > (_SMALL if version == 1 else _LARGE) for size in sizes[:-1])
    return not large and (version != 1 or not offsets or offsets[-1] <= _SMALL) and _last_fits(version, sizes)


def _last_fits(version: int, sizes: list[int]) -> bool:
    return not sizes or sizes[-1] <= (_SMALL if version == 1 else _LARGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """Writes headers of one version of the format."""

    version: int

    def file(self, layout: Layout, offsets: list[int]) -> bytes:
        names = list(layout.dimensions)
        dimensions = [self._name(name) + self._count(layout.dimensions[name]) for name in names]
        variables = [
            self._variable(given, [names.index(name) for name in given.dimensions], offset)
            for given, offset in zip(layout.variables, offsets, strict=True)
        ]
        return b"".join(
            [
                b"CDF" + bytes([self.version]),
                self._count(0),
                self._list(_DIMENSIONS, dimensions),
                self._attributes(layout.attributes),
                self._list(_VARIABLES, variables),
            ]
        )

    def _variable(self, given: Given, dimensions: list[int], offset: int) -> bytes:
        size = _size(given)
        begin = struct.pack(">i" if self.version == 1 else ">q", offset)
        # What does not fit is written as the greatest value, and follows from the dimensions.
        shown = size if self.version == 5 or size <= _LARGE else 2**32 - 1
        return b"".join(
            [
                self._name(given.name),
                self._count(len(dimensions)),
                *(self._count(place) for place in dimensions),
                self._attributes(given.attributes),
                struct.pack(">i", _TYPES[given.dtype]),
                self._count(shown),
                begin,
            ]
        )

    def _attributes(self, attributes: Attributes) -> bytes:
        return self._list(_GLOBALS, list(self._each(attributes)))

    def _each(self, attributes: Attributes) -> Iterator[bytes]:
        for name, attribute in attributes.items():
            kind = _ATTRIBUTES[attribute.type]
            if attribute.type == "char":
                data, count = attribute.data, len(attribute.data)
            else:
                numbers = attribute.numbers
                data, count = numbers.astype(numbers.dtype.newbyteorder(">")).tobytes(), numbers.size
            yield self._name(name) + struct.pack(">i", kind) + self._count(count) + data + b"\0" * (-len(data) % 4)

    def _list(self, tag: int, members: list[bytes]) -> bytes:
        # An empty list has no tag either.
        return struct.pack(">i", tag if members else 0) + self._count(len(members)) + b"".join(members)

    def _name(self, name: str) -> bytes:
        text = name.encode("utf-8")
        return self._count(len(text)) + text + b"\0" * (-len(text) % 4)

    def _count(self, count: int) -> bytes:
        return struct.pack(">q" if self.version == 5 else ">I", count)
