"""The rows of the panel: their units, periods, days and parameters, and the rows of other tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Int1D
from impacteval.delivery import Roles
from impacteval.derivation import Parameter
from impacteval.derive.aggregates import groups_of
from impacteval.derive.parameters import day_number, has_places, valid_numbers
from impacteval.derive.reference import Baseline, baseline_of
from impacteval.derive.rows import Columns, LinkedRows, joined_pairs
from impacteval.derive.values import KNOWN, Numbers, Reasons, Value, Why, Words, numbers
from impacteval.design import PanelRule, Plan

NO_BASELINE = "no row at baseline"
AT_BASELINE = "at baseline: {reason}"


class PanelRows:
    """Rows of the panel table, sorted by unit, period and place in the files.

    Parameters
    ----------
    tables : mapping
        Clean tables by name, each in the order of its files.
    """

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        plan: Plan,
        parameters: tuple[Parameter, ...],
        roles: Mapping[str, Roles],
    ) -> None:
        self.reasons = Reasons()
        self._plan = plan
        self._roles = roles
        self._tables = tables
        self._columns = Columns(tables[plan.panel.table], self.reasons)
        self._parameters: dict[str, list[Parameter]] = {}
        for row in parameters:
            self._parameters.setdefault(row.parameter, []).append(row)
        frame = tables[plan.panel.table]
        self._units = pd.Index(frame[plan.panel.unit].dropna().astype("str").unique())
        self._unit = unit_codes(frame[plan.panel.unit], self._units)
        self._period = period_codes(frame[plan.panel.period], plan.panel)
        self._given: dict[str, Value] = {}
        self._linked: dict[str, LinkedRows] = {}
        self._baseline: Baseline | None = None

    def __len__(self) -> int:
        return len(self._columns)

    def named(self, name: str) -> Value:
        """The value of a column, a derived column, the clock or a parameter."""
        if name in self._columns:
            return self._columns.named(name)
        if name not in self._given:
            self._given[name] = self._parameter(name) if name in self._parameters else self._clock(name)
        return self._given[name]

    def keep(self, name: str, value: Value) -> None:
        """Keep a computed column."""
        self._columns.keep(name, value)

    def linked(self, table: str) -> LinkedRows:
        """Rows of another table of the same unit, and period where that table has one; joined once."""
        if table not in self._linked:
            frame, roles = self._tables[table], self._roles[table]
            mine, theirs = self._unit, unit_codes(frame[roles.unit], self._units)
            if roles.period:
                n = len(self._plan.panel.periods)
                mine = _with_period(mine, self._period, n)
                theirs = _with_period(theirs, period_codes(frame[roles.period], self._plan.panel), n)
            left, right = joined_pairs(mine, theirs)
            groups = groups_of(table, left, len(self))
            self._linked[table] = LinkedRows(Columns(frame, self.reasons), self, groups, right)
        return self._linked[table]

    def at_baseline(self, value: Value) -> Value:
        """The value that the same unit had at baseline."""
        rows = self._of_baseline().row_of
        has_none = rows < 0
        found = value.at(np.where(has_none, 0, rows)) if len(self) else value
        why = self._why_at_baseline(found.why)
        why = np.where(has_none, self.reasons.code(NO_BASELINE), why).astype(np.int32)
        if isinstance(found, Words):
            return Words(codes=np.where(why == KNOWN, found.codes, -1), words=found.words, why=why)
        return numbers(found.values, why)

    def reference(self) -> Bool1D:
        """Comparison rows at baseline."""
        return self._of_baseline().is_reference

    def _why_at_baseline(self, why: Why) -> Why:
        codes, place = np.unique(why, return_inverse=True)
        labels = self.reasons.labels[codes]
        said = [self.reasons.code(AT_BASELINE.format(reason=r)) if r else np.int32(KNOWN) for r in labels]
        return np.array(said, dtype=np.int32)[place] if len(codes) else why

    def _of_baseline(self) -> Baseline:
        if self._baseline is None:
            treatment = self.named(self._plan.treatment.column)
            self._baseline = baseline_of(self._plan, self._unit, self._period, treatment)
        return self._baseline

    def _parameter(self, name: str) -> Value:
        rows = self._parameters[name]
        place = self.named(self._plan.panel.place) if has_places(rows) and self._plan.panel.place else None
        return valid_numbers(
            rows, self._clock("day"), place if isinstance(place, Words) else None, self.reasons
        )

    def _clock(self, name: str) -> Numbers:
        panel = self._plan.panel
        days = [float(day_number(day)) for day in panel.days]
        of_name = {
            "period": [float(p) for p in panel.periods],
            "day": days or [np.nan] * len(panel.periods),
            "year": [float(day[:4]) for day in panel.days] or [np.nan] * len(panel.periods),
        }
        values = np.array([*of_name[name], np.nan])[self._period]
        why = np.where(np.isnan(values), self.reasons.code(f"{name} missing"), KNOWN).astype(np.int32)
        return Numbers(values=values, why=why)


def unit_codes(units: pd.Series, known: pd.Index) -> Int1D:
    """Position of each row's unit among the known ones; -1 for others and where it is missing."""
    found = known.get_indexer(pd.Index(units.astype("str"))).astype(np.int64)
    return np.where(units.isna().to_numpy(), -1, found)


def period_codes(periods: pd.Series, panel: PanelRule) -> Int1D:
    """Position of each row's period in the plan; -1 for others and where it is missing."""
    clock = pd.Index([float(p) for p in panel.periods])
    numbers_read = pd.to_numeric(periods, errors="coerce").astype("float64")
    return clock.get_indexer(pd.Index(numbers_read)).astype(np.int64)


def _with_period(unit: Int1D, period: Int1D, n_periods: int) -> Int1D:
    return np.where((unit < 0) | (period < 0), -1, unit * n_periods + period)
