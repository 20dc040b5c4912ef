"""Opens source files: the only module that reads NetCDF."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import netCDF4
import numpy as np
from numpy.typing import NDArray

from stores.ingest.classic import HeaderError, bytes_needed, is_classic
from stores.ingest.exact import UnsupportedTypeError, attributes_of
from stores.ingest.header import RawFile, RawVariable
from stores.ingest.refusal import Unreadable

_FIRST_READ: Final = 2**16
_HDF5: Final = b"\x89HDF\r\n\x1a\n"

Index = tuple[slice | int, ...]


class Source:
    """One open file."""

    def __init__(self, path: Path) -> None:
        """Open a file for raw reading.

        Raises:
            Unreadable: it is not a whole NetCDF file, or of a kind that is not taken.

        """
        self.name = path.name
        _check_whole(path)
        with _refusing(self.name), warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            self._file = netCDF4.Dataset(path, "r")
        for warning in said:
            self._close_and_refuse(str(warning.message).removeprefix("WARNING: "))
        self._file.set_auto_maskandscale(False)
        self._file.set_auto_chartostring(False)
        filled = [name for name, group in self._file.groups.items() if _has_variables(group)]
        if filled:
            self._close_and_refuse(f"groups of variables are not served yet: {', '.join(filled)}")

    def __enter__(self) -> Self:
        """Return the open file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def raw(self) -> RawFile:
        """Return the header.

        Raises:
            Unreadable: a variable or attribute is of a user-defined type.

        """
        with _refusing(self.name):
            return RawFile(
                name=self.name,
                attributes=attributes_of(self._file),
                dimensions={name: len(dimension) for name, dimension in self._file.dimensions.items()},
                variables={name: _raw_variable(self.name, found) for name, found in self._file.variables.items()},
            )

    def values(self, variable: str) -> NDArray[Any]:
        """Return all of a variable, raw, in native byte order; text as objects.

        Raises:
            Unreadable: the library cannot read it.

        """
        return self.part(variable, ())

    def part(self, variable: str, index: Index) -> NDArray[Any]:
        """Return a part of a variable, raw, in little-endian order; text as objects.

        Raises:
            Unreadable: the library cannot read it.

        """
        with _refusing(self.name, variable):
            found = np.asarray(self._file.variables[variable][index or ...])
        return found.astype(found.dtype.newbyteorder("<"), copy=False) if found.dtype.kind in "iuf" else found

    def _close_and_refuse(self, reason: str) -> None:
        self._file.close()
        raise Unreadable(self.name, reason)


def _has_variables(group: Any) -> bool:
    return bool(group.variables) or any(_has_variables(inner) for inner in group.groups.values())


def _raw_variable(file: str, found: Any) -> RawVariable:
    if found.dtype is not str and not isinstance(found.datatype, np.dtype):
        kind = type(found.datatype).__name__
        raise Unreadable(file, f"variable {found.name} is of a user-defined type ({kind}), which is not taken")
    return RawVariable(
        name=found.name,
        dtype="str" if found.dtype is str else np.dtype(found.dtype).str[1:],
        dimensions=tuple(found.dimensions),
        shape=tuple(int(size) for size in found.shape),
        attributes=attributes_of(found),
    )


@contextmanager
def _refusing(file: str, variable: str = "") -> Iterator[None]:
    """Turn what the library raises into a refusal."""
    what = f"variable {variable} cannot be read" if variable else "it cannot be opened"
    try:
        yield
    except UnsupportedTypeError as error:
        raise Unreadable(file, f"{error}, which is not taken") from error
    except (OSError, RuntimeError, IndexError, AttributeError, TypeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable(file, f"{what}: {reason}") from error


def _check_whole(path: Path) -> None:
    """Refuse what is no NetCDF file, or a classic one that was cut short.

    The library opens the latter without complaint and gives zeros for what is lost.
    """
    try:
        size = path.stat().st_size
        start = _read(path, _FIRST_READ)
    except OSError as error:
        raise Unreadable(path.name, error.strerror or str(error)) from error
    if not size:
        raise Unreadable(path.name, "the file is empty")
    if is_classic(start):
        needed = _needed(path, start)
        if needed > size:
            raise Unreadable(path.name, f"the file is truncated: its header needs {needed} bytes and it has {size}")
    elif _HDF5 not in start and not start.startswith(b"CDF"):
        raise Unreadable(path.name, f"not a NetCDF file: it begins with {start[:16]!r}")


def _needed(path: Path, start: bytes) -> int:
    try:
        return bytes_needed(start)
    except HeaderError:
        try:
            return bytes_needed(_read(path, -1))
        except HeaderError as error:
            raise Unreadable(path.name, f"the file is truncated or damaged: {error}") from error


def _read(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)
