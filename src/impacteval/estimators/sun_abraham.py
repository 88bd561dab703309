"""The interaction-weighted estimator: a coefficient for each cohort and event time, averaged by shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Int1D
from impacteval.designs import REFERENCE_EVENT_TIME, SunAbraham
from impacteval.effects import EffectKey, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.alone import unknown_where_alone
from impacteval.estimators.covariates import model_without_treatment, refuse_without_comparison
from impacteval.estimators.fixed_effects import refuse_cohorts_without_reference
from impacteval.estimators.notes import counted
from impacteval.estimators.rows import (
    Combination,
    Model,
    Term,
    refuse_without_treatment,
    regress,
    weight_by_group,
)
from impacteval.panel import Panel


def sun_abraham(panel: Panel, design: SunAbraham) -> Effects:
    """Regress on cohort times event time with unit and period effects, then average by cohort shares.

    Sun and Abraham (2021), Journal of Econometrics 225(2), section 4: interactions of cohort and
    event time but -1, and averages weighted by each cohort's share of the cells. Shares are taken
    as fixed, as in the R package fixest; with weights they are shares of weight.

    Parameters
    ----------
    panel : Panel
    design : SunAbraham
        With ``control_group: last_treated`` the cohort treated last is compared with, in the periods
        before its treatment; never-treated units are left out and counted in a note.

    Returns
    -------
    Effects
        ``att_gt`` by arm, cohort and period, then the averages that the design names, in its order;
        in the unit of the outcome, relative to event time -1.

    Raises
    ------
    IdentificationError
        When there is no unit to compare with, or a cohort is not observed one period before its
        treatment.
    """
    if design.control_group == "last_treated":
        return _against_last_treated(panel, design)
    model = model_without_treatment(panel, design)
    refuse_without_comparison(panel, model)
    return _regress(panel, model, design)


def _against_last_treated(panel: Panel, design: SunAbraham) -> Effects:
    cohorts = np.unique(panel.cohort[np.isfinite(panel.cohort)])
    if len(cohorts) < 2:
        raise IdentificationError(
            f"{panel.name}: {len(cohorts)} cohort, none treated later to compare it with; compare with "
            "never-treated units"
        )
    last = cohorts[-1]
    is_last, never = panel.cohort == last, np.isinf(panel.cohort)
    keep = np.where(never[:, None], False, panel.periods[None, :] < last)
    model = model_without_treatment(panel, design, keep=keep)
    if not model.cells[is_last].any():
        raise IdentificationError(
            f"{panel.name}: no unit of the cohort treated last, {last:.0f}, is observed twice before; "
            "compare with never-treated units"
        )
    n_never = int(never.sum())
    left_out = f", {n_never} never-treated units left out" if n_never else ""
    note = f"compared with cohort {last:.0f} before its treatment{left_out}"
    notes = (note, *_arms_of_last_only(panel, float(last)), model.note)
    model = replace(model, note="; ".join(filter(None, notes)))
    effects = _regress(panel, model, design, last=float(last))
    side = is_last & model.cells.any(axis=1)
    return replace(
        effects,
        comparison=f"cohort {last:.0f}",
        comparison_side=np.broadcast_to(side[:, None], effects.in_sample.shape).copy(),
    )


def _arms_of_last_only(panel: Panel, last: float) -> list[str]:
    """Say which arms have no effect, since all their units are compared with."""
    return [
        f"arm {arm} has no effect of its own: {counted(int(panel.in_arm(arm).sum()), 'unit')}, all of cohort "
        f"{last:.0f}"
        for arm in panel.treated_arms
        if (panel.cohort[panel.in_arm(arm)] == last).all()
    ]


def _regress(panel: Panel, model: Model, design: SunAbraham, *, last: float = np.inf) -> Effects:
    """Regress on the interactions of all cohorts before the last and report their averages."""
    cohorts = model.groups.cohort[model.groups.cohort < last]
    refuse_cohorts_without_reference(panel, cohorts, "the estimator of Sun and Abraham")
    terms = _interactions(panel, model, last)
    refuse_without_treatment(panel, terms)
    weight = weight_by_group(panel, model)
    total = np.array([np.sum(weight * term.values) for term in terms])
    combinations = [c for name in design.averages for c in _averages(name, terms, total)]
    model = replace(model, shared=terms)
    effects = regress(panel, model, design.estimator, combinations=combinations)
    weights = np.array([c.weight for c in combinations]).reshape(-1, len(terms))
    return unknown_where_alone(effects, weights, np.ones(len(terms), dtype=np.bool_), panel.cluster)


def _interactions(panel: Panel, model: Model, last: float) -> tuple[Term, ...]:
    """An indicator for each arm, cohort and period seen but event time -1."""
    groups = model.groups
    seen = groups.observed(model.cells)
    terms: list[Term] = []
    for arm in groups.treated_arms(panel.comparison_arm):
        of_arm = groups.arm == arm
        for cohort in np.unique(groups.cohort[of_arm & (groups.cohort < last)]):
            here = of_arm & (groups.cohort == cohort)
            periods = panel.periods[seen[here].any(axis=0)]
            _refuse_unseen(panel, arm, cohort, periods)
            terms += [
                _interaction(panel, arm, int(cohort), int(period), here)
                for period in periods
                if period - cohort != REFERENCE_EVENT_TIME
            ]
    return tuple(terms)


def _refuse_unseen(panel: Panel, arm: str, cohort: float, periods: Int1D) -> None:
    """A cohort needs a cell one period before its treatment and, if it is treated by now, one after."""
    if cohort + REFERENCE_EVENT_TIME not in periods:
        when = "one period before"
    elif cohort <= panel.periods[-1] and not (periods >= cohort).any():
        when = "after"
    else:
        return
    raise IdentificationError(
        f"{panel.name}: no unit of cohort {cohort:.0f}, arm {arm}, is observed {when} its treatment; "
        "take the outcome out of this design"
    )


def _interaction(panel: Panel, arm: str, cohort: int, period: int, here: Bool1D) -> Term:
    key = EffectKey(estimand="att_gt", arm=arm, cohort=cohort, period=period, event_time=period - cohort)
    return Term(
        key=key,
        name=f"cohort {cohort} in period {period}, arm {arm}",
        values=(here[:, None] & (panel.periods == period)).astype(np.float64),
    )


def _averages(name: str, terms: tuple[Term, ...], total: Float1D) -> list[Combination]:
    """Averages of one kind, each by arm, weighted by the weight of the cells."""
    key_of: Callable[[EffectKey], EffectKey | None] = {
        "simple": _simple,
        "event_time": lambda k: EffectKey(estimand="event_time", arm=k.arm, event_time=k.event_time),
        "cohort": lambda k: replace(s, estimand="cohort", cohort=k.cohort) if (s := _simple(k)) else None,
    }[name]
    keys = [key_of(t.key) if t.key else None for t in terms]
    distinct = sorted({k for k in keys if k}, key=lambda k: (k.arm or "", k.cohort or 0, k.event_time or 0))
    members: Bool2D = np.array([[k == key for k in keys] for key in distinct]).reshape(-1, len(terms))
    return [
        Combination(key=key, weight=member * total / np.sum(member * total))
        for key, member in zip(distinct, members, strict=True)
    ]


def _simple(key: EffectKey) -> EffectKey | None:
    if key.event_time is None or key.event_time < 0:
        return None
    return EffectKey(estimand="simple", arm=key.arm)
