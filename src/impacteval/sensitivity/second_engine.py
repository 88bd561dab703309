"""The same regressions by statsmodels with explicit dummies, to check our own least squares."""

from __future__ import annotations

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.designs import (
    REFERENCE_EVENT_TIME,
    Ancova,
    CallawaySantAnna,
    Design,
    EventStudy,
    ExtendedTwoWay,
    Stacked,
    SunAbraham,
    TripleDifference,
    TwoByTwo,
    TwoWayFixedEffects,
    WithCovariates,
    WithRegression,
)
from impacteval.effects import EffectKey
from impacteval.errors import IdentificationError
from impacteval.panel import Panel

ENGINE = "statsmodels"
ENGINE_OF_DUMMIES = f"{ENGINE}: one regression with a dummy for every enterprise"
ENGINE_OF_PAIRS = f"{ENGINE}: for each pair of periods, outcome on treated, after and their product"
HAS_COVARIATES = "not compared: has covariates"
HAS_REGRESSORS = "not compared: has regressors of its own"
NO_ONE_EQUATION = "not compared: no regression of one equation"
NO_SECOND_VERSION = "not compared: this regression is not rebuilt"
LAST_TREATED = "not compared: against the cohort treated last"
NO_PAIRS = "not compared: does not take whoever is observed in both periods of a pair"
# A dummy for each unit makes the regression slow; above so many cells of the matrix it is not run.
LARGEST_MATRIX = 20_000_000


def engine_of(design: Design) -> str:
    """How the second engine does what a design does."""
    if reason_not_compared(design):
        return ENGINE
    is_pairs = isinstance(design, TwoByTwo | CallawaySantAnna)
    return ENGINE_OF_PAIRS if is_pairs else ENGINE_OF_DUMMIES


def reason_not_compared(design: Design) -> str:
    """Why the second engine does not cover a design; empty for one that it covers."""
    if _has_covariates(design):
        return HAS_COVARIATES
    match design:
        case TwoWayFixedEffects():
            has_own = design.regressors or design.dose or not design.period_effects
            return HAS_REGRESSORS if has_own else ""
        case EventStudy():
            return ""
        case SunAbraham():
            return "" if design.control_group == "never_treated" else LAST_TREATED
        case TwoByTwo() | CallawaySantAnna():
            return "" if design.missing == "pairs" else NO_PAIRS
        case ExtendedTwoWay() | Stacked() | Ancova() | TripleDifference():
            return NO_SECOND_VERSION
    return NO_ONE_EQUATION


def _has_covariates(design: Design) -> bool:
    by_period = isinstance(design, WithRegression) and (
        design.covariates_by_period or design.effects_by_period
    )
    return bool(by_period or (isinstance(design, WithCovariates) and design.covariates))


def second_engine(panel: Panel, design: Design) -> dict[EffectKey, tuple[float, float]]:
    """Estimate and cluster-robust error (without factor) of a design's effects, by key.

    Covers regressions without covariates: two-way fixed effects, its event study, Sun and Abraham,
    and each two-by-two comparison of group-time designs; other designs give nothing
    (``reason_not_compared``).

    Raises
    ------
    IdentificationError
        When the panel is too large for explicit dummies.
    """
    if reason_not_compared(design):
        return {}
    match design:
        case TwoWayFixedEffects():
            return _two_way(panel, _treated_by_arm(panel))
        case EventStudy():
            return _two_way(panel, _event_times(panel))
        case SunAbraham():
            return _two_way(panel, _cohort_event_times(panel))
        case TwoByTwo() | CallawaySantAnna():
            return _two_by_twos(panel, design)
    return {}


def _treated_by_arm(panel: Panel) -> dict[EffectKey, Bool2D]:
    return {
        EffectKey(estimand="coefficient", arm=arm, term="treated"): panel.is_treated
        & panel.in_arm(arm)[:, None]
        for arm in panel.treated_arms
    }


def _event_times(panel: Panel) -> dict[EffectKey, Bool2D]:
    event_time = panel.periods[None, :] - panel.cohort[:, None]
    found = {}
    for arm in panel.treated_arms:
        for e in np.unique(event_time[panel.in_arm(arm)]):
            if e != REFERENCE_EVENT_TIME:
                key = EffectKey(estimand="event_time", arm=arm, event_time=int(e))
                found[key] = panel.in_arm(arm)[:, None] & (event_time == e)
    return found


def _cohort_event_times(panel: Panel) -> dict[EffectKey, Bool2D]:
    found = {}
    for arm in panel.treated_arms:
        for cohort in np.unique(panel.cohort[panel.in_arm(arm)]):
            member = panel.in_arm(arm) & (panel.cohort == cohort)
            for column, period in enumerate(panel.periods):
                if period - cohort != REFERENCE_EVENT_TIME:
                    at = np.zeros_like(panel.outcome, dtype=np.bool_)
                    at[member, column] = True
                    key = EffectKey(
                        estimand="att_gt",
                        arm=arm,
                        cohort=int(cohort),
                        period=int(period),
                        event_time=int(period - cohort),
                    )
                    found[key] = at
    return found


def _two_way(panel: Panel, terms: dict[EffectKey, Bool2D]) -> dict[EffectKey, tuple[float, float]]:
    """Weighted least squares on terms, units and periods."""
    cells = ~np.isnan(panel.outcome) & (panel.weight > 0)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    terms = {key: at for key, at in terms.items() if (at & cells).any()}
    unit, period = np.nonzero(cells)
    units, periods = np.unique(unit), np.unique(period)
    if len(unit) * (len(units) + len(terms)) > LARGEST_MATRIX:
        raise IdentificationError(f"{len(units)} enterprises are too many for explicit dummies")
    regressors = np.column_stack(
        [
            *(at[cells].astype(np.float64) for at in terms.values()),
            *(period == p for p in periods[1:]),
            unit[:, None] == units[None, :],
        ]
    )
    fitted = _fitted(panel.outcome[cells], regressors, panel.weight[cells], panel.cluster[unit])
    return dict(zip(terms, zip(*fitted, strict=True), strict=False))


def _fitted(y: Float1D, x: Float2D, weight: Float1D, cluster: Int1D) -> tuple[list[float], list[float]]:
    from statsmodels.regression.linear_model import WLS

    result = WLS(y, x.astype(np.float64), weights=weight).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    return list(result.params), list(result.bse)


def _two_by_twos(panel: Panel, design: TwoByTwo | CallawaySantAnna) -> dict[EffectKey, tuple[float, float]]:
    found = {}
    for arm in panel.treated_arms:
        for cohort in np.unique(panel.cohort[panel.in_arm(arm)]):
            member = panel.in_arm(arm) & (panel.cohort == cohort)
            for column, period in enumerate(panel.periods):
                base = _base_column(panel, design, float(cohort), column)
                if base in (-1, column):
                    continue
                key = EffectKey(
                    estimand="att_gt",
                    arm=arm,
                    cohort=int(cohort),
                    period=int(period),
                    event_time=int(period - cohort),
                )
                pair = _two_by_two(panel, design, member, float(cohort), (base, column))
                if pair is not None:
                    found[key] = pair
    return found


def _base_column(panel: Panel, design: TwoByTwo | CallawaySantAnna, cohort: float, column: int) -> int:
    own = panel.base_column(cohort, design.anticipation)
    return column - 1 if design.base_period == "varying" and column <= own else own


def _two_by_two(
    panel: Panel,
    design: TwoByTwo | CallawaySantAnna,
    member: Bool1D,
    cohort: float,
    columns: tuple[int, int],
) -> tuple[float, float] | None:
    """Regression of both periods' outcomes on treated, after and their product."""
    latest = panel.periods[max(columns)] + design.anticipation
    comparison = np.isinf(panel.cohort)
    if design.control_group == "not_yet_treated":
        comparison = (panel.cohort > latest) & (panel.cohort != cohort)
    pair = panel.outcome[:, list(columns)]
    weight = panel.weight[:, min(columns)]
    used = (member | comparison) & ~np.isnan(pair).any(axis=1) & (weight > 0)
    if min((used & member).sum(), (used & comparison).sum()) < 2:
        return None
    after = np.repeat([0.0, 1.0], used.sum())
    treated = np.tile(member[used], 2).astype(np.float64)
    x = np.column_stack([treated * after, treated, after, np.ones_like(after)])
    estimate, error = _fitted(
        pair[used].T.ravel(), x, np.tile(weight[used], 2), np.tile(panel.cluster[used], 2)
    )
    return estimate[0], error[0]
