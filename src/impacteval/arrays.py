"""Array types, and the few array operations that several modules share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Float1D: TypeAlias = npt.NDArray[np.float64]
Float2D: TypeAlias = npt.NDArray[np.float64]
Int1D: TypeAlias = npt.NDArray[np.int64]
Bool1D: TypeAlias = npt.NDArray[np.bool_]
Bool2D: TypeAlias = npt.NDArray[np.bool_]
Text1D: TypeAlias = npt.NDArray[np.str_]


def read_only(array: npt.NDArray[np.generic]) -> None:
    """Forbid writing to an array that a frozen type holds."""
    array.flags.writeable = False


def sum_by_code(values: Float2D, code: Int1D, n_codes: int) -> Float2D:
    """Sum rows that share a code.

    Parameters
    ----------
    values : (n_rows, n_columns)
    code : (n_rows,)
        Code of each row, in ``range(n_codes)``.

    Returns
    -------
    (n_codes, n_columns)
        The values themselves where each row has its own code, in order: not to be written to.
    """
    if n_codes == len(code) and bool((code == np.arange(n_codes)).all()):
        return values
    sums = np.empty((n_codes, values.shape[1]))
    for column in range(values.shape[1]):
        sums[:, column] = np.bincount(code, weights=values[:, column], minlength=n_codes)
    return sums


def mean_by_code(values: Float2D, code: Int1D, n_codes: int) -> Float2D:
    """Average rows that share a code; NaN for a code without rows. Shapes as in ``sum_by_code``."""
    count = np.bincount(code, minlength=n_codes)[:, None]
    with np.errstate(invalid="ignore"):
        return sum_by_code(values, code, n_codes) / count


def codes_of(values: Sequence[str] | Text1D) -> tuple[Int1D, Text1D]:
    """Number the distinct values in sorted order; return each value's number and the values."""
    labels, code = np.unique(np.asarray(values, dtype=np.str_), return_inverse=True)
    return code.astype(np.int64), labels


def distinct_but(values: Text1D, left_out: str) -> tuple[str, ...]:
    """Distinct values but one, sorted; for few distinct values among many."""
    found = []
    rest = values != left_out
    while rest.any():
        value = values[rest.argmax()]
        found.append(str(value))
        rest &= values != value
    return tuple(sorted(found))


def count_true(flags: Bool2D) -> Int1D:
    """How many are true in each column, (n_columns,)."""
    return np.array([np.count_nonzero(column) for column in flags.T], dtype=np.int64)
