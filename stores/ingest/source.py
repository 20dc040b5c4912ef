"""Opens source files: the only module that reads NetCDF."""

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import netCDF4
import numpy as np
from numpy.typing import NDArray

from core.attributes import Attribute
from stores.ingest.classic import HeaderError, bytes_needed, is_classic
from stores.ingest.exact import attributes_of
from stores.ingest.hdf5 import SIGNATURE, bytes_stated
from stores.ingest.header import RawFile, RawVariable
from stores.ingest.names import group_of, in_group, resolved
from stores.ingest.refusal import Unreadable

_FIRST_READ: Final = 2**16

_SKIPPED: Final = re.compile(r"(?:variable '(.*)' has )?unsupported .*\bskipping")
"""What the library says of a user-defined type that it does not know, and of a variable of it."""

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
        self._skipped = self._skipped_of([str(warning.message).removeprefix("WARNING: ") for warning in said])
        self._file.set_auto_maskandscale(False)
        self._file.set_auto_chartostring(False)
        self._groups = dict(_groups(self._file, ""))
        self._variables = {
            in_group(path, name): found
            for path, group in self._groups.items()
            for name, found in group.variables.items()
        }

    def __enter__(self) -> Self:
        """Return the open file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def raw(self) -> RawFile:
        """Return the header; what is of a user-defined type is left out, by name.

        Raises:
            Unreadable: the library cannot read it.

        """
        left_out = dict(self._skipped)
        with _refusing(self.name):
            sizes = {
                in_group(path, name): found
                for path, group in self._groups.items()
                for name, found in group.dimensions.items()
            }
            variables = [_raw_variable(path, found, sizes, left_out) for path, found in self._variables.items()]
            groups = {path: _attributes(path, group, left_out) for path, group in self._groups.items()}
        return RawFile(
            name=self.name,
            attributes=groups.pop(""),
            dimensions={path: len(dimension) for path, dimension in sizes.items()},
            variables={variable.name: variable for variable in variables if variable is not None},
            unlimited=tuple(path for path, dimension in sizes.items() if dimension.isunlimited()),
            groups=groups,
            left_out=left_out,
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
            found = np.asarray(self._variables[variable][index or ...])
        return found.astype(found.dtype.newbyteorder("<"), copy=False) if found.dtype.kind in "iuf" else found

    def _skipped_of(self, warnings: list[str]) -> dict[str, str]:
        """Return the variables that the library says it leaves out.

        Raises:
            Unreadable: it warns of anything else.

        """
        skipped = [_SKIPPED.match(warning) for warning in warnings]
        for warning, found in zip(warnings, skipped, strict=True):
            if found is None:
                self._file.close()
                raise Unreadable(self.name, warning)
        return {found[1]: "it is of a user-defined type, which is not taken" for found in skipped if found and found[1]}


def _groups(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield a group and all in it by path, outer ones first."""
    yield path, group
    for name, inner in group.groups.items():
        yield from _groups(inner, in_group(path, name))


def _attributes(path: str, node: Any, left_out: dict[str, str]) -> dict[str, Attribute]:
    found, untaken = attributes_of(node)
    left_out.update({f"{path}:{name}": "an attribute of a user-defined type, which is not taken" for name in untaken})
    return found


def _raw_variable(path: str, found: Any, dimensions: Mapping[str, Any], left_out: dict[str, str]) -> RawVariable | None:
    if found.dtype is not str and not isinstance(found.datatype, np.dtype):
        left_out[path] = f"it is of a user-defined type ({type(found.datatype).__name__}), which is not taken"
        return None
    return RawVariable(
        name=path,
        dtype="str" if found.dtype is str else np.dtype(found.dtype).str[1:],
        # The library gives names; a dimension is that of the nearest group that has one of that name.
        dimensions=tuple(resolved(dimensions, group_of(path), name) or name for name in found.dimensions),
        shape=tuple(int(size) for size in found.shape),
        attributes=_attributes(path, found, left_out),
    )


@contextmanager
def _refusing(file: str, variable: str = "") -> Iterator[None]:
    """Turn what the library raises into a refusal."""
    what = f"variable {variable} cannot be read" if variable else "it cannot be opened"
    try:
        yield
    except (OSError, RuntimeError, IndexError, AttributeError, TypeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable(file, f"{what}: {reason}", variable) from error


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
    elif SIGNATURE not in start and not start.startswith(b"CDF"):
        raise Unreadable(path.name, f"not a NetCDF file: it begins with {start[:16]!r}")
    elif (stated := bytes_stated(start)) is not None and stated > size:
        raise Unreadable(path.name, f"the file is truncated: it should have {stated} bytes and it has {size}")


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
