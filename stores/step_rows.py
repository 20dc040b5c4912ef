"""Rows of a step table as they are written. No I/O."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.steps import COLUMNS
from stores.layout import STEP_ROWS


def require_table(rows: NDArray[np.int64]) -> None:
    """Accept rows of shape (n, 5) with strictly increasing times.

    Raises:
        ValueError: they are not a step table.

    """
    if rows.dtype != np.int64 or rows.ndim != 2 or rows.shape[1] != len(COLUMNS):
        raise ValueError(f"rows of type {rows.dtype} and shape {rows.shape} are not a step table")
    if np.any(np.diff(rows[:, 0]) <= 0):
        raise ValueError("the times of a step table must be strictly increasing")


def changed(rows: NDArray[np.int64], before: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield number and content of each chunk of a step table that differs from what it was."""
    for start in range(0, len(rows), STEP_ROWS):
        part = rows[start : start + STEP_ROWS]
        if not np.array_equal(part, before[start : start + STEP_ROWS]):
            whole = np.zeros((STEP_ROWS, rows.shape[1]), dtype=np.int64)
            whole[: len(part)] = part
            yield start // STEP_ROWS, whole
