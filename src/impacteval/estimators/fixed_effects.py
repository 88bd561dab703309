"""Two-way fixed effects and its event study."""

from __future__ import annotations

import numpy as np

from impacteval.arrays import Float2D
from impacteval.designs import REFERENCE_EVENT_TIME, EventStudy, TwoWayFixedEffects
from impacteval.effects import EffectKey, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.rows import (
    Term,
    covariate_terms,
    drop_singletons,
    effects_of_fit,
    observed_cells,
    regress,
)
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
        One coefficient an arm, or one a regressor, in the unit of the outcome.

    Raises
    ------
    IdentificationError
        When an arm has no comparison unit, or a regressor does not vary within units.
    """
    if design.regressors:
        treatment = [
            Term(
                key=EffectKey(estimand="coefficient", term=name),
                name=name,
                values=panel.covariates[name],
            )
            for name in design.regressors
        ]
    else:
        treatment = [
            Term(
                key=EffectKey(estimand="coefficient", arm=arm, term="treated"),
                name=f"treated, arm {arm}",
                values=(panel.is_treated & panel.in_arm(arm)[:, None]).astype(np.float64),
            )
            for arm in panel.treated_arms
        ]
    return _fit(
        panel,
        [*treatment, *covariate_terms(panel, design.covariates)],
        design.estimator,
        design.period_effects,
    )


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
    event_time = panel.periods[None, :] - panel.cohort[:, None]
    _refuse_gaps(panel, event_time)
    terms = []
    for arm in panel.treated_arms:
        mine = panel.in_arm(arm)[:, None] & ~np.isnan(panel.outcome)
        for e in np.unique(event_time[mine]).astype(np.int64):
            if e == REFERENCE_EVENT_TIME:
                continue
            at = panel.in_arm(arm)[:, None] & (event_time == e)
            terms.append(
                Term(
                    key=EffectKey(estimand="event_time", arm=arm, event_time=int(e)),
                    name=f"event time {e}, arm {arm}",
                    values=at.astype(np.float64),
                )
            )
    return _fit(panel, [*terms, *covariate_terms(panel, design.covariates)], design.estimator, True)


def _refuse_gaps(panel: Panel, event_time: Float2D) -> None:
    """Every cohort needs event time -1, which its effects are relative to."""
    has_reference = (event_time == REFERENCE_EVENT_TIME).any(axis=1) | np.isinf(panel.cohort)
    if not has_reference.all():
        cohorts = sorted({int(c) for c in panel.cohort[~has_reference]})
        raise IdentificationError(
            f"{panel.name}: cohort {', '.join(map(str, cohorts))} has no period one before its treatment, "
            "which an event study is relative to; number rounds 1, 2, 3, ... (period_labels can hold years), "
            "or leave the event study out"
        )


def _fit(panel: Panel, terms: list[Term], estimator: str, period_effects: bool) -> Effects:
    cells = drop_singletons(observed_cells(panel, terms, np.ones_like(panel.outcome, dtype=np.bool_)))
    if not cells[panel.in_arm(panel.comparison_arm)].any():
        raise IdentificationError(
            f"{panel.name}: no unit of the comparison group {panel.comparison_arm!r} is observed twice; "
            "name another comparison group or drop this outcome from the design"
        )
    fit = regress(panel, terms, cells, period_effects=period_effects, absorb_units=True)
    return effects_of_fit(panel, fit, terms, cells, estimator=estimator)
