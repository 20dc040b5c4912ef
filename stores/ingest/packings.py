"""The packing of the variables of a file, as the ingest takes it.

Source: CF Conventions 1.11, 8.1 (packed data).
"""

import re
from typing import Final

import numpy as np

from core.attributes import CHAR, STRING, Attribute, Attributes
from core.packing import Packing, packing_of
from stores.ingest.header import RawFile, RawVariable
from stores.ingest.refusal import Unreadable

_SCALING: Final = ("scale_factor", "add_offset")
_MISSING: Final = ("_FillValue", "missing_value")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


def packing_in(file: RawFile, variable: RawVariable) -> Packing:
    """Return the packing of a numeric variable.

    Raises:
        Unreadable: a packing attribute that matters is not a number; it names the variable.

    """
    return packing_of(np.dtype(variable.dtype), _numbers_for_text(file, variable))


def _numbers_for_text(file: RawFile, variable: RawVariable) -> Attributes:
    """Return the attributes with numbers that were written as text ("0.005") as the numbers they mean."""
    mended = dict(variable.attributes)
    for name in _MISSING:
        if name in mended and mended[name].type in (CHAR, STRING):
            # Text that is no number ("none") is no code that could occur.
            mended[name] = _number(mended[name].text) or mended[name]
    for name in _SCALING:
        if name in mended:
            mended[name] = _scaling(file, variable, name)
    return mended


def _scaling(file: RawFile, variable: RawVariable, name: str) -> Attribute:
    said = variable.attributes[name]
    meant = _number(said.text) if said.type in (CHAR, STRING) else said
    if meant is None:
        reason = f"{name} is no number: {said.text!r}"
    elif meant.numbers.size != 1:
        reason = f"{name} is not one number but {meant.numbers.size}"
    elif not np.isfinite(meant.numbers[0]) or (name == "scale_factor" and not meant.numbers[0]):
        reason = f"{name} is {meant.numbers[0]:g}"
    else:
        return meant
    raise Unreadable(file.name, f"{variable.name}: {reason}", variable.name)


def _number(text: str | None) -> Attribute | None:
    """Return text as the number it means; None where it means none."""
    if text is None or not _NUMBER.fullmatch(text.strip()):
        return None
    return Attribute(type="float64", data=np.float64(text.strip()).astype("<f8").tobytes())
