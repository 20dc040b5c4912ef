"""Writes one netCDF-4 file: runs in a process of its own, for HDF5 has one lock per process.

Attributes are written through the C library's own call, which alone keeps their type and bytes.
"""

import ctypes
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any, Final

import netCDF4
import netCDF4._netCDF4 as binding
import numpy as np
from numpy.typing import NDArray

from core.attributes import CHAR, STRING, Attribute, Attributes
from core.selection.given import Given
from core.selection.layout import Layout, chunk_shape
from gateway.writers.hdf5_options import Hdf5Options
from gateway.writers.narrow import narrow

_GLOBAL: Final = -1
_TYPES: Final[Mapping[str, int]] = {
    "int8": 1,
    CHAR: 2,
    "int16": 3,
    "int32": 4,
    "float32": 5,
    "float64": 6,
    "uint8": 7,
    "uint16": 8,
    "uint32": 9,
    "int64": 10,
    "uint64": 11,
}
"""NetCDF's external types."""
_CACHE: Final = 2**25
"""Bytes of chunks that are kept while their rows are filled, at most."""
_CHUNKED: Final = 2**12
"""Bytes from which on a variable is compressed."""


class Hdf5File:
    """One file that is being written."""

    def __init__(self, path: Path, layout: Layout, options: Hdf5Options) -> None:
        """Make the file without any value.

        Raises:
            OSError: it cannot be written.

        """
        self._narrow = options.model == "NETCDF4_CLASSIC"
        self._layout = narrow(layout) if self._narrow else layout
        self._names = [given.name for given in layout.variables if given.dtype != "str" or not self._narrow]
        self._file = netCDF4.Dataset(path, "w", format=options.model, auto_complex=False)
        self._put(self._file, _GLOBAL, self._layout.attributes)
        for path_, attributes in self._layout.groups.items():
            self._put(self._file.createGroup(path_), _GLOBAL, attributes)
        for name, size in self._layout.dimensions.items():
            group, short = self._inside(name)
            group.createDimension(short, None if name in self._layout.unlimited and not self._narrow else size)
        self._variables = [self._made(given, options) for given in self._layout.variables]
        self._file.set_auto_maskandscale(False)
        self._file.set_auto_chartostring(False)

    def write(self, name: str, start: tuple[int, ...], values: NDArray[Any]) -> None:
        """Write a part of the variable that the source calls `name`, in the type that it has in the file.

        Raises:
            OSError, RuntimeError: it cannot be written.
            ValueError: the format cannot hold it.

        """
        if name not in self._names:
            return
        place = self._names.index(name)
        where = tuple(slice(first, first + length) for first, length in zip(start, values.shape, strict=True))
        self._variables[place][where or ...] = values

    def close(self) -> None:
        """Finish the file.

        Raises:
            OSError, RuntimeError: it cannot be written.

        """
        self._file.close()

    def _inside(self, path: str) -> tuple[Any, str]:
        group, _, short = path.rpartition("/")
        return (self._file.createGroup(group) if group else self._file), short

    def _made(self, given: Given, options: Hdf5Options) -> Any:
        group, short = self._inside(given.name)
        chunks = chunk_shape(given) if given.shape and all(given.shape) else None
        packed = given.dtype != "str" and chunks is not None and prod(given.shape) * given.itemsize >= _CHUNKED
        attributes = dict(_of_own_type(given))
        # The classic model has it settled when the variable is made.
        fill = attributes.pop("_FillValue", None) if self._narrow else None
        made = group.createVariable(
            short,
            str if given.dtype == "str" else given.dtype,
            [name.rpartition("/")[2] for name in given.dimensions],
            compression="zlib" if packed and options.deflate else None,
            complevel=options.deflate or None,
            shuffle=options.shuffle,
            chunksizes=chunks if packed else None,
            fill_value=None if fill is None else given.fill,
        )
        if packed and chunks is not None:
            # Rows are written as they are read: chunks wait until theirs are all there.
            row = prod(chunks) * -(-given.shape[-1] // chunks[-1]) * given.itemsize
            made.set_var_chunk_cache(size=min(_CACHE, 2 * row), nelems=1009, preemption=1.0)
        self._put(group, int(made._varid), attributes)  # noqa: SLF001 -- no public name
        return made

    def _put(self, group: Any, variable: int, attributes: Attributes) -> None:
        library = ctypes.CDLL(binding.__file__)  # its names include those of what it links
        if self._narrow:
            # The classic model tells defining from writing.
            library.nc_redef(int(group._grpid))  # noqa: SLF001 -- no public name
        for name, attribute in attributes.items():
            key = (int(group._grpid), variable, name.encode())  # noqa: SLF001 -- no public name
            status = _put_one(library, key, attribute)
            if status:
                raise OSError(f"attribute {name} cannot be written (NetCDF error {status})")
        if self._narrow:
            library.nc_enddef(int(group._grpid))  # noqa: SLF001 -- no public name


def _put_one(library: ctypes.CDLL, key: tuple[int, int, bytes], attribute: Attribute) -> int:
    if attribute.type == STRING:
        texts = [text.encode("utf-8", "surrogateescape") for text in attribute.strings]
        pointers = (ctypes.c_char_p * len(texts))(*texts)
        return int(library.nc_put_att_string(*key, ctypes.c_size_t(len(texts)), pointers))
    size = 1 if attribute.type == CHAR else np.dtype(attribute.type).itemsize
    length = ctypes.c_size_t(len(attribute.data) // size)
    return int(library.nc_put_att(*key, _TYPES[attribute.type], length, attribute.data))


def _of_own_type(given: Given) -> Attributes:
    """Return the attributes with `_FillValue` in the type of the variable: the library takes no other."""
    said = given.attributes.get("_FillValue")
    own = CHAR if given.dtype == "S1" else STRING if given.dtype == "str" else np.dtype(given.dtype).name
    if said is None or said.type == own:
        return given.attributes
    bare = {name: value for name, value in given.attributes.items() if name != "_FillValue"}
    if own in (CHAR, STRING) or said.numbers.size != 1:
        return bare
    with np.errstate(all="ignore"):
        cast = said.numbers.astype(np.dtype(given.dtype).newbyteorder("<"))
    if cast[0] != said.numbers[0] and cast.dtype.kind != "f":
        return {"missing_value": said, **bare}
    return {**given.attributes, "_FillValue": Attribute(type=own, data=cast.tobytes())}
