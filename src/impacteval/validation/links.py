"""Checks that rows belong to an interview, and that interviews are as many as agreed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D
from impacteval.checks.links import ForeignKey, Quota
from impacteval.validation.keys import has_consent, is_interview, joined, key_columns, looked_up, of_severity
from impacteval.validation.labels import NONE, numbers_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing


def check_foreign_key(survey: Survey, check: ForeignKey) -> list[Failures]:
    """Find rows whose key stands in no row of another table with consent.

    Rows in which a part of the key is missing are left to the checks for missing values.
    """
    table, other = survey.tables[check.table], survey.tables[check.other]
    mine = joined(table, check.columns)
    theirs = joined(other, check.other_columns or check.columns)
    is_agreed = mine.isin(theirs[has_consent(other)])
    orphans = ((mine != NONE) & ~is_agreed).to_numpy(dtype=np.bool_)
    why = np.where(mine.isin(theirs), f"without consent in {check.other}", f"not in {check.other}")
    return failing(check, orphans, notes=[str(note) for note in why[orphans]])


def check_quota(survey: Survey, check: Quota) -> list[Failures]:
    """Find enterprises with more or fewer interviews of members than agreed, or than employed.

    Only interviews with a key count. Enterprises that were not interviewed themselves are left out,
    and so is a number that is not known: without the number eligible the target is a maximum. More than
    every number employed that is known, by the enterprise or by the register, is an error.
    """
    table = survey.tables[check.table]
    n, has_key = _interviews_of(survey, check)
    eligible = numbers_of(table, check.eligible)
    employed, registered = numbers_of(table, check.employment), _registered(survey, check)
    wanted = eligible.clip(lower=0, upper=check.target).fillna(check.target)
    is_floor = eligible.notna() | (not check.eligible)
    asked = is_interview(table, check.completed) & has_key
    above_one = ((n > employed) | (n > registered)) & asked
    above_all = above_one & ~(n <= employed) & ~(n <= registered)
    unequal = ((n > wanted) | ((n < wanted) & is_floor)) & asked & ~above_one
    said = _employed(survey, check, employed, registered)
    too_many = _counted(check, above_all, n, said)
    perhaps = _counted(check, above_one & ~above_all, n, said)
    not_agreed = _counted(check, unequal, n, _shown(table, check.eligible, wanted, "agreed"))
    return [*of_severity(too_many, "error"), *perhaps, *not_agreed]


def _employed(survey: Survey, check: Quota, employed: pd.Series, registered: pd.Series) -> pd.Series:
    """Say how many are employed, by the enterprise, by the register, or by both."""
    reported = _shown(survey.tables[check.table], check.employment, employed, "employed")
    register = survey.tables.get(check.register)
    listed = _shown(register, check.register_employment, registered, "in the register")
    both = (reported + ", " + listed).where(employed.notna(), listed)
    return both.where(registered.notna(), reported)


def _registered(survey: Survey, check: Quota) -> pd.Series:
    """Number employed that the register has for each row, the largest of several; missing without one."""
    table = survey.tables[check.table]
    if check.register not in survey.tables:
        return pd.Series(np.nan, index=table.frame.index)
    register = survey.tables[check.register]
    ours, theirs = key_columns(table, register)
    known = numbers_of(register, check.register_employment).groupby(joined(register, theirs)).max()
    return looked_up(joined(table, ours), known.drop(NONE, errors="ignore"))


def _counted(check: Quota, mask: pd.Series, n: pd.Series, against: pd.Series) -> list[Failures]:
    pairs = zip(n[mask], against[mask], strict=True)
    notes = [f"{int(count)} interviews, {other}" for count, other in pairs]
    return failing(check, mask.to_numpy(dtype=np.bool_), notes=notes)


def _shown(table: CheckedTable | None, column: str, numbers: pd.Series, name: str) -> pd.Series:
    """Numbers as a note may show them: in words where the column that they come from is confidential."""
    if column and table and table.is_confidential(column):
        return pd.Series(f"another number {name}", index=numbers.index, dtype="str")
    return numbers.map(lambda number: f"{number:g} {name}").astype("str")


def _interviews_of(survey: Survey, check: Quota) -> tuple[pd.Series, Bool1D]:
    """Number of members interviewed in the unit and period of each row, and whether it has these."""
    table, members = survey.tables[check.table], survey.tables[check.members]
    ours, theirs = key_columns(table, members)
    own = joined(table, ours)
    counts = joined(members, theirs)[is_interview(members, check.completed)].value_counts()
    n = looked_up(own, counts.drop(NONE, errors="ignore")).astype("float64").fillna(0.0)
    return n, (own != NONE).to_numpy(dtype=np.bool_)


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    ForeignKey: check_foreign_key,
    Quota: check_quota,
}
