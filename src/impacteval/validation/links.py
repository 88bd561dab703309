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
    and so is a number that is not known: without the number eligible the target is a maximum.
    """
    table = survey.tables[check.table]
    n, has_key = _interviews_of(survey, check)
    eligible, employed = numbers_of(table, check.eligible), numbers_of(table, check.employment)
    wanted = eligible.clip(lower=0, upper=check.target).fillna(check.target)
    is_floor = eligible.notna() | (not check.eligible)
    asked = is_interview(table, check.completed) & has_key
    above = (n > employed) & asked
    unequal = ((n > wanted) | ((n < wanted) & is_floor)) & asked & ~above
    too_many = _counted(check, above, n, _shown(table, check.employment, employed, "employed"))
    not_agreed = _counted(check, unequal, n, _shown(table, check.eligible, wanted, "agreed"))
    return [*of_severity(too_many, "error"), *not_agreed]


def _counted(check: Quota, mask: pd.Series, n: pd.Series, against: pd.Series) -> list[Failures]:
    pairs = zip(n[mask], against[mask], strict=True)
    notes = [f"{int(count)} interviews, {other}" for count, other in pairs]
    return failing(check, mask.to_numpy(dtype=np.bool_), notes=notes)


def _shown(table: CheckedTable, column: str, numbers: pd.Series, name: str) -> pd.Series:
    """Numbers as a note may show them: in words where the column that they come from is confidential."""
    if column and table.is_confidential(column):
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
