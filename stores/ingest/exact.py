"""Attributes of an open NetCDF file, exact to type and byte.

netCDF4-python decodes text with replacement characters, drops NULs and gives one `str` for both characters and a
single string. So the library that it has loaded is asked directly. Source: NetCDF-C, `nc_inq_att`, `nc_get_att`.
"""

import ctypes
from typing import Any, Final

import netCDF4
import netCDF4._netCDF4 as binding
import numpy as np

from core.attributes import CHAR, STRING, Attribute

GLOBAL: Final = -1
"""NC_GLOBAL: the file's own attributes."""
_NC_CHAR: Final = 2
_NC_STRING: Final = 12
_NUMBERS: Final = {
    1: "int8",
    3: "int16",
    4: "int32",
    5: "float32",
    6: "float64",
    7: "uint8",
    8: "uint16",
    9: "uint32",
    10: "int64",
    11: "uint64",
}
"""NetCDF's external types."""


def attributes_of(node: Any) -> tuple[dict[str, Attribute], tuple[str, ...]]:
    """Return the attributes of an open `netCDF4.Dataset`, `Group` or `Variable`, in file order.

    Also the names of those that are of a compound, enum, vlen or opaque type, which have no form here.

    Raises:
        OSError: one cannot be read.

    """
    library = ctypes.CDLL(binding.__file__)  # its names include those of what it links
    variable = int(node._varid) if isinstance(node, netCDF4.Variable) else GLOBAL  # noqa: SLF001 -- no public name
    group = int(node._grpid)  # noqa: SLF001 -- no public name
    found = {name: _attribute(library, (group, variable, name.encode())) for name in node.ncattrs()}
    taken = {name: attribute for name, attribute in found.items() if attribute is not None}
    return taken, tuple(name for name in found if name not in taken)


def _attribute(library: ctypes.CDLL, key: tuple[int, int, bytes]) -> Attribute | None:
    kind, length = ctypes.c_int(), ctypes.c_size_t()
    _check(library.nc_inq_att(*key, ctypes.byref(kind), ctypes.byref(length)), key)
    if kind.value == _NC_STRING:
        return _strings(library, key, length.value)
    name = CHAR if kind.value == _NC_CHAR else _NUMBERS.get(kind.value)
    if name is None:
        return None
    dtype = np.dtype("uint8") if name == CHAR else np.dtype(name)
    values = np.empty(length.value, dtype=dtype)
    if length.value:
        _check(library.nc_get_att(*key, values.ctypes.data_as(ctypes.c_void_p)), key)
    return Attribute(type=name, data=values.astype(dtype.newbyteorder("<")).tobytes())


def _strings(library: ctypes.CDLL, key: tuple[int, int, bytes], length: int) -> Attribute:
    pointers = (ctypes.c_char_p * length)()
    _check(library.nc_get_att(*key, pointers), key)
    # surrogateescape keeps bytes that are not UTF-8, so that they can be written again.
    strings = tuple((text or b"").decode("utf-8", "surrogateescape") for text in pointers)
    library.nc_free_string(ctypes.c_size_t(length), pointers)
    return Attribute(type=STRING, strings=strings)


def _check(status: int, key: tuple[int, int, bytes]) -> None:
    if status:
        raise OSError(f"attribute {key[2].decode()} cannot be read (NetCDF error {status})")
