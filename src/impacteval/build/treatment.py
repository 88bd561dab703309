"""Who is treated, in which arm, and from which period on."""

from __future__ import annotations

import pandas as pd

from impacteval.design import ArmColumn, FirstSwitch, Plan
from impacteval.errors import IdentificationError

ALWAYS_TREATED = "treated in the first period: no period before treatment"
ARM_UNKNOWN = "arm missing or not in the plan"


def assign(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Derive each unit's arm and the period of its first treatment.

    Parameters
    ----------
    frame : DataFrame
        Columns ``unit``, ``period`` and the plan's treatment column, one row a unit and period.
    plan : Plan

    Returns
    -------
    DataFrame
        One row a unit, indexed by unit: ``arm``, ``first_treat`` (Int64, missing for comparison
        units) and ``excluded`` (a reason, or empty).

    Raises
    ------
    IdentificationError
        When an arm or the comparison has no unit.
    """
    rule = plan.treatment
    units = _by_first_switch(frame, rule, plan) if isinstance(rule, FirstSwitch) else _by_arm(frame, rule)
    usable = units.loc[units["excluded"] == "", "arm"]
    empty = [a.name for a in (*rule.arms, rule.comparison) if not (usable == a.name).any()]
    if empty:
        raise IdentificationError(
            f"arm {', '.join(empty)}: no enterprise in column {rule.column!r} that can be used; every arm "
            "needs enterprises, and the arms a comparison group: check the values of the arms in plan.yaml"
        )
    return units


def _by_first_switch(frame: pd.DataFrame, rule: FirstSwitch, plan: Plan) -> pd.DataFrame:
    switched = frame[frame[rule.column] == 1].groupby("unit")["period"].min()
    units = pd.DataFrame(index=pd.Index(sorted(frame["unit"].unique()), name="unit"))
    units["first_treat"] = switched.reindex(units.index).astype("Int64")
    units["arm"] = units["first_treat"].notna().map({True: rule.arm.name, False: rule.comparison.name})
    at_start = units["first_treat"].eq(plan.panel.periods[0]).fillna(False)
    units["excluded"] = at_start.map({True: ALWAYS_TREATED, False: ""})
    return units


def _by_arm(frame: pd.DataFrame, rule: ArmColumn) -> pd.DataFrame:
    value = frame.dropna(subset=[rule.column]).groupby("unit")[rule.column].first()
    units = pd.DataFrame(index=pd.Index(sorted(frame["unit"].unique()), name="unit"))
    names = {arm.value: arm.name for arm in (*rule.arms, rule.comparison)}
    units["arm"] = value.reindex(units.index).map(names).fillna("").astype("str")
    treated = ~units["arm"].isin(["", rule.comparison.name])
    units["first_treat"] = pd.Series(rule.first_period, index=units.index, dtype="Int64").where(treated)
    units["excluded"] = (units["arm"] == "").map({True: ARM_UNKNOWN, False: ""})
    return units
