"""Which cells an effect averages, whose they are, and what could not be imputed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.effects import EffectKey, Effects
from impacteval.estimators.baseline import base_means
from impacteval.estimators.notes import counted, noted, weight_notes, weightless_units
from impacteval.estimators.untreated_columns import Cells
from impacteval.estimators.untreated_model import UntreatedModel
from impacteval.panel import Panel

By: TypeAlias = Literal["simple", "event_time", "cohort"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Effects that average disjoint sets of cells.

    Attributes
    ----------
    keys : (n_effects,)
    code : (n_units, n_periods)
        Effect that each cell belongs to; -1 for none.
    """

    keys: tuple[EffectKey, ...]
    code: Int1D


def targets(panel: Panel, cells: Bool2D, by: By) -> Targets:
    """Averages of some cells of treated units by arm, and by event time or cohort if so asked."""
    unit, period = np.nonzero(cells)
    arm = np.full(panel.n_units, -1)
    arms = panel.treated_arms
    for position, name in enumerate(arms):
        arm[panel.in_arm(name)] = position
    cohort = panel.cohort[unit].astype(np.int64)
    value = {"simple": 0 * cohort, "event_time": panel.periods[period] - cohort, "cohort": cohort}[by]
    lowest = value.min(initial=0)
    width = value.max(initial=0) - lowest + 1
    found, number = np.unique(arm[unit] * width + value - lowest, return_inverse=True)
    code = np.full(cells.shape, -1)
    code[unit, period] = number
    keys = [_key(by, arms[combined // width], int(combined % width + lowest)) for combined in found]
    return Targets(keys=noted(keys, weight_notes(panel, keys)), code=code)


def treated_targets(panel: Panel, model: UntreatedModel, by: By) -> Targets:
    """Averages over treated cells, each with a note on its cells that could not be imputed.

    There is an average, without a value, where none of them could, or none has a weight.
    """
    imputed = _on_panel(panel, model.fit.cells, ~model.fit.cells.is_untreated)
    weightless = panel.is_treated & ~np.isnan(panel.outcome) & weightless_units(panel)[:, None]
    lost = model.without_unit_effect | model.without_period_effect | weightless
    every = targets(panel, imputed | lost, by)
    every = Targets(keys=noted(every.keys, [model.note] * len(every.keys)), code=every.code)
    code = np.where(imputed, every.code, -1)
    if (code == every.code).all():
        return every
    notes = [
        _left_out(panel, model.without_unit_effect & mine, model.without_period_effect & mine)
        for mine in (every.code == j for j in range(len(every.keys)))
    ]
    return Targets(keys=noted(every.keys, notes), code=code)


def event_times(panel: Panel) -> Float2D:
    """Period less cohort, (n_units, n_periods); -inf for never-treated units."""
    return np.asarray(panel.periods[None, :] - panel.cohort[:, None])


def untreated_cells(panel: Panel, cells: Cells) -> Bool2D:
    """Which cells of the panel are among some and untreated, (n_units, n_periods)."""
    return _on_panel(panel, cells, cells.is_untreated)


def effects_of_targets(
    panel: Panel, chosen: Targets, cells: Cells, *, estimate: Float1D, influence: Float2D, estimator: str
) -> Effects:
    """Put averages into ``Effects``.

    The treated side are the units whose cells are averaged. It is compared with units that have
    untreated cells in the same periods, among those with two untreated cells or more: the others
    inform nothing but their own effect.
    """
    untreated = untreated_cells(panel, cells)
    informs = untreated.sum(axis=1) > 1
    treated, comparison = _sides(chosen, untreated & informs[:, None])
    in_sample = treated | informs[:, None]
    averaged = np.bincount(chosen.code[(chosen.code >= 0) & ~untreated], minlength=len(chosen.keys))
    return Effects(
        estimator=estimator,
        outcome=panel.name,
        comparison="not_yet_treated",
        keys=chosen.keys,
        unit_ids=panel.unit_ids,
        estimate=estimate,
        influence=influence,
        in_sample=in_sample,
        treated_side=treated,
        comparison_side=comparison,
        n_obs=untreated.sum(axis=1) @ in_sample + averaged,
        baseline_mean=base_means(panel, treated),
    )


def _on_panel(panel: Panel, cells: Cells, which: Bool1D) -> Bool2D:
    on_panel = np.zeros(panel.outcome.shape, dtype=np.bool_)
    on_panel[cells.unit, cells.period] = which
    return on_panel


def _key(by: By, arm: str, value: int) -> EffectKey:
    if by == "simple":
        return EffectKey(estimand="simple", arm=arm)
    if by == "event_time":
        return EffectKey(estimand="event_time", arm=arm, event_time=value)
    return EffectKey(estimand="cohort", arm=arm, cohort=value)


def _left_out(panel: Panel, no_unit: Bool2D, no_period: Bool2D) -> str:
    notes = []
    n_units = int(no_unit.any(axis=1).sum())
    if n_units:
        notes.append(f"left out: {counted(n_units, 'treated unit')} without an untreated observation")
    if no_period.any():
        periods = ", ".join(str(p) for p in panel.periods[no_period.any(axis=0)])
        notes.append(
            f"left out: {counted(int(no_period.sum()), 'treated cell')} in period {periods}, which no "
            "untreated unit says enough about"
        )
    return "; ".join(notes)


def _sides(chosen: Targets, untreated: Bool2D) -> tuple[Bool2D, Bool2D]:
    """Units of each effect's cells, and those with other untreated cells in the same periods."""
    unit, period = np.nonzero(chosen.code >= 0)
    code = chosen.code[unit, period]
    (n_units, n_periods), n_effects = chosen.code.shape, len(chosen.keys)

    def count(row: Int1D, n_rows: int, weights: Float1D | None = None) -> Float2D:
        cells = np.bincount(row * n_effects + code, weights=weights, minlength=n_rows * n_effects)
        return np.asarray(cells.reshape(n_rows, n_effects))

    treated = count(unit, n_units) > 0
    before = count(unit, n_units, untreated[unit, period].astype(np.float64)) > 0
    beside = untreated.astype(np.float64) @ (count(period, n_periods) > 0) > 0
    return treated, beside & ~before
