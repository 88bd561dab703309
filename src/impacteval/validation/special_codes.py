"""Numbers that usually stand for a missing value and were not declared as such."""

from __future__ import annotations

import numpy as np

from impacteval.arrays import Bool1D, Float1D
from impacteval.checks.answers import UndeclaredCodes
from impacteval.checks.base import Severity
from impacteval.codebook import Variable
from impacteval.survey.missing import number_of
from impacteval.validation.cells import numbers
from impacteval.validation.remarks import Remark, constant_notes, remarked
from impacteval.validation.survey import CheckedTable, Failures, Survey


def check_undeclared_codes(survey: Survey, check: UndeclaredCodes) -> list[Failures]:
    """Find special codes and stray negative numbers among the values of a column.

    A code within the range that the codebook declares is only for review.
    """
    table = survey.tables[check.table]
    variable = table.codebook.find(check.table, check.column)
    values = numbers(table, check.column)
    asked = _asked(check, variable)
    is_code = np.isin(values, asked)
    others = values[~is_code & ~np.isnan(values)]
    remarks = [_code_remark(table, check, values, others, code) for code in asked if (values == code).any()]
    stray = ~is_code & (values < 0) & _is_without_negatives(others, check, variable)
    remarks.append(
        Remark(
            rows=stray,
            notes=constant_notes(
                len(values), "a negative number, of which the column has few or should have none"
            ),
            severity="warning",
        )
    )
    return remarked(check, (check.column,), [r for r in remarks if r is not None])


def _asked(check: UndeclaredCodes, variable: Variable) -> list[float]:
    """Codes to look for, without those that the codebook allows as values."""
    allowed = {number_of(choice, "") for choice in variable.allowed}
    return sorted({*check.codes, *check.lonely_codes} - allowed)


def _code_remark(
    table: CheckedTable, check: UndeclaredCodes, values: Float1D, others: Float1D, code: float
) -> Remark | None:
    rows: Bool1D = values == code
    if code < 0:
        is_suspect, is_grave = not _has_negatives(others, check), True
    else:
        is_far = len(others) > 0 and code > check.factor * float(others.max())
        is_lonely = is_far and int(rows.sum()) >= check.least_rows
        is_suspect = is_lonely if code in check.lonely_codes else True
        is_grave = is_lonely if code in check.lonely_codes else is_far
    if not is_suspect:
        return None
    variable = table.codebook.find(check.table, check.column)
    severity: Severity = check.severity if is_grave and not _is_in_range(code, variable) else "warning"
    shown = "the number" if table.is_confidential(check.column) else f"{code:g}"
    note = f"{shown} stands in {int(rows.sum())} rows and usually means a missing value"
    return Remark(rows=rows, notes=constant_notes(len(values), note), severity=severity)


def _has_negatives(others: Float1D, check: UndeclaredCodes) -> bool:
    """Whether negative numbers are common in the column, codes aside."""
    return len(others) > 0 and float((others < 0).mean()) > 1 - check.share


def _is_without_negatives(others: Float1D, check: UndeclaredCodes, variable: Variable) -> bool:
    bounds = [b for b in (variable.minimum, variable.hard_minimum) if b is not None]
    if bounds:
        return max(bounds) >= 0
    return len(others) >= check.least_values and not _has_negatives(others, check)


def _is_in_range(code: float, variable: Variable) -> bool:
    """Whether the codebook declares a bound on the code's side that lets it pass."""
    sides = (
        (variable.minimum, variable.hard_minimum) if code < 0 else (variable.maximum, variable.hard_maximum)
    )
    bounds = [b for b in sides if b is not None]
    return bool(bounds) and all(b <= code if code < 0 else b >= code for b in bounds)
