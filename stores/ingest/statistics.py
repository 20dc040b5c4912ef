"""What values a field has, step by step: so those of a dataset do not depend on what its steps held before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.dataset import Statistics
from core.distinct import distinct
from core.packing import Packing

_LEVELS: Final = (1.0, 2.0, 5.0, 25.0, 50.0, 75.0, 95.0, 98.0, 99.0)
"""Percentiles kept of each step."""
_SAMPLE: Final = 65536
"""Values of one part that percentiles are worked out from, at most."""
_AT_ONCE: Final = 2**18
"""Values that are worked on at a time."""
_LOW: Final = 0.02
_HIGH: Final = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one step, or a part of it, holds of one field: valid, finite, unpacked values."""

    minimum: float
    maximum: float
    count: int
    quantiles: tuple[float, ...]
    """At the percentiles 1, 2, 5, 25, 50, 75, 95, 98, 99; of a sample, and no more exact than a float32 holds."""


def contribution(codes: NDArray[Any], packing: Packing) -> Contribution | None:
    """Sum up a part of a field, packed codes of any shape; None without any valid value."""
    codes, packing = packing.counted(codes), packing.plain
    missing = packing.is_missing(codes)
    count = codes.size - int(np.count_nonzero(missing))
    if not count:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        # Scaling keeps or turns the order: the extremes of the codes are those of the values.
        ends = packing.unpack(_extremes(codes, missing))
        if not np.isfinite(ends).all():
            missing |= ~np.isfinite(packing.unpack(codes))
            count = codes.size - int(np.count_nonzero(missing))
            if not count:
                return None
            ends = packing.unpack(_extremes(codes, missing))
    sample = packing.unpack(_sample(codes, missing, count))
    return Contribution(
        minimum=float(ends.min()),
        maximum=float(ends.max()),
        count=count,
        quantiles=_rounded(np.percentile(sample.astype(np.float64), _LEVELS)),
    )


def _extremes(codes: NDArray[Any], missing: NDArray[np.bool_]) -> NDArray[Any]:
    """Return the least and the greatest valid code; there must be one."""
    flat, gone, ends = codes.reshape(-1), missing.reshape(-1), []
    valid = flat[gone.argmin()]
    for start in range(0, flat.size, _AT_ONCE):
        # Overwriting the missing ones, in the processor's cache, is much quicker than picking the others.
        part = flat[start : start + _AT_ONCE].copy()
        np.copyto(part, valid, where=gone[start : start + _AT_ONCE])
        ends += [part.min(), part.max()]
    found = np.array(ends, dtype=codes.dtype)
    return np.array([found.min(), found.max()], dtype=codes.dtype)


def _sample(codes: NDArray[Any], missing: NDArray[np.bool_], count: int) -> NDArray[Any]:
    """Return valid codes, evenly spread: about `_SAMPLE` of the `count` that there are."""
    # An odd stride does not fall in step with rows.
    stride = max(1, -(-count // _SAMPLE)) | 1
    picked: NDArray[Any] = codes.reshape(-1)[::stride][~missing.reshape(-1)[::stride]]
    # Where the valid codes are few, none may be met.
    return picked if picked.size * stride * 2 > count else codes[~missing][::stride]


def joined(parts: Iterable[Contribution | None]) -> Contribution | None:
    """Sum up several parts; None without any valid value."""
    found = [part for part in parts if part is not None]
    if len(found) < 2:
        return found[0] if found else None
    return Contribution(
        minimum=min(part.minimum for part in found),
        maximum=max(part.maximum for part in found),
        count=sum(part.count for part in found),
        quantiles=_rounded(_quantiles(found, tuple(level / 100 for level in _LEVELS))),
    )


def _rounded(quantiles: ArrayLike) -> tuple[float, ...]:
    """Return what can be kept of quantiles: so they do not depend on whether they were kept meanwhile."""
    with np.errstate(over="ignore"):
        return tuple(np.asarray(quantiles).astype(np.float32).tolist())


def statistics_of(steps: Iterable[Mapping[str, Contribution]]) -> dict[str, Statistics]:
    """Return the statistics of a dataset from what each of its steps contributes, by field."""
    found: dict[str, list[Contribution]] = {}
    for step in steps:
        for name, part in step.items():
            found.setdefault(name, []).append(part)
    return {name: _statistics(parts) for name, parts in found.items()}


def _statistics(parts: Sequence[Contribution]) -> Statistics:
    low, high = _quantiles(parts, (_LOW, _HIGH))
    return Statistics(
        minimum=min(part.minimum for part in parts), maximum=max(part.maximum for part in parts), low=low, high=high
    )


def _quantiles(parts: Sequence[Contribution], levels: Sequence[float]) -> tuple[float, ...]:
    """Return quantiles of the union: where the counts below, added up over the parts, reach each level.

    Each part is taken as spread evenly between its known quantiles, and the union between those of all parts.
    """
    values = np.array([[part.minimum, *part.quantiles, part.maximum] for part in parts], dtype=np.float64)
    # Rounding may have led beyond the ends.
    values = np.clip(np.maximum.accumulate(values, axis=1), values[:, :1], values[:, -1:])
    if len(parts) == 1:
        return tuple(float(np.interp(level, _steps(), values[0])) for level in levels)
    counts = np.array([part.count for part in parts], dtype=np.float64)
    return tuple(_crossings(values, counts / counts.sum(), np.array(levels)).tolist())


def _crossings(
    values: NDArray[np.float64], weights: NDArray[np.float64], levels: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return where the share of the union reaches each of `levels`, halving what is left of all known values."""
    at = distinct(values)
    low, high = np.zeros(levels.size, dtype=np.intp), np.full(levels.size, at.size - 1)
    below, above = _below(values, weights, at[low]), np.ones(levels.size)
    while np.any(high - low > 1):
        middle = (low + high) // 2
        share = _below(values, weights, at[middle])
        over = share > levels
        high, above = np.where(over, middle, high), np.where(over, share, above)
        low, below = np.where(over, low, middle), np.where(over, below, share)
    rise = above - below
    part = np.divide(levels - below, rise, out=np.ones(levels.size), where=rise > 0)
    # Below 0: many have the smallest value.
    part = np.maximum(part, 0.0)
    return np.asarray(at[low] * (1 - part) + at[high] * part, dtype=np.float64)


def _below(values: NDArray[np.float64], weights: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the union, shape (k,), that is not above `at`; `values` (n, 11), `weights` (n,)."""
    steps = _steps()
    passed = (values[:, None, :] <= at[:, None]).sum(axis=2)
    inside = (passed > 0) & (passed < steps.size)
    before = np.clip(passed - 1, 0, steps.size - 2)
    lower, upper = np.take_along_axis(values, before, 1), np.take_along_axis(values, before + 1, 1)
    # A value that fills several quantiles counts with its highest share.
    after = (values[:, None, :] <= upper[:, :, None]).sum(axis=2) - 1
    with np.errstate(over="ignore"):
        part = np.divide(at - lower, upper - lower, out=np.zeros(passed.shape), where=inside)
    share = np.where(inside, steps[before] + part * (steps[after] - steps[before]), passed > 0)
    return np.asarray(weights @ share, dtype=np.float64)


def _steps() -> NDArray[np.float64]:
    return np.array([0.0, *_LEVELS, 100.0]) / 100.0
