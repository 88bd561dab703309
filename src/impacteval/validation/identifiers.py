"""Identifiers: how they are written, and rows that share one."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Int1D
from impacteval.checks.values import Matches, Unique
from impacteval.delivery import Roles
from impacteval.survey.read import SOURCE_COLUMNS
from impacteval.validation.row_rules import RowRule, Rows, columns_read, failing_rows
from impacteval.validation.survey import CheckedTable, Failures

MOST_COLUMNS_NAMED = 12


def matches_fails(frame: pd.DataFrame, check: Matches, roles: Roles) -> Bool1D:
    """Rows whose value is not written as it should be, or whose check digit does not fit."""
    values = frame[check.column]
    known = values.notna().to_numpy(dtype=bool)
    # Digits of other scripts look the same and are other ids.
    pattern = re.compile(check.pattern, re.ASCII)
    different = values.dropna().unique()
    right = {v for v in different if pattern.fullmatch(str(v)) and has_check_digit(str(v), check.check_digit)}
    return known & ~values.isin(list(right)).to_numpy(dtype=bool)


def has_check_digit(text: str, rule: str) -> bool:
    """Whether the digits of a text, the last one or two of which check the others, satisfy a rule."""
    if rule == "none":
        return True
    digits = [int(c) for c in text if c in "0123456789"]
    if not digits:
        return False
    return _mod97(digits) == 1 if rule == "mod97" else _luhn(digits) == 0


def _mod97(digits: list[int]) -> int:
    return int("".join(str(d) for d in digits)) % 97


def _luhn(digits: list[int]) -> int:
    doubled = [sum(divmod(2 * d, 10)) for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10


def say_matches(table: CheckedTable, check: Matches, rows: Rows) -> list[Failures]:
    """Say which values are written otherwise."""
    return failing_rows(check, rows)


def say_unique(table: CheckedTable, check: Unique, rows: Rows) -> list[Failures]:
    """Say how many rows share a key and in which columns they differ; columns are named, no value is.

    Cells are compared as they were delivered.
    """
    if not len(rows):
        return []
    by_key = table.frame.iloc[rows].groupby(list(check.columns), dropna=False, sort=True)
    group: Int1D = np.asarray(by_key.ngroup(), dtype=np.int64)
    others = [c for c in table.text.columns if c not in {*check.columns, *SOURCE_COLUMNS}]
    differs = np.array([_differs(table.text[c].iloc[rows], group) for c in others])
    patterns, pattern = np.unique(differs.T, axis=0, return_inverse=True)
    said = [_difference([c for c, d in zip(others, p, strict=True) if d], len(others)) for p in patterns]
    sizes = np.bincount(group)
    notes = [f"{sizes[g]} rows, {said[pattern.ravel()[g]]}" for g in group]
    return failing_rows(check, rows, notes=notes)


def _differs(cells: pd.Series, group: Int1D) -> Bool1D:
    """Whether rows of each group hold more than one text in a column."""
    code = pd.factorize(cells, use_na_sentinel=False)[0]
    order = np.argsort(group, kind="stable")
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    lowest = np.minimum.reduceat(code[order], first)
    return np.maximum.reduceat(code[order], first) > lowest


def _difference(columns: list[str], n_others: int) -> str:
    if not columns:
        return "equal in all other columns"
    shown = ", ".join(columns[:MOST_COLUMNS_NAMED])
    more = f" and {len(columns) - MOST_COLUMNS_NAMED} more" if len(columns) > MOST_COLUMNS_NAMED else ""
    return f"which differ in {len(columns)} of {n_others} other columns: {shown}{more}"


RULES: Mapping[type, RowRule] = {
    Matches: RowRule(columns=columns_read, fails=matches_fails, said=say_matches),
}
