"""Two-way fixed effects and its event study."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from impacteval.arrays import Float1D
from impacteval.designs import REFERENCE_EVENT_TIME, EventStudy, TwoWayFixedEffects
from impacteval.effects import EffectKey, Effects
from impacteval.errors import ConfigError, IdentificationError
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
    IdentificationError
        When an arm has no comparison unit, or a regressor does not vary within units.
    """
    own = _own_treatment(panel, design)
    model = model_without_treatment(
        panel, design, regressors=[t.values for t in own], with_periods=design.period_effects
    )
    refuse_without_comparison(panel, model.cells)
    shared = () if own or design.regressors else tuple(_treated_by_now(panel, model.groups))
    return regress(panel, replace(model, shared=shared, own=(*own, *model.own)), design.estimator)


def _own_treatment(panel: Panel, design: TwoWayFixedEffects) -> list[Term]:
    """Regressors that differ between units of a group: named ones, or doses."""
    if design.regressors and design.dose:
        raise ConfigError(f"design {design.name!r}: name regressors or a dose, not both")
    if not design.period_effects and (design.effects_by_period or design.covariates_by_period):
        raise ConfigError(
            f"design {design.name!r}: without period effects there are no effects or covariates by period"
        )
    if design.dose:
        dose = panel.covariates[design.dose]
        return [
            Term(
                key=EffectKey(estimand="coefficient", arm=arm, term=f"dose:{design.dose}"),
                name=f"dose {design.dose}, arm {arm}",
                values=np.where(panel.is_treated & panel.in_arm(arm)[:, None], dose, 0.0),
            )
            for arm in panel.treated_arms
        ]
    return [
        Term(key=EffectKey(estimand="coefficient", term=name), name=name, values=panel.covariates[name])
        for name in design.regressors
    ]


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
        When there is no comparison unit, or an event time cannot be told from unit and period.
    """
    model = model_without_treatment(panel, design)
    refuse_cohorts_without_reference(panel, model.groups.cohort, "an event study")
    refuse_without_comparison(panel, model.cells)
    groups = model.groups
    event_time = panel.periods[None, :] - groups.cohort[:, None]
    observed = groups.observed(~np.isnan(panel.outcome))
    terms = []
    for arm in groups.treated_arms(panel.comparison_arm):
        of_arm = (groups.arm == arm)[:, None]
        for e in np.unique(event_time[of_arm & observed]).astype(np.int64):
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


def refuse_cohorts_without_reference(panel: Panel, cohort: Float1D, what: str) -> None:
    """Every cohort needs event time -1, which its effects are relative to."""
    cohorts = np.unique(cohort[np.isfinite(cohort)])
    lacking = cohorts[~np.isin(cohorts + REFERENCE_EVENT_TIME, panel.periods)]
    if len(lacking):
        raise IdentificationError(
            f"{panel.name}: cohort {', '.join(f'{c:.0f}' for c in lacking)} has no period one before its "
            f"treatment, which {what} is relative to; number rounds 1, 2, 3, ... (period_labels can hold "
            f"years), or leave {what} out"
        )
