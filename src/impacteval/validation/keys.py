"""What checks across tables share: keys that match, interviews that count, and the order of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Int1D
from impacteval.checks.base import Check
from impacteval.codebook import MASKED
from impacteval.validation.labels import NONE, labels_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing
from impacteval.validation.times import local_times

# Stands in no cell that a form can send.
SEPARATOR = "\x1f"


def joined(table: CheckedTable, columns: Sequence[str]) -> pd.Series:
    """One text for the values of several columns; empty where one of them is missing."""
    key, *others = [labels_of(table, column) for column in columns]
    for other in others:
        is_whole = (key != NONE) & (other != NONE)
        key = (key + SEPARATOR + other).where(is_whole, NONE).astype("str")
    return key


def key_columns(*tables: CheckedTable) -> list[list[str]]:
    """For each table its column of units and, where all tables have one, of periods."""
    has_period = all(table.roles.period for table in tables)
    return [[t.roles.unit, *([t.roles.period] if has_period else [])] for t in tables]


def has_consent(table: CheckedTable) -> Bool1D:
    """Whether the respondent of each row agreed; true where the table does not say."""
    if not table.roles.consent:
        return np.ones(len(table.frame), dtype=np.bool_)
    given = labels_of(table, table.roles.consent).isin(table.roles.consent_given)
    return given.to_numpy(dtype=np.bool_)


def is_interview(table: CheckedTable, completed: Sequence[str]) -> Bool1D:
    """Whether each row is an interview: consent was given and, where asked, its status is listed."""
    agreed = has_consent(table)
    if not completed or not table.roles.status:
        return agreed
    return agreed & labels_of(table, table.roles.status).isin(completed).to_numpy(dtype=np.bool_)


def days_of(survey: Survey, table: CheckedTable, column: str) -> pd.Series:
    """Times of a column as days at the place of the study; missing without a column of times."""
    times = local_times(survey, table, column)
    return pd.Series(times.dt.normalize())


def in_order(table: CheckedTable) -> pd.Index:
    """Positions of rows by period, file and row, whatever order they stand in."""
    columns = [c for c in (table.roles.period, "source_file", "source_row") if c]
    return table.frame[columns].sort_values(columns, kind="stable").index


def looked_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """The value that each key has in a series with one entry a key; missing where it has none."""
    return values.reindex(keys.to_numpy(dtype=object)).set_axis(keys.index)


def first_rows(table: CheckedTable) -> pd.Series:
    """Position of the first row of each unit, by period, file and row; the index holds the units."""
    order = in_order(table)
    unit = labels_of(table, table.roles.unit).loc[order]
    positions = pd.Series(order, index=unit.to_numpy(dtype=object), dtype="int64")
    return positions[(positions.index != NONE) & ~positions.index.duplicated()]


def rounds_of(table: CheckedTable) -> list[str]:
    """Rounds of a table in order, as text; none where it has no periods."""
    if not table.roles.period:
        return []
    order = table.frame[table.roles.period].sort_values(kind="stable").index
    labels = labels_of(table, table.roles.period).loc[order]
    return [label for label in labels.unique().tolist() if label != NONE]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The order of rows, (n_rows,), and numbers for the unit and for the unit and round of each row.

    Rows without a unit or a round have the number -1.
    """

    order: Int1D
    unit: Int1D
    visit: Int1D

    def earlier(self, usable: Bool1D) -> Int1D:
        """Position of the row that each row is compared with; -1 where there is none.

        It is the first usable row of the same unit in its last round that has one, before the row's
        own round. Rows that are not usable themselves have none.
        """
        rows = self.order[(usable & (self.visit >= 0))[self.order]]
        at = np.unique(self.visit[rows], return_index=True)[1]
        first = rows[np.sort(at)]
        by_unit = first[np.argsort(self.unit[first], kind="stable")]
        follows = self.unit[by_unit[1:]] == self.unit[by_unit[:-1]]
        before = np.full(self.visit.max(initial=-1) + 1, -1, dtype=np.int64)
        before[self.visit[by_unit[1:][follows]]] = by_unit[:-1][follows]
        found = np.full(len(self.visit), -1, dtype=np.int64)
        found[rows] = before[self.visit[rows]]
        return found


def history_of(table: CheckedTable) -> History:
    """Order and numbers of the rows of a table that has units and rounds."""
    unit, period = labels_of(table, table.roles.unit), labels_of(table, table.roles.period)
    is_whole = ((unit != NONE) & (period != NONE)).to_numpy(dtype=np.bool_)
    unit_number, period_number = pd.factorize(unit)[0], pd.factorize(period)[0]
    visit = unit_number * (period_number.max(initial=0) + 1) + period_number
    return History(
        order=in_order(table).to_numpy(dtype=np.int64),
        unit=np.where(is_whole, unit_number, -1),
        visit=np.where(is_whole, np.unique(visit, return_inverse=True)[1], -1),
    )


def units_shown(table: CheckedTable, units: Sequence[str]) -> list[str]:
    """Units as notes may show them."""
    return [MASKED] * len(units) if table.is_confidential(table.roles.unit) else list(units)


def noted(check: Check, mask: Bool1D | pd.Series, note: str, *, columns: Sequence[str]) -> list[Failures]:
    """Say that rows of the check's table fail it, all for one reason."""
    rows = np.asarray(mask, dtype=np.bool_)
    return failing(check, rows, columns=columns, notes=(note,) * int(rows.sum()))


def standing_in(found: Sequence[Failures], table: str) -> list[Failures]:
    """The same failures as of rows of another table than the check's."""
    return [replace(f, table=table) for f in found]


def of_severity(found: Sequence[Failures], severity: str) -> list[Failures]:
    """The same failures with another severity than the check's."""
    return [replace(f, severities=(severity,) * len(f.rows)) for f in found]
