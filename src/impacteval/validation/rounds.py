"""Checks that look across the rounds of an enterprise."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from impacteval.arrays import Int1D
from impacteval.checks.rounds import ConstantWithinUnit, Disposition, Growth
from impacteval.validation.disposition import check_disposition
from impacteval.validation.keys import History, history_of, in_order, noted
from impacteval.validation.labels import labels_of, numbers_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing


def check_constant_within_unit(survey: Survey, check: ConstantWithinUnit) -> list[Failures]:
    """Find rows whose value differs from the unit's first value, numbers by more than the tolerance.

    Rows in which the unit or the value is missing are left to other checks. The first value is that of
    the last row with a recorded change, where there is one.
    """
    table = survey.tables[check.table]
    frame = table.frame.loc[in_order(table)]
    known = frame[frame[check.column].notna() & frame[table.roles.unit].notna()]
    values = known[check.column]
    if check.leading:
        values = labels_of(table, check.column).loc[known.index].str[: check.leading]
    n_changes = _is_recorded(table, check).loc[known.index].groupby(known[table.roles.unit]).cumsum()
    first = values.groupby([known[table.roles.unit], n_changes], sort=False).transform("first")
    if check.tolerance and pd.api.types.is_numeric_dtype(values):
        differs = (values.astype("float64") - first.astype("float64")).abs() > check.tolerance
    else:
        differs = values != first
    return failing(check, sorted(int(row) for row in known.index[differs]), columns=(check.column,))


def _is_recorded(table: CheckedTable, check: ConstantWithinUnit) -> pd.Series:
    """Whether each row says that what should stay has changed since the round before."""
    return labels_of(table, check.recorded).isin(check.recorded_values)


def check_growth(survey: Survey, check: Growth) -> list[Failures]:
    """Find values that changed much since the unit's last earlier round with a value.

    Values that are missing, zero or negative are skipped: they have no logarithm. Where a round
    has two rows of a unit, each is compared with the first row of the earlier round.
    """
    table = survey.tables[check.table]
    history = history_of(table)
    found = _jumps(table, check, history, check.sales)
    found += _jumps(table, check, history, check.employment)
    if not (check.sales and check.employment):
        return found
    sales, employment = numbers_of(table, check.sales), numbers_of(table, check.employment)
    earlier = history.earlier(((sales > 0) & (employment > 0)).to_numpy(dtype=np.bool_))
    is_odd = (_ratio(sales, earlier) > 2) & (_ratio(employment, earlier) <= 0.5)
    note = "sales more than double while employment halves"
    return found + noted(check, is_odd, note, columns=(check.sales, check.employment))


def _jumps(table: CheckedTable, check: Growth, history: History, column: str) -> list[Failures]:
    """Rows in which a column differs from an earlier round by more than it may in logs."""
    if not column:
        return []
    most = check.most_log_sales if column == check.sales else check.most_log_employment
    values = numbers_of(table, column)
    earlier = history.earlier((values > 0).to_numpy(dtype=np.bool_))
    ratio = _ratio(values, earlier)
    jumps = (np.log(ratio).abs() > most).to_numpy(dtype=np.bool_)
    before = labels_of(table, table.roles.period).iloc[earlier[jumps]]
    notes = [f"{r:.3g} times the value of round {b}" for r, b in zip(ratio[jumps], before, strict=True)]
    return failing(check, jumps, columns=(column,), notes=notes)


def _ratio(values: pd.Series, earlier: Int1D) -> pd.Series:
    """Each value over that of an earlier row; missing where there is none."""
    rows = np.flatnonzero(earlier >= 0)
    ratio = pd.Series(np.nan, index=values.index)
    ratio.iloc[rows] = values.to_numpy()[rows] / values.to_numpy()[earlier[rows]]
    return ratio


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    ConstantWithinUnit: check_constant_within_unit,
    Growth: check_growth,
    Disposition: check_disposition,
}
