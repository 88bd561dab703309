"""The baseline period, the row that each unit has there, and the comparison rows among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Int1D
from impacteval.derive.parameters import day_number
from impacteval.derive.values import Numbers, Value
from impacteval.design import ArmColumn, EntryDay, FirstSwitch, Plan
from impacteval.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What formulas refer to.

    ``row_of`` (n_rows,) is the row of the same unit at baseline, -1 where there is none;
    ``is_reference`` (n_rows,) marks comparison rows at baseline.
    """

    row_of: Int1D
    is_reference: Bool1D


def baseline_of(plan: Plan, unit: Int1D, period: Int1D, treatment: Value) -> Baseline:
    """Find the baseline.

    Parameters
    ----------
    unit, period : (n_rows,)
        Position of each row's unit, and of its period in the plan; -1 where it has none.
    treatment : Value
        The plan's treatment column.

    Raises
    ------
    DataError
        When the treatment column holds text, or nobody is treated and no baseline is named.
    """
    if not isinstance(treatment, Numbers):
        raise DataError(
            f"column {plan.treatment.column!r} says who is treated and holds text; numbers are needed"
        )
    n_units = int(unit.max(initial=-1)) + 1
    first = _first_treated(plan, unit, period, treatment, n_units)
    at_base = (unit >= 0) & (period == _base_code(plan, first))
    row_of_unit = np.full(n_units + 1, -1, dtype=np.int64)
    rows = np.flatnonzero(at_base)
    # From the last row to the first, so that the first one of a unit stays.
    row_of_unit[unit[rows][::-1]] = rows[::-1]
    never = np.append(first == len(plan.panel.periods), False)
    return Baseline(row_of=row_of_unit[unit], is_reference=at_base & never[unit])


def _base_code(plan: Plan, first: Int1D) -> int:
    periods = plan.panel.periods
    if plan.panel.baseline is not None:
        return periods.index(plan.panel.baseline)
    treated = first[(first > 0) & (first < len(periods))]
    if not len(treated):
        raise DataError("no unit is treated in the plan's periods; name panel.baseline in plan.yaml")
    return int(treated.min()) - 1


def _first_treated(plan: Plan, unit: Int1D, period: Int1D, treatment: Numbers, n_units: int) -> Int1D:
    """Position of each unit's first treated period; past the last for comparison units, -1 for neither."""
    periods, rule = plan.panel.periods, plan.treatment
    values = treatment.values
    known = (unit >= 0) & ~np.isnan(values)
    first = np.full(n_units, len(periods), dtype=np.int64)
    if isinstance(rule, EntryDay):
        days = np.array([day_number(day) for day in plan.panel.days], dtype=np.float64)
        np.minimum.at(first, unit[known], np.searchsorted(days, values[known], side="left"))
    elif isinstance(rule, FirstSwitch):
        switched = known & (values == 1) & (period >= 0)
        np.minimum.at(first, unit[switched], period[switched])
    else:
        first = _by_arm(rule, plan, unit[known], values[known], n_units)
    return first


def _by_arm(rule: ArmColumn, plan: Plan, unit: Int1D, values: Float1D, n_units: int) -> Int1D:
    first = np.full(n_units, -1, dtype=np.int64)
    treated = np.isin(values, [arm.value for arm in rule.arms if arm.value is not None])
    first[unit[treated]] = plan.panel.periods.index(rule.first_period)
    first[unit[values == rule.comparison.value]] = len(plan.panel.periods)
    return first
