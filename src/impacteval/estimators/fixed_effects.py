"""Two-way fixed effects and its event study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D
from impacteval.designs import REFERENCE_EVENT_TIME, EventStudy, TwoWayFixedEffects
from impacteval.effects import EffectKey, Effects
from impacteval.errors import ConfigError, DataError, IdentificationError
from impacteval.estimators.covariates import model_without_treatment, refuse_without_comparison
from impacteval.estimators.patterns import Groups
from impacteval.estimators.rows import Term, regress
from impacteval.panel import Panel


def two_way_fixed_effects(panel: Panel, design: TwoWayFixedEffects) -> Effects:
    """Regress the outcome on treatment, unit effects and period effects.

    With treatment taken up at different times and effects that differ, the coefficient averages
    effects with weights that can be negative (de Chaisemartin and D'Haultfoeuille 2020, American
    Economic Review 110(9), theorem 1); with one date and one arm it is the average effect.

    Parameters
    ----------
    panel : Panel
    design : TwoWayFixedEffects
        Own ``regressors`` replace the arms; ``period_effects`` may be left out with them.

    Returns
    -------
    Effects
        One coefficient an arm, or one a regressor, in the unit of the outcome; with ``dose``, in
        its unit per unit of the dose.

    Raises
    ------
    DataError
        When a comparison unit has a dose.
    IdentificationError
        When an arm has no comparison unit, or a regressor does not vary within units.
    """
    own = _own_treatment(panel, design)
    model = model_without_treatment(
        panel, design, regressors=_needed(design, own), with_periods=design.period_effects
    )
    refuse_without_comparison(panel, model)
    shared = () if own or design.regressors else tuple(_treated_by_now(panel, model.groups))
    return regress(panel, replace(model, shared=shared, own=(*own, *model.own)), design.estimator)


def _own_treatment(panel: Panel, design: TwoWayFixedEffects) -> list[Term]:
    """Regressors that differ between units of a group: named ones, or doses."""
    if not design.period_effects and (design.effects_by_period or design.covariates_by_period):
        raise ConfigError(
            f"design {design.name!r}: without period effects there are no effects or covariates by period"
        )
    if design.dose:
        dose = _dose_by_now(panel, design)
        return [
            Term(
                key=EffectKey(estimand="coefficient", arm=arm, term=f"dose:{design.dose}"),
                name=f"dose {design.dose}, arm {arm}",
                values=np.where(panel.in_arm(arm)[:, None], dose, 0.0),
            )
            for arm in panel.treated_arms
        ]
    return [
        Term(key=EffectKey(estimand="coefficient", term=name), name=name, values=panel.covariates[name])
        for name in design.regressors
    ]


def _dose_by_now(panel: Panel, design: TwoWayFixedEffects) -> Float2D:
    """The dose once treated, (n_units, n_periods), 0 before.

    NaN throughout for a treated unit of which no dose is known beside an outcome: its cells before
    treatment would stand for units that are there to be compared with.
    """
    values, treated = panel.covariates[design.dose], panel.is_treated
    known = ~np.isnan(values)
    has_dose = np.asarray((known & (values != 0)).any(axis=1))
    wrong = np.asarray(has_dose & panel.in_arm(panel.comparison_arm))
    if wrong.any():
        first = ", ".join(str(u) for u in panel.unit_ids[wrong][:5])
        raise DataError(
            f"column {design.dose}: {wrong.sum()} units, of whom each is in the comparison and has a dose; "
            f"correct it (first: {first})"
        )
    has_known = np.asarray((treated & known & ~np.isnan(panel.outcome)).any(axis=1))
    lacks = np.asarray((treated & ~known).any(axis=1)) & ~has_known
    return np.where(lacks[:, None], np.nan, np.where(treated, values, 0.0))


def _needed(design: TwoWayFixedEffects, own: Sequence[Term]) -> dict[str, Float2D]:
    """What a cell needs beside covariates, by what is said of one without it."""
    if design.dose and own:
        # Each is zero for units of other arms.
        return {f"the dose {design.dose!r} is not known": np.sum([t.values for t in own], axis=0)}
    return {f"regressor {t.name} is missing": t.values for t in own}


def _treated_by_now(panel: Panel, groups: Groups) -> list[Term]:
    treated = panel.periods[None, :] >= groups.cohort[:, None]
    return [
        Term(
            key=EffectKey(estimand="coefficient", arm=arm, term="treated"),
            name=f"treated, arm {arm}",
            values=(treated & (groups.arm == arm)[:, None]).astype(np.float64),
        )
        for arm in groups.treated_arms(panel.comparison_arm)
    ]


def event_study(panel: Panel, design: EventStudy) -> Effects:
    """Regress the outcome on event times but -1, unit effects and period effects.

    Event times before -1 show whether trends differed before treatment. With several cohorts the
    coefficients mix effects of other event times (Sun and Abraham 2021, Journal of Econometrics
    225(2), proposition 3).

    Parameters
    ----------
    panel : Panel
    design : EventStudy

    Returns
    -------
    Effects
        One effect an arm and event time, in the unit of the outcome; relative to event time -1.

    Raises
    ------
    IdentificationError
        When there is no comparison unit, an arm is not observed one period before its treatment, or
        an event time cannot be told from unit and period.
    """
    model = model_without_treatment(panel, design)
    refuse_cohorts_without_reference(panel, model.groups.cohort, "an event study")
    refuse_without_comparison(panel, model)
    groups = model.groups
    event_time = panel.periods[None, :] - groups.cohort[:, None]
    used = groups.observed(model.cells)
    terms = []
    for arm in groups.treated_arms(panel.comparison_arm):
        of_arm = (groups.arm == arm)[:, None]
        found = np.unique(event_time[of_arm & used]).astype(np.int64)
        _refuse_arm_without_reference(panel, arm, found)
        for e in found:
            if e == REFERENCE_EVENT_TIME:
                continue
            terms.append(
                Term(
                    key=EffectKey(estimand="event_time", arm=arm, event_time=int(e)),
                    name=f"event time {e}, arm {arm}",
                    values=(of_arm & (event_time == e)).astype(np.float64),
                )
            )
    return regress(panel, replace(model, shared=tuple(terms)), design.estimator)


def _refuse_arm_without_reference(panel: Panel, arm: str, event_times: Int1D) -> None:
    if len(event_times) and REFERENCE_EVENT_TIME not in event_times:
        raise IdentificationError(
            f"{panel.name}: no unit of arm {arm} can be used one period before its treatment, which an event "
            "study is relative to; take the arm or this outcome out of the design"
        )


def refuse_cohorts_without_reference(panel: Panel, cohort: Float1D, what: str) -> None:
    """Every cohort needs event time -1, which its effects are relative to."""
    cohorts = np.unique(cohort[np.isfinite(cohort)])
    lacking = cohorts[~np.isin(cohorts + REFERENCE_EVENT_TIME, panel.periods)]
    late = lacking[lacking > panel.periods[-1]]
    if len(late):
        raise IdentificationError(
            f"{panel.name}: cohort {_listed(late)} is treated after the last period, {panel.periods[-1]}, "
            f"and not observed one period before, which {what} is relative to; code its units as never "
            "treated or leave them out"
        )
    if len(lacking):
        raise IdentificationError(
            f"{panel.name}: cohort {_listed(lacking)} has no period one before its treatment, which {what} "
            f"is relative to; number rounds 1, 2, 3, ... (period_labels can hold years), or leave {what} out"
        )


def _listed(cohorts: Float1D) -> str:
    return ", ".join(f"{c:.0f}" for c in cohorts)
