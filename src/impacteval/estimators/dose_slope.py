"""How effects rise with dose: the slope of units' own effects on the dose they got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D
from impacteval.designs import CallawaySantAnna, Dose
from impacteval.effects import EffectKey, Effects, joint
from impacteval.errors import ConfigError, IdentificationError
from impacteval.estimators.comparisons import Cell, cells_of, cohorts_of
from impacteval.estimators.notes import (
    counted,
    in_brackets,
    is_about,
    noted,
    weight_note,
    weight_notes,
    weightless_units,
)
from impacteval.panel import Panel

NOTE = (
    "average causal response per unit of dose: rests on strong parallel trends, that units of different dose "
    "would have gained as much from the same dose"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A cohort's change since its base period, less what its comparison predicts for it.

    Attributes
    ----------
    treated, comparison : (n_treated,), (n_comparison,)
        Positions of units.
    effect, weight : (n_treated,)
        Own change less the predicted one, and sampling weight.
    x : (n_treated, 1 + n_covariates)
    pull : (n_comparison, 1 + n_covariates)
        How far the prediction's coefficients move with each comparison unit.
    is_exact : bool
        Whether the prediction fits its comparison exactly, which hides its error.
    """

    treated: Int1D
    comparison: Int1D
    effect: Float1D
    weight: Float1D
    x: Float2D
    pull: Float2D
    is_exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """Treated units with their own effect, averaged over periods from treatment on.

    Attributes
    ----------
    unit : (n_treated,)
    effect : (n_treated,)
        In the unit of the outcome.
    weight : (n_treated,)
    n_periods : (n_units,)
        Periods that the average is over; of all units.
    """

    unit: Int1D
    effect: Float1D
    weight: Float1D
    n_periods: Float1D


def average_slope(panel: Panel, design: Dose, group_time: CallawaySantAnna, dose: Float1D) -> Effects:
    """Regress each arm's own effects on dose, by least squares.

    The own effect of a treated unit is its change since the base period less the mean change of its
    comparison (with covariates: less the change predicted from these by regression among the
    comparison), averaged over its periods from treatment on. Under strong parallel trends the slope
    is an average of causal responses with the weights of least squares, greatest near the mean dose
    (Callaway, Goodman-Bacon and Sant'Anna 2024, NBER working paper 32117, section 3). Sampling
    weights are those of the base period; units of weight zero take no part and are counted.

    Parameters
    ----------
    panel : Panel
        Units of known dose.
    group_time : CallawaySantAnna
        Says which units and periods are compared.
    dose : (n_units,)

    Returns
    -------
    Effects
        ``average_slope`` by arm, in units of the outcome per unit of dose. NaN with a note where an
        arm's units all have one dose.

    Raises
    ------
    ConfigError
        When there are covariates and ``design.method`` is not ``reg``.
    IdentificationError
        When no arm has two doses.
    """
    if design.covariates and design.method != "reg":
        raise ConfigError(
            f"design {design.name!r}: a slope with covariates is by regression; set `method: reg` "
            "or `slope: false`"
        )
    cohorts = cohorts_of(panel.arm, panel.cohort, panel.treated_arms, panel.comparison_arm)
    cells = cells_of(cohorts.known, panel.periods, group_time, name=panel.name)
    slopes = []
    for arm in panel.treated_arms:
        mine = [
            (
                cell,
                cohorts.members[cell.cohort],
                np.concatenate([cohorts.members[k] for k in cell.comparison]),
            )
            for cell in cells
            if cell.comparison
            and cohorts.known[cell.cohort].arm == arm
            and panel.periods[cell.column] >= cohorts.known[cell.cohort].start
        ]
        changes = [_change(panel, design, *parts) for parts in mine]
        slopes.append(_slope(panel, design, arm, [c for c in changes if c is not None], dose))
    if all(np.isnan(slope.estimate[0]) for slope in slopes):
        raise IdentificationError(
            f"{panel.name}: a slope needs two doses that can be compared in an arm"
            f"{in_brackets(weight_note(panel))}; set `slope: false`"
        )
    return joint(slopes)


def _change(panel: Panel, design: Dose, cell: Cell, treated: Int1D, comparison: Int1D) -> _Change | None:
    """The change of a cell; None where it has no treated or too few comparison units."""
    change = panel.outcome[:, cell.column] - panel.outcome[:, cell.base]
    columns = [panel.covariates[name][:, cell.base] for name in design.covariates]
    x = np.column_stack([np.ones(panel.n_units), *columns])
    weight = panel.weight[:, cell.base]
    usable = ~np.isnan(change) & ~np.isnan(x).any(axis=1) & (weight > 0)
    treated, comparison = treated[usable[treated]], comparison[usable[comparison]]
    if not len(treated) or np.linalg.matrix_rank(x[comparison]) < x.shape[1]:
        return None
    x0, w0 = x[comparison], weight[comparison]
    inverse = np.linalg.inv(x0.T @ (x0 * w0[:, None]))
    coefficient = inverse @ (x0.T @ (w0 * change[comparison]))
    left = change[comparison] - x0 @ coefficient
    return _Change(
        treated=treated,
        comparison=comparison,
        effect=change[treated] - x[treated] @ coefficient,
        weight=weight[treated],
        x=x[treated],
        pull=(x0 * (w0 * left)[:, None]) @ inverse,
        is_exact=len(comparison) <= x.shape[1],
    )


def _own_effects(changes: Sequence[_Change], n_units: int) -> _Own:
    total, n_periods, weight = np.zeros((3, n_units))
    for change in changes:
        total[change.treated] += change.effect
        n_periods[change.treated] += 1
        weight[change.treated] = change.weight
    unit = np.flatnonzero(n_periods)
    return _Own(unit=unit, effect=total[unit] / n_periods[unit], weight=weight[unit], n_periods=n_periods)


def _slope(panel: Panel, design: Dose, arm: str, changes: Sequence[_Change], dose: Float1D) -> Effects:
    own = _own_effects(changes, panel.n_units)
    treated, comparison = np.zeros((2, panel.n_units, 1), dtype=np.bool_)
    treated[own.unit] = True
    for change in changes:
        comparison[change.comparison] = True
    estimate, influence = _regress(own, changes, dose)
    base = _base_outcome(panel, design, own)
    key = EffectKey(estimand="average_slope", arm=arm, term=design.dose, note=NOTE)
    weightless = weightless_units(panel) & is_about(panel, key)
    n_lacking = int((panel.in_arm(arm) & ~weightless).sum()) - len(own.unit)
    notes = [*_notes(own, changes, estimate, n_lacking), *weight_notes(panel, [key])]
    return Effects(
        estimator=design.estimator,
        outcome=panel.name,
        comparison=design.control_group,
        keys=noted([key], ["; ".join(filter(None, notes))]),
        unit_ids=panel.unit_ids,
        estimate=np.array([estimate]),
        influence=influence[:, None],
        in_sample=treated | comparison,
        treated_side=treated,
        comparison_side=comparison,
        n_obs=np.array([sum(2 * (len(c.treated) + len(c.comparison)) for c in changes)], dtype=np.int64),
        baseline_mean=np.array([base]),
    )


def _regress(own: _Own, changes: Sequence[_Change], dose: Float1D) -> tuple[float, Float1D]:
    """Slope of own effects on dose and its influence, which the comparison's means have part in."""
    influence = np.zeros(len(dose))
    d = dose[own.unit]
    if len(np.unique(d)) < 2:
        return float("nan"), influence
    deviation = d - np.average(d, weights=own.weight)
    lever = own.weight * deviation / (own.weight @ deviation**2)
    slope = float(lever @ own.effect)
    residual = own.effect - np.average(own.effect, weights=own.weight) - slope * deviation
    influence[own.unit] = lever * residual
    lever_of = np.zeros(len(dose))
    lever_of[own.unit] = lever / own.n_periods[own.unit]
    for change in changes:
        influence[change.comparison] -= change.pull @ (lever_of[change.treated] @ change.x)
    if not _error_is_known(own, changes):
        influence[:] = np.nan
    return slope, influence * len(dose)


def _error_is_known(own: _Own, changes: Sequence[_Change]) -> bool:
    return len(own.unit) > 2 and not any(change.is_exact for change in changes)


def _notes(own: _Own, changes: Sequence[_Change], estimate: float, n_lacking: int) -> list[str]:
    notes = []
    if n_lacking:
        units = counted(n_lacking, "treated unit")
        notes.append(f"left out: {units} that cannot be compared in any period")
    if np.isnan(estimate):
        notes.append("all treated units that can be compared have one dose: no slope")
    elif not _error_is_known(own, changes):
        notes.append("two treated units, or no more comparison units than terms: the error is not known")
    return notes


def _base_outcome(panel: Panel, design: Dose, own: _Own) -> float:
    """Mean outcome of the slope's treated units in their base periods; NaN without units."""
    if not len(own.unit):
        return float("nan")
    column = np.searchsorted(panel.periods, panel.cohort[own.unit] - design.anticipation) - 1
    return float(np.average(panel.outcome[own.unit, column], weights=own.weight))
