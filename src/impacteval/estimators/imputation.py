"""Effects of treatment on outcomes imputed from untreated cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Int1D
from impacteval.designs import REFERENCE_EVENT_TIME, Imputation
from impacteval.effects import EffectKey, Effects, joint
from impacteval.errors import ConfigError
from impacteval.estimators.notes import Lone, lone_effects, noted
from impacteval.estimators.rows import drop_singletons
from impacteval.estimators.untreated_columns import (
    Cells,
    Columns,
    cells_at,
    cells_of_design,
    groups_of_column,
    regressors,
    side_by_side,
)
from impacteval.estimators.untreated_effects import (
    By,
    Targets,
    effects_of_targets,
    event_times,
    targets,
    treated_targets,
)
from impacteval.estimators.untreated_model import (
    EXACT,
    UntreatedModel,
    WithinFit,
    fit_untreated,
    fit_within,
    influence_of_means,
    mean_residuals,
)
from impacteval.panel import Panel

EXPLAINED = "explained by unit and period effects and later event times"


def imputation(panel: Panel, design: Imputation) -> Effects:
    """Average effects by imputing each treated cell's outcome without treatment.

    Effects are ``tau_it = Y_it - a_i - x_it'b`` with the model of ``fit_untreated`` (Borusyak,
    Jaravel and Spiess 2024, Review of Economic Studies 91(6), theorem 2), averaged with the
    panel's weights. Influence gives their conservative clustered variance (theorem 3, equations 7
    and 8): in treated cells the effect less its average over the cells of the same arm, cohort and
    period, with squared weights. It takes the sizes of cohorts as given, and with uneven weights
    its sum is close to zero rather than zero.

    Parameters
    ----------
    panel : Panel
    design : Imputation
        Each of ``averages`` gives its rows; ``event_time`` those of ``pretrends`` too.

    Returns
    -------
    Effects
        By arm, in the unit of the outcome. An average without a cell that can be imputed is NaN
        and says so; so is the influence of one with a cohort, or with untreated units, that in some
        period are one unit or lie in one cluster.

    Raises
    ------
    ConfigError
        When the design asks for no average, or for pre-trends but no averages by event time.
    IdentificationError
        When nothing can be imputed, or a covariate is explained by the other regressors.
    """
    if not design.averages:
        raise ConfigError(f"design {design.name}: averages is empty; name simple, event_time or cohort")
    if design.pretrend_periods and "event_time" not in design.averages:
        raise ConfigError(
            f"design {design.name}: pretrend_periods are event times: add event_time to averages or leave "
            "pretrend_periods out"
        )
    model = fit_untreated(panel, design)
    members = _members(panel, design, model.fit)
    parts = []
    for by in design.averages:
        leads = pretrends(panel, design) if by == "event_time" else None
        parts += [leads] if leads else []
        parts.append(_average(panel, model, members, by))
    return joint(parts)


def pretrends(panel: Panel, design: Imputation) -> Effects | None:
    """Differences in trends before treatment, by regression on untreated cells alone.

    The model of untreated outcomes with an indicator of each arm and event time before treatment
    (Borusyak, Jaravel and Spiess 2024, section 4.4). ``pretrend_periods: k`` has the
    last k event times, against all earlier ones; 0 has all but the last, which they are relative to.

    Returns
    -------
    Effects or None
        None when no such event time is observed. Event times that unit and period effects explain
        are NaN, and the others say that they are relative to them too.
    """
    untreated = drop_singletons(cells_of_design(panel, design) & ~panel.is_treated)
    event_time = event_times(panel)
    if design.pretrend_periods:
        asked = event_time >= -design.pretrend_periods
    else:
        asked = event_time != REFERENCE_EVENT_TIME
    chosen = targets(panel, untreated & asked & np.isfinite(event_time), "event_time")
    if not chosen.keys:
        return None
    cells = cells_at(panel, untreated)
    fit, _ = fit_within(
        cells,
        side_by_side([regressors(panel, design, cells), _lead_columns(chosen, cells)]),
        n_units=panel.n_units,
        name=panel.name,
    )
    return _leads(panel, chosen, fit, design.estimator)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    """Effects on an arm's cohort in a period, which averages are made of.

    Attributes
    ----------
    code : (n_cells,)
        The effect that a treated cell belongs to; -1 for untreated ones.
    deviation : (n_cells,)
        Effect of each treated cell less the average of its code.
    lone : Lone
    """

    code: Int1D
    deviation: Float1D
    lone: Lone


def _average(panel: Panel, model: UntreatedModel, members: _Members, by: By) -> Effects:
    fit, chosen = model.fit, treated_targets(panel, model, by)
    code, n_codes = chosen.code[fit.cells.unit, fit.cells.period], len(chosen.keys)
    influence = influence_of_means(fit, code, n_codes, members.deviation)
    uses = np.zeros((n_codes, len(members.lone.either)), dtype=np.bool_)
    averaged = (code >= 0) & (members.code >= 0)
    uses[code[averaged], members.code[averaged]] = True
    influence[:, (uses & members.lone.either).any(axis=1) | fit.is_exact] = np.nan
    alone = [members.lone.note(of_average) for of_average in uses]
    return effects_of_targets(
        panel,
        Targets(keys=noted(noted(chosen.keys, alone), _exact(fit, n_codes)), code=chosen.code),
        fit.cells,
        estimate=mean_residuals(fit, code, n_codes),
        influence=influence,
        estimator="imputation",
    )


def _cohort_period(panel: Panel, cells: Cells) -> Int1D:
    """Number of the arm, cohort and period of each treated cell, (n_cells,); -1 if untreated."""
    arm = np.unique(panel.arm, return_inverse=True)[1]
    cohort = np.unique(panel.cohort, return_inverse=True)[1]
    unit_code = arm * (cohort.max() + 1) + cohort
    code = unit_code[cells.unit] * len(panel.periods) + cells.period
    return _numbered(np.where(cells.is_untreated, -1, code), ~cells.is_untreated)[0]


def _members(panel: Panel, design: Imputation, fit: WithinFit) -> _Members:
    code = _cohort_period(panel, fit.cells)
    return _Members(
        code=code, deviation=_deviation(fit, code), lone=_lone(panel, design, fit.cells, cohort_period=code)
    )


def _lone(panel: Panel, design: Imputation, cells: Cells, *, cohort_period: Int1D) -> Lone:
    """Cohorts by period whose treated cells, or untreated cells of the same period effect, stand alone.

    A unit with one untreated cell says nothing of period effects.
    """
    everybody = np.zeros(panel.n_units, dtype=np.int64)
    groups = [groups_of_column(panel, name)[0] for name in design.effects_by_period] or [everybody]
    treated = cohort_period >= 0
    code, unit = cohort_period[treated], cells.unit[treated]
    n_untreated = np.bincount(cells.unit[cells.is_untreated], minlength=panel.n_units)
    informs = cells.is_untreated & (n_untreated > 1)[cells.unit]
    own = lone_effects([_side(panel, code, unit, int(code.max()) + 1)], panel.cluster)
    on_one_unit, on_one_cluster = own.on_one_unit.copy(), own.on_one_cluster.copy()
    for group in groups:
        effect, n_effects = _numbered(group[cells.unit] * len(panel.periods) + cells.period, treated)
        side = _side(panel, effect[informs], cells.unit[informs], n_effects)
        of_effect = lone_effects([side], panel.cluster)
        on_one_unit[code[of_effect.on_one_unit[effect[treated]]]] = True
        on_one_cluster[code[of_effect.on_one_cluster[effect[treated]]]] = True
    return Lone(on_one_unit=on_one_unit, on_one_cluster=on_one_cluster & ~on_one_unit)


def _numbered(code: Int1D, among: Bool1D) -> tuple[Int1D, int]:
    """Number the codes of some cells, (n_cells,); -1 for other codes."""
    found = np.unique(code[among])
    place = np.minimum(np.searchsorted(found, code), len(found) - 1)
    return np.where(found[place] == code, place, -1), len(found)


def _side(panel: Panel, code: Int1D, unit: Int1D, n_codes: int) -> Bool2D:
    """Which units have a cell of each code, (n_units, n_codes)."""
    side = np.zeros((panel.n_units, n_codes), dtype=np.bool_)
    side[unit[code >= 0], code[code >= 0]] = True
    return side


def _deviation(fit: WithinFit, cohort_period: Int1D) -> Float1D:
    """Effect of each treated cell less the average of its cohort and period.

    The average has the squares of the weights that cells have in the estimate: within a cohort and
    period these are proportional to the panel's weights.
    """
    treated = cohort_period >= 0
    code, weight = cohort_period[treated], np.square(fit.cells.weight[treated])
    effect = fit.residual[treated]
    with np.errstate(invalid="ignore"):
        average = np.bincount(code, weights=weight * effect) / np.bincount(code, weights=weight)
    deviation = np.zeros(len(treated))
    deviation[treated] = effect - average[code]
    return deviation


def _exact(fit: WithinFit, n_keys: int) -> list[str]:
    return [EXACT if fit.is_exact else ""] * n_keys


def _lead_columns(chosen: Targets, cells: Cells) -> Columns:
    """Indicators of arms and event times, later ones first, so that the earliest gives way."""
    code = chosen.code[cells.unit, cells.period]
    latest_first = np.arange(len(chosen.keys))[::-1]
    return Columns(
        values=(code[:, None] == latest_first[None, :]).astype(np.float64),
        names=tuple(f"event time {chosen.keys[j].event_time}" for j in latest_first),
        covariates=("",) * len(latest_first),
    )


def _leads(panel: Panel, chosen: Targets, fit: WithinFit, estimator: str) -> Effects:
    n_leads = len(chosen.keys)
    kept = fit.is_kept[-n_leads:][::-1]
    n_kept = int(kept.sum())
    estimate = np.full(n_leads, np.nan)
    estimate[kept] = fit.coefficient[len(fit.coefficient) - n_kept :][::-1]
    influence = np.full((panel.n_units, n_leads), np.nan)
    if not fit.is_exact:
        bread = fit.solve(np.eye(len(fit.root)))[:, len(fit.root) - n_kept :][:, ::-1]
        influence[:, kept] = panel.n_units * fit.score @ bread
    return effects_of_targets(
        panel,
        Targets(
            keys=noted(noted(chosen.keys, _lead_notes(chosen.keys, kept)), _exact(fit, n_leads)),
            code=chosen.code,
        ),
        fit.cells,
        estimate=estimate,
        influence=influence,
        estimator=estimator,
    )


def _lead_notes(keys: tuple[EffectKey, ...], kept: Bool1D) -> list[str]:
    """Say which event times the others explain, there and on those that are relative to them."""
    lost = [f"{k.event_time} ({k.arm})" for k, keep in zip(keys, kept, strict=True) if not keep]
    relative = f"relative to event time {', '.join(lost)} too, which the other terms explain" if lost else ""
    return [relative if keep else EXPLAINED for keep in kept]
