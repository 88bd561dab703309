"""The sensitivity tables of a study: one set of rows an outcome and arm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from impacteval.analysis import panel_for
from impacteval.arrays import Float1D, Int1D, codes_of
from impacteval.design import CLUSTER_BY_UNIT, Outcome, Plan, estimated, unwinsorised
from impacteval.designs import TESTS_TRENDS, Design, TwoByTwo
from impacteval.errors import IdentificationError, ImpactEvalError
from impacteval.estimation import estimate
from impacteval.inference.errors import with_errors
from impacteval.panel import Panel
from impacteval.result_rows import is_whole
from impacteval.sensitivity.crosscheck import CROSSCHECK_COLUMNS, crosscheck_rows, engine_rows
from impacteval.sensitivity.influence import fewest_to_flip, joint_test, leave_one_out
from impacteval.sensitivity.lee import lee_bounds
from impacteval.sensitivity.stored import StoredInfluence, design_of, without_vcov
from impacteval.tables import records

SENSITIVITY_COLUMNS = (
    "outcome",
    "design",
    "arm",
    "measure",
    "value",
    "low",
    "high",
    "statistic",
    "df",
    "df_error",
    "p_value",
    "note",
)
SPECIFICATION_COLUMNS = (
    "outcome",
    "arm",
    "design",
    "sample",
    "vcov",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "n_units",
    "n_obs",
    "note",
)
BOUNDS_COLUMNS = (
    "outcome",
    "arm",
    "cohort",
    "period",
    "n_treated",
    "n_comparison",
    "share_observed_treated",
    "share_observed_comparison",
    "trimmed_side",
    "trimmed_share",
    "lower",
    "upper",
    "note",
)
NO_PRE_PERIOD = (
    "no event time before \N{MINUS SIGN}1: whether trends differed before treatment cannot be examined"
)
TRENDS_IN_DOUBT = "the test rejects at {level}, which puts parallel trends in doubt"
TRENDS_MAY_DIFFER = "no difference found, which does not show that trends were parallel"
PRETREND_UNDEFINED = (
    "cannot be computed: more effects than clusters allow, or an effect before treatment is not defined"
)
# Residuals of the untreated rows that gave the effects of unit and period are no test of trends.
OUTCOME_ONLY = TwoByTwo(estimator="drdid", name="bounds", label="", vcov=("cr0",))
BOUNDS_NOTE = "bounds of the estimate, without sampling error"
FIRST_ORDER = "first-order, from influence; no refit"
NO_SET_FLIPS = "no set of enterprises would turn the sign"


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityTables:
    """Finished tables, with the columns named above."""

    sensitivity: pd.DataFrame
    specifications: pd.DataFrame
    bounds: pd.DataFrame
    crosscheck: pd.DataFrame


def sensitivity_tables(
    frame: pd.DataFrame,
    estimates: pd.DataFrame,
    *,
    influence: Mapping[str, StoredInfluence],
    outcomes: tuple[Outcome, ...],
    plan: Plan,
    seed: int,
) -> SensitivityTables:
    """Build the sensitivity tables of a study, in the order of its outcomes.

    Parameters
    ----------
    frame : DataFrame
        The panel: a row a unit and period.
    estimates : DataFrame
        All estimates of the study.
    influence : mapping
        Family of outcomes to the influence of its estimates.
    outcomes : tuple of Outcome
    plan : Plan
    seed : int
        Of the study, for designs that draw.
    """
    outcomes = estimated(outcomes)
    cluster_of = frame.drop_duplicates("unit").set_index("unit")["cluster"]
    rows: list[dict[str, object]] = []
    checks: list[dict[str, object]] = []
    for family, stored in influence.items():
        mine = estimates[estimates["family"] == family]
        rows += sensitivity_rows(mine, stored, cluster_of, plan)
        checks += crosscheck_rows(mine, stored, cluster_of, plan)
        for outcome in (o for o in outcomes if o.family == family):
            checks += engine_rows(frame, mine, stored, outcome, plan)
    return SensitivityTables(
        sensitivity=_in_order(rows, SENSITIVITY_COLUMNS, outcomes),
        specifications=pd.DataFrame(
            specification_rows(frame, outcomes, plan, seed), columns=list(SPECIFICATION_COLUMNS)
        ),
        bounds=pd.DataFrame(bounds_rows(frame, outcomes, plan), columns=list(BOUNDS_COLUMNS)),
        crosscheck=_in_order(checks, CROSSCHECK_COLUMNS, outcomes),
    )


def _in_order(
    rows: list[dict[str, object]], columns: tuple[str, ...], outcomes: tuple[Outcome, ...]
) -> pd.DataFrame:
    """Rows as a table in the order of the outcomes; within each they keep their own."""
    position = {outcome.name: i for i, outcome in enumerate(outcomes)}
    ordered = sorted(rows, key=lambda row: position[str(row["outcome"])])
    return pd.DataFrame(ordered, columns=list(columns))


def sensitivity_rows(
    estimates: pd.DataFrame, stored: StoredInfluence, cluster_of: pd.Series, plan: Plan
) -> list[dict[str, object]]:
    """Pre-trend tests and influence of single enterprises for the outcomes of one family.

    Parameters
    ----------
    estimates : DataFrame
        The family's estimates.
    cluster_of : Series
        Cluster of each unit, by unit id.
    """
    cluster = codes_of(cluster_of.loc[list(stored.unit_ids)].to_numpy(dtype=np.str_))[0]
    rows: list[dict[str, object]] = []
    for design in plan.designs:
        if design.estimator in TESTS_TRENDS:
            rows += _pretrend_rows(estimates, stored, cluster, design, plan)
    headline = estimates[(estimates["role"] != "supporting") & estimates["estimate"].notna()]
    for e in records(headline):
        influence = stored.of([without_vcov(e.estimate_id)])[:, 0]
        common = {"outcome": e.outcome, "design": design_of(e.estimate_id), "arm": e.arm}
        rows.append({**common, "measure": "leave_one_out", **_leave_one_out(e.estimate, influence)})
        rows.append({**common, "measure": "fewest_to_flip_sign", **_fewest_to_flip(e.estimate, influence)})
    return rows


def _leave_one_out(value: float, influence: Float1D) -> dict[str, object]:
    try:
        low, high = leave_one_out(value, influence)
    except IdentificationError as error:
        return {"value": value, "note": f"not defined: {error}"}
    return {"value": value, "low": low, "high": high, "note": FIRST_ORDER}


def _fewest_to_flip(value: float, influence: Float1D) -> dict[str, object]:
    try:
        flips = fewest_to_flip(value, influence)
    except IdentificationError as error:
        return {"note": f"not defined: {error}"}
    return {"value": flips, "note": NO_SET_FLIPS if flips is None else FIRST_ORDER}


def _pretrend_rows(
    estimates: pd.DataFrame, stored: StoredInfluence, cluster: Int1D, design: Design, plan: Plan
) -> Iterator[dict[str, object]]:
    is_mine = (estimates["estimate_id"].map(design_of) == design.name) & (estimates["subgroup"] == "")
    mine = estimates[is_mine & (estimates["estimand"] == "event_time") & estimates["estimate"].notna()]
    until = -getattr(design, "anticipation", 0)
    for (outcome, arm), part in mine.groupby(["outcome", "arm"]):
        pre = part[part["event_time"] < until].copy()
        pre["effect"] = [without_vcov(i) for i in pre["estimate_id"]]
        pre = pre.drop_duplicates("effect")
        row: dict[str, object] = {
            "outcome": outcome,
            "design": design.name,
            "arm": arm,
            "measure": "joint_pretrend",
        }
        if pre.empty:
            yield {**row, "note": NO_PRE_PERIOD}
            continue
        test = joint_test(pre["estimate"].to_numpy(dtype=np.float64), stored.of(list(pre["effect"])), cluster)
        yield {
            **row,
            "statistic": test.statistic,
            "df": test.df,
            "df_error": test.df_error,
            "p_value": test.p_value,
            "note": _pretrend_note(test.p_value, plan.level),
        }


def _pretrend_note(p_value: float, level: float) -> str:
    if np.isnan(p_value):
        return PRETREND_UNDEFINED
    if p_value < 1 - level:
        return TRENDS_IN_DOUBT.format(level=f"{100 * (1 - level):.3g}%")
    return TRENDS_MAY_DIFFER


def specification_rows(
    frame: pd.DataFrame, outcomes: tuple[Outcome, ...], plan: Plan, seed: int
) -> Iterator[dict[str, object]]:
    """Every design of the plan on all enterprises and on those observed in all periods.

    Where every enterprise with a value has one in all periods there is one sample, and one row. The
    headline's design is also shown on values that were not cut, where extreme ones were.
    """
    for outcome in outcomes:
        samples = [("all", frame)]
        balanced = _balanced(frame, outcome, plan)
        if balanced[outcome.name].count() < frame[outcome.name].count():
            samples.append(("balanced", balanced))
        for design in plan.designs:
            if design.outcomes and outcome.name not in design.outcomes:
                continue
            for sample, rows in samples:
                case = _Case(sample=sample, outcome=outcome, design=design, plan=plan, seed=seed)
                yield from _specification(rows, case)
            if outcome.winsorise is not None and design.name == (outcome.design or plan.primary):
                whole = frame.assign(**{outcome.name: frame[unwinsorised(outcome.name)]})
                yield from _specification(whole, replace(case, sample="unwinsorised"))


def _balanced(frame: pd.DataFrame, outcome: Outcome, plan: Plan) -> pd.DataFrame:
    """Rows of enterprises whose outcome is known in every period in which it was asked."""
    n_periods = len(outcome.periods) or len(plan.panel.periods)
    return frame[frame.groupby("unit")[outcome.name].transform("count") == n_periods]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A design on an outcome and a sample."""

    sample: str
    outcome: Outcome
    design: Design
    plan: Plan
    seed: int


def _specification(frame: pd.DataFrame, case: _Case) -> Iterator[dict[str, object]]:
    outcome, design, plan = case.outcome, case.design, case.plan
    row: dict[str, object] = {"outcome": outcome.name, "design": design.name, "sample": case.sample}
    cluster_name = plan.panel.unit if plan.cluster == CLUSTER_BY_UNIT else plan.cluster
    try:
        panel = panel_for(frame, outcome, design, plan)
        parts = estimate(panel, design, seed=case.seed)
    except ImpactEvalError as error:
        yield {**row, "arm": "", "note": str(error)}
        return
    for part in parts:
        vcov = design.vcov[0]
        found = with_errors(part, vcov, panel.cluster, level=plan.level, cluster_name=cluster_name)
        for j, key in enumerate(part.keys):
            if is_whole(key):
                yield {
                    **row,
                    "arm": key.arm,
                    "vcov": found.vcov,
                    "estimate": float(part.estimate[j]),
                    "std_error": float(found.std_error[j]),
                    "conf_low": float(found.conf_low[j]),
                    "conf_high": float(found.conf_high[j]),
                    "n_units": int(part.in_sample[:, j].sum()),
                    "n_obs": int(part.n_obs[j]),
                    "note": found.notes[j],
                }


def bounds_rows(
    frame: pd.DataFrame, outcomes: tuple[Outcome, ...], plan: Plan
) -> Iterator[dict[str, object]]:
    """Lee bounds on the change since the base period, for each arm, cohort and period after it."""
    for outcome in outcomes:
        panel = panel_for(frame, outcome, OUTCOME_ONLY, plan)
        for arm in panel.treated_arms:
            for cohort in np.unique(panel.cohort[panel.in_arm(arm)]).astype(np.int64):
                for period in panel.periods[panel.periods >= cohort]:
                    yield {
                        "outcome": outcome.name,
                        "arm": arm,
                        **_bounds(panel, arm, int(cohort), int(period)),
                    }


def _bounds(panel: Panel, arm: str, cohort: int, period: int) -> dict[str, object]:
    if panel.base_column(cohort) < 0:
        return {"cohort": cohort, "period": period, "note": "no period before treatment: no change to bound"}
    base = panel.outcome[:, panel.base_column(cohort)]
    change = panel.outcome[:, panel.column(period)] - base
    known_before = ~np.isnan(base)
    treated = panel.in_arm(arm) & (panel.cohort == cohort) & known_before
    comparison = panel.in_arm(panel.comparison_arm) & known_before
    row: dict[str, object] = {
        "cohort": cohort,
        "period": period,
        "n_treated": int(treated.sum()),
        "n_comparison": int(comparison.sum()),
    }
    if min(int(treated.sum()), int(comparison.sum())) == 0:
        return {**row, "note": "no value before treatment: no change to bound"}
    observed = ~np.isnan(change)
    n_seen = int((treated & observed).sum()), int((comparison & observed).sum())
    if min(n_seen) == 0:
        return {**row, "note": "one side is not observed at all: no bound"}
    bounds = lee_bounds(
        change[treated & observed], change[comparison & observed], int(treated.sum()), int(comparison.sum())
    )
    return {
        **row,
        "share_observed_treated": n_seen[0] / int(treated.sum()),
        "share_observed_comparison": n_seen[1] / int(comparison.sum()),
        "trimmed_side": bounds.trimmed_side,
        "trimmed_share": bounds.trimmed_share,
        "lower": bounds.lower,
        "upper": bounds.upper,
        "note": BOUNDS_NOTE + ("; without sampling weights" if panel.is_weighted else ""),
    }
