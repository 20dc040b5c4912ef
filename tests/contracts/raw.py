"""Values and attributes of NetCDF files to type and byte, through the C library's own calls."""

import ctypes

import netCDF4
import numpy as np

from core.attributes import STRING

LIBRARY = ctypes.CDLL(netCDF4._netCDF4.__file__)
TYPES = {"int8": 1, "char": 2, "int16": 3, "int32": 4, "float32": 5, "float64": 6, "uint8": 7}
TYPES |= {"uint16": 8, "uint32": 9, "int64": 10, "uint64": 11, "string": 12}
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8, 12: 8}
GLOBAL = -1


def raw_values(variable: netCDF4.Variable) -> bytes | list[object]:
    variable.set_auto_maskandscale(False)
    if variable.dtype is not str:
        variable.set_auto_chartostring(False)
    values = np.asarray(variable[...])
    return values.tolist() if values.dtype.kind in "OU" else values.astype(values.dtype.newbyteorder("<")).tobytes()


def raw_attributes(file: netCDF4.Dataset, varid: int) -> dict[str, tuple[int, int, object]]:
    node = file if varid == GLOBAL else next(found for found in file.variables.values() if found._varid == varid)
    found = {}
    for name in node.ncattrs():
        kind, length = ctypes.c_int(), ctypes.c_size_t()
        key = (file._grpid, varid, name.encode())
        assert LIBRARY.nc_inq_att(*key, ctypes.byref(kind), ctypes.byref(length)) == 0
        if kind.value == TYPES["string"]:
            pointers = (ctypes.c_char_p * length.value)()
            assert LIBRARY.nc_get_att(*key, pointers) == 0
            found[name] = (kind.value, length.value, list(pointers))
        else:
            buffer = ctypes.create_string_buffer(max(1, length.value * SIZES[kind.value]))
            assert LIBRARY.nc_get_att(*key, buffer) == 0
            found[name] = (kind.value, length.value, buffer.raw[: length.value * SIZES[kind.value]])
    return found


def put_attribute(file: netCDF4.Dataset, varid: int, name: str, attribute) -> None:
    if attribute.type == STRING:
        put_strings(file, varid, name, [text.encode("utf-8", "surrogateescape") for text in attribute.strings])
        return
    kind = TYPES[attribute.type]
    length = ctypes.c_size_t(len(attribute.data) // SIZES[kind])
    assert LIBRARY.nc_put_att(file._grpid, varid, name.encode(), kind, length, attribute.data) == 0, name


def put_text(file: netCDF4.Dataset, varid: int, name: str, text: bytes) -> None:
    define(file)
    assert LIBRARY.nc_put_att(file._grpid, varid, name.encode(), 2, ctypes.c_size_t(len(text)), text) == 0, name
    if file.data_model != "NETCDF4":
        file._enddef()


def put_strings(file: netCDF4.Dataset, varid: int, name: str, strings: list[bytes]) -> None:
    pointers = (ctypes.c_char_p * len(strings))(*strings)
    length = ctypes.c_size_t(len(strings))
    assert LIBRARY.nc_put_att_string(file._grpid, varid, name.encode(), length, pointers) == 0, name


def define(file: netCDF4.Dataset) -> None:
    if file.data_model != "NETCDF4":
        file._redef()
