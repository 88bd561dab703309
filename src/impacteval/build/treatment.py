"""Who is treated, in which arm, and from which period on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from impacteval.derive.parameters import day_number
from impacteval.derive.values import days_of
from impacteval.design import ArmColumn, EntryDay, FirstSwitch, Plan
from impacteval.errors import DataError, IdentificationError, raise_together
from impacteval.tables import records

ALWAYS_TREATED = "treated in the first period: no period before treatment"
TREATMENT_UNKNOWN = "treatment not recorded in every period before its first"
ARM_UNKNOWN = "arm missing or not in the plan"


def assign(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Derive each unit's arm and the period of its first treatment.

    Parameters
    ----------
    frame : DataFrame
        Columns ``unit``, ``period`` and the plan's treatment column, one row a unit and period, with
        the periods that are not in the plan: treatment outside the plan is treatment all the same.
    plan : Plan

    Returns
    -------
    DataFrame
        One row a unit, indexed by unit: ``arm``, ``first_treat`` (Int64, missing for comparison
        units) and ``excluded`` (a reason, or empty).

    Raises
    ------
    DataError
        When a column of 0/1 holds something else, or a unit has two days of entry.
    IdentificationError
        When an arm or the comparison has no unit.
    """
    rule = plan.treatment
    if isinstance(rule, FirstSwitch):
        units = _by_first_switch(frame, rule, plan)
    elif isinstance(rule, EntryDay):
        units = _by_entry_day(frame, rule, plan)
    else:
        units = _by_arm(frame, rule, plan)
    usable = units.loc[units["excluded"] == "", "arm"]
    empty = [a.name for a in (*rule.arms, rule.comparison) if not (usable == a.name).any()]
    if empty:
        raise IdentificationError(
            f"arm {', '.join(empty)}: no enterprise in column {rule.column!r} that can be used; every arm "
            "needs enterprises, and the arms a comparison group: check the values of the arms in plan.yaml"
        )
    return units


def _by_first_switch(frame: pd.DataFrame, rule: FirstSwitch, plan: Plan) -> pd.DataFrame:
    _refuse_other_than_0_and_1(frame, rule.column)
    periods = plan.panel.periods
    units = _units_in_plan(frame, plan)
    switched = frame[frame[rule.column] == 1].groupby("unit")["period"].min().reindex(units.index)
    clock = np.array(periods)
    in_plan = switched.notna() & (switched <= periods[-1]).fillna(False)
    first = clock[np.searchsorted(clock, switched[in_plan].to_numpy(dtype=np.int64))]
    known = pd.Series(first, index=switched.index[in_plan])
    units["first_treat"] = known.reindex(units.index).astype("Int64")
    units["arm"] = units["first_treat"].notna().map({True: rule.arm.name, False: rule.comparison.name})
    unknown = frame[frame[rule.column].isna()].groupby("unit")["period"].min().reindex(units.index)
    until = switched.fillna(periods[-1] + 1)
    units["excluded"] = ""
    units.loc[(unknown < until).fillna(False).astype(bool), "excluded"] = TREATMENT_UNKNOWN
    units.loc[(switched <= periods[0]).fillna(False).astype(bool), "excluded"] = ALWAYS_TREATED
    return units


def _units_in_plan(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    in_plan = frame.loc[frame["period"].isin(plan.panel.periods), "unit"]
    return pd.DataFrame(index=pd.Index(sorted(in_plan.unique()), name="unit"))


def _refuse_other_than_0_and_1(frame: pd.DataFrame, column: str) -> None:
    other = frame[frame[column].notna() & ~frame[column].isin([0, 1])]
    raise_together(
        [
            f"{r.source_file}, row {r.source_row}, column {column}: found {getattr(r, column)}; a treatment "
            "that switches on is 0 or 1"
            for r in records(other.head(20))
        ],
        DataError,
        "treatment",
    )


def _by_arm(frame: pd.DataFrame, rule: ArmColumn, plan: Plan) -> pd.DataFrame:
    value = frame.dropna(subset=[rule.column]).groupby("unit")[rule.column].first()
    units = _units_in_plan(frame, plan)
    names = {arm.value: arm.name for arm in (*rule.arms, rule.comparison)}
    units["arm"] = value.reindex(units.index).map(names).fillna("").astype("str")
    treated = ~units["arm"].isin(["", rule.comparison.name])
    units["first_treat"] = pd.Series(rule.first_period, index=units.index, dtype="Int64").where(treated)
    units["excluded"] = (units["arm"] == "").map({True: ARM_UNKNOWN, False: ""})
    return units


def _by_entry_day(frame: pd.DataFrame, rule: EntryDay, plan: Plan) -> pd.DataFrame:
    """Treated from the first period whose day is on or after the unit's day; never where it has none."""
    day = frame[rule.column]
    if pd.api.types.is_datetime64_any_dtype(day.dtype):
        day = pd.Series(days_of(day), index=frame.index)
    known = pd.DataFrame({"unit": frame["unit"], "day": day.astype("float64")}).dropna()
    of_unit = known.groupby("unit")["day"]
    _refuse_two_days(of_unit.nunique(), rule.column)
    units = _units_in_plan(frame, plan)
    entry = of_unit.first().reindex(units.index)
    days = np.array([day_number(d) for d in plan.panel.days], dtype=np.float64)
    # A day that is missing or after the last period's comes after all of them.
    place = np.searchsorted(days, entry.fillna(np.inf).to_numpy(), side="left")
    periods = pd.array([*plan.panel.periods, None], dtype="Int64")
    units["first_treat"] = pd.Series(periods[place], index=units.index)
    units["arm"] = units["first_treat"].notna().map({True: rule.arm.name, False: rule.comparison.name})
    units["excluded"] = pd.Series(place == 0, index=units.index).map({True: ALWAYS_TREATED, False: ""})
    return units


def _refuse_two_days(n_days: pd.Series, column: str) -> None:
    changing = list(n_days.index[n_days > 1])
    if changing:
        raise DataError(
            f"column {column!r}: {len(changing)} enterprises have more than one day of entry, "
            f"{', '.join(changing[:5])} first; an enterprise enters once"
        )
