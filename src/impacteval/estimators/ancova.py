"""Analysis of covariance: levels after treatment, given the level before."""

from __future__ import annotations

import numpy as np

from impacteval.designs import Ancova
from impacteval.effects import EffectKey, Effects, joint
from impacteval.errors import IdentificationError
from impacteval.estimators.covariates import changing_notes, missing_covariates
from impacteval.estimators.losses import usable_cells
from impacteval.estimators.notes import counted, in_brackets
from impacteval.estimators.patterns import groups_of
from impacteval.estimators.period_effects import period_indicators
from impacteval.estimators.rows import Model, Term, covariate_terms, regress
from impacteval.panel import Panel

BASELINE = "baseline"


def ancova(panel: Panel, design: Ancova) -> Effects:
    """Regress the outcome after treatment on arms, its baseline value, covariates and period effects.

    More precise than difference-in-differences when outcomes are weakly autocorrelated (McKenzie
    2012, Journal of Development Economics 99(2), equation 9); unbiased only when arms were assigned
    at random.

    Parameters
    ----------
    panel : Panel
    design : Ancova
        ``by_period`` regresses each period on its own instead of pooling them, without arms of which
        nobody is treated by then. The baseline value
        is the covariate ``BASELINE`` where the panel has one, else the outcome in the last period
        before anybody's treatment; one that does not vary between units is left out.

    Returns
    -------
    Effects
        One effect an arm (and period), in the unit of the outcome.

    Raises
    ------
    IdentificationError
        When a period has no comparison unit, or no unit has a baseline value.
    """
    first = float(np.min(panel.cohort))
    after = [int(p) for p in panel.periods if p >= first]
    if design.by_period:
        return joint([_fit(panel, design, [p]) for p in after])
    return _fit(panel, design, [int(p) for p in panel.periods] if design.include_base_period else after)


def _baseline_terms(panel: Panel, design: Ancova) -> list[Term]:
    if design.baseline == "none":
        return []
    if BASELINE in panel.covariates:
        values = panel.covariates[BASELINE]
    else:
        # One period for all: a unit's own last one before treatment would be an outcome row of later cohorts.
        column = panel.base_column(float(np.min(panel.cohort)))
        own = panel.outcome[:, column] if column >= 0 else np.full(panel.n_units, np.nan)
        values = np.repeat(own[:, None], len(panel.periods), axis=1)
    known = values[~np.isnan(values)]
    if len(known) == 0:
        raise IdentificationError(
            f"{panel.name}: no unit has a baseline value, which {design.name!r} needs; take this outcome out "
            "of it or set `baseline: none`"
        )
    return [Term(key=None, name="baseline value", values=values)] if np.ptp(known) > 0 else []


def _fit(panel: Panel, design: Ancova, periods: list[int]) -> Effects:
    one_period = periods[0] if design.by_period else None
    in_periods = np.broadcast_to(np.isin(panel.periods, periods)[None, :], panel.outcome.shape)
    later = _arms_not_begun(panel, one_period)
    in_periods = in_periods & ~np.isin(panel.arm, later)[:, None]
    groups = groups_of(panel)
    treated = panel.periods[None, :] >= groups.cohort[:, None]
    terms = [
        Term(
            key=EffectKey(estimand="coefficient", arm=arm, term="assigned", period=one_period),
            name=f"arm {arm}",
            values=(treated & (groups.arm == arm)[:, None]).astype(np.float64),
        )
        for arm in groups.treated_arms(panel.comparison_arm)
        if arm not in later
    ]
    baseline = _baseline_terms(panel, design)
    needed = missing_covariates(panel, design.covariates)
    if baseline:
        needed["the baseline value is not known"] = baseline[0].values
    usable = usable_cells(panel, needed, keep=in_periods, absorb_units=False)
    cells, left_out = usable.cells, [*usable.notes, *_later_notes(panel, later)]
    if not cells[panel.in_arm(panel.comparison_arm)].any():
        raise IdentificationError(
            f"{panel.name}: no comparison unit in period {', '.join(map(str, periods))}"
            f"{in_brackets('; '.join(usable.notes))}; take this outcome out of {design.name!r}"
        )
    model = Model(
        groups=groups,
        cells=cells,
        effects=period_indicators(panel, groups, cells),
        shared=tuple(terms),
        own=(*baseline, *covariate_terms(panel, design.covariates)),
        absorb_units=False,
        note="; ".join([*left_out, *changing_notes(panel, design.covariates, cells)]),
    )
    return regress(panel, model, design.estimator)


def _arms_not_begun(panel: Panel, period: int | None) -> list[str]:
    """Arms of which nobody is treated by a period; none if periods are pooled."""
    if period is None:
        return []
    return [arm for arm in panel.treated_arms if panel.cohort[panel.in_arm(arm)].min() > period]


def _later_notes(panel: Panel, arms: list[str]) -> list[str]:
    return [
        f"arm {arm} is left out of this period: "
        f"{counted(int(panel.in_arm(arm).sum()), 'unit is', 'units are')} treated later"
        for arm in arms
    ]
