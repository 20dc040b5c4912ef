"""What values a field has, file by file, so that replacing a file changes what it contributed and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.dataset import Statistics
from core.packing import Packing

_LEVELS: Final = (1.0, 2.0, 5.0, 25.0, 50.0, 75.0, 95.0, 98.0, 99.0)
"""Percentiles kept of each file."""
_SAMPLE: Final = 65536
"""Values of one part that percentiles are worked out from, at most."""
_LOW: Final = 0.02
_HIGH: Final = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one part of a file, or all of it, holds of one field: valid, finite, unpacked values."""

    minimum: float
    maximum: float
    count: int
    quantiles: tuple[float, ...]
    """At the percentiles 1, 2, 5, 25, 50, 75, 95, 98, 99; of a sample."""


def contribution(codes: NDArray[Any], packing: Packing) -> Contribution | None:
    """Sum up a part of a field, packed codes of any shape; None without any valid value."""
    valid = codes[~packing.is_missing(codes)]
    with np.errstate(over="ignore", invalid="ignore"):
        if codes.dtype.kind == "f" or not np.isfinite(packing.unpack(_ends(valid))).all():
            valid = valid[np.isfinite(packing.unpack(valid))]
    if not valid.size:
        return None
    # Scaling keeps or turns the order: the extremes of the codes are those of the values.
    ends = packing.unpack(_ends(valid))
    # An odd stride does not fall in step with rows.
    sample = packing.unpack(valid[:: max(1, -(-valid.size // _SAMPLE)) | 1])
    return Contribution(
        minimum=float(ends.min()),
        maximum=float(ends.max()),
        count=int(valid.size),
        quantiles=tuple(float(value) for value in np.percentile(sample.astype(np.float64), _LEVELS)),
    )


def _ends(codes: NDArray[Any]) -> NDArray[Any]:
    return np.array([codes.min(), codes.max()] if codes.size else [], dtype=codes.dtype)


def joined(parts: Iterable[Contribution | None]) -> Contribution | None:
    """Sum up several parts; None without any valid value."""
    found = [part for part in parts if part is not None]
    if not found:
        return None
    return Contribution(
        minimum=min(part.minimum for part in found),
        maximum=max(part.maximum for part in found),
        count=sum(part.count for part in found),
        quantiles=tuple(_quantile(found, level / 100) for level in _LEVELS),
    )


def statistics_of(files: Sequence[Mapping[str, Contribution]]) -> dict[str, Statistics]:
    """Return the statistics of a dataset from what each of its files contributes, by field."""
    names = dict.fromkeys(name for file in files for name in file)
    found = {name: [file[name] for file in files if name in file] for name in names}
    return {
        name: Statistics(
            minimum=min(part.minimum for part in parts),
            maximum=max(part.maximum for part in parts),
            low=_quantile(parts, _LOW),
            high=_quantile(parts, _HIGH),
        )
        for name, parts in found.items()
    }


def _quantile(parts: Sequence[Contribution], level: float) -> float:
    """Return a quantile of the union: where the counts below, added up over the parts, reach `level`.

    Each part is taken as spread evenly between its known quantiles.
    """
    if len(parts) == 1:
        return float(np.interp(level, _steps(), _values(parts[0])))
    at = np.unique(np.concatenate([_values(part) for part in parts]))
    total = sum(part.count for part in parts)
    below = sum((part.count / total) * _below(part, at) for part in parts)
    return float(np.interp(level, np.maximum.accumulate(below), at))


def _below(part: Contribution, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of a part that is not above `at`."""
    values, steps = _values(part), _steps()
    # A value that fills several quantiles counts with its highest share.
    last = np.append(values[1:] != values[:-1], True)
    share: NDArray[np.float64] = np.interp(at, values[last], steps[last], left=0.0, right=1.0)
    return share


def _values(part: Contribution) -> NDArray[np.float64]:
    return np.maximum.accumulate(np.array([part.minimum, *part.quantiles, part.maximum], dtype=np.float64))


def _steps() -> NDArray[np.float64]:
    return np.array([0.0, *_LEVELS, 100.0]) / 100.0
