"""Conditions on the cells of one row, as Great Expectations runs them and as findings state them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Bool1D, Float1D
from impacteval.checks import Check, Severity
from impacteval.validation.survey import CheckedTable, Failures, failing_whole

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """How a kind of check across columns is run.

    Parameters
    ----------
    columns : (table, check) -> tuple of str
        Columns that the condition reads, those of roles included.
    fails : (frame, check, roles) -> (n_rows,) bool
        Which rows of these typed columns break the rule.
    said : (table, check, rows) -> list of Failures
        What is said of the rows that break it, and of the table as a whole.
    """

    columns: Callable[..., tuple[str, ...]]
    fails: Callable[..., Bool1D]
    said: Callable[..., list[Failures]]


def columns_read(table: CheckedTable, check: Check) -> tuple[str, ...]:
    """The columns that a check names, where it needs none by their role."""
    return check.columns_read


def numbers(frame: pd.DataFrame, column: str) -> Float1D:
    """Values of a column of numbers, NaN where there is none; all NaN for a column of another type."""
    values = frame[column]
    if not pd.api.types.is_numeric_dtype(values):
        return np.full(len(values), np.nan)
    found: Float1D = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return found


def summed(frame: pd.DataFrame, columns: Sequence[str]) -> Float1D:
    """Sum of columns in each row; NaN where one is missing."""
    total = np.zeros(len(frame))
    for column in columns:
        total = total + numbers(frame, column)
    return total


def any_is_confidential(table: CheckedTable, columns: Sequence[str]) -> bool:
    """Whether a number that is computed from columns might give away a confidential value."""
    return any(table.is_confidential(column) for column in columns)


def failing_rows(
    check: Check,
    rows: Rows,
    *,
    columns: Sequence[str] | None = None,
    notes: Sequence[str] = (),
    severities: Sequence[Severity] = (),
) -> list[Failures]:
    """Say that rows at these positions fail a check; nothing where there are none."""
    if not len(rows):
        return []
    return [
        Failures(
            check=check,
            table=check.table,
            rows=rows,
            columns=check.columns_read if columns is None else tuple(columns),
            notes=tuple(notes),
            severities=tuple(severities),
        )
    ]


def failing_as(check: Check, columns: Sequence[str], *, note: str, severity: Severity) -> list[Failures]:
    """Say that columns fail a check as a whole, with a severity that may differ from the check's own."""
    found = failing_whole(check, "", note)
    return [replace(f, columns=tuple(columns), severities=(severity,)) for f in found]
