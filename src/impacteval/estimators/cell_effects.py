"""Effects by cohort and period of a saturated model, and their averages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, count_true
from impacteval.designs import ExtendedTwoWay
from impacteval.effects import EffectKey, Effects, RegressionFacts
from impacteval.estimators.baseline import base_means
from impacteval.estimators.notes import Lone, lone_effects
from impacteval.estimators.saturated import Saturated, comparison_cells
from impacteval.panel import Panel

ONE_TREATED = "one treated unit: its error is not known"
COUNTING = "averages count enterprises, not their sampling weights, as the R package etwfe does"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellAverages:
    """What is estimated, and the cells that each estimate averages.

    Attributes
    ----------
    keys : (n_effects,)
    member : (n_effects, n_cells)
    """

    keys: tuple[EffectKey, ...]
    member: Bool2D

    @property
    def is_cell(self) -> Bool1D:
        """Effects that are a cell on its own, (n_effects,)."""
        return np.array([key.estimand == "att_gt" for key in self.keys])

    def weight(self, model: Saturated) -> Float2D:
        """Share of each cell in the rows of an average, (n_effects, n_cells)."""
        n_rows = self.member * model.n_rows_of_cell
        return np.asarray(n_rows / n_rows.sum(axis=1, keepdims=True))


def cells_and_averages(keys: tuple[EffectKey, ...], averages: Sequence[str]) -> CellAverages:
    """Every cell on its own, then the averages that a design asks for, by arm.

    Only averages by event time take in cells before treatment.
    """
    members: dict[EffectKey, list[int]] = {key: [j] for j, key in enumerate(keys)}
    for average in averages:
        mine: dict[EffectKey, list[int]] = {}
        for j, key in enumerate(keys):
            if average == "event_time" or (key.event_time is not None and key.event_time >= 0):
                mine.setdefault(_LABELS[average](key), []).append(j)
        members |= {key: mine[key] for key in sorted(mine, key=_order)}
    member = np.zeros((len(members), len(keys)), dtype=np.bool_)
    for row, js in enumerate(members.values()):
        member[row, js] = True
    return CellAverages(keys=tuple(members), member=member)


def effects_of_cells(
    panel: Panel,
    design: ExtendedTwoWay,
    *,
    model: Saturated,
    averages: CellAverages,
    estimator: str,
    found: tuple[Float1D, Float2D, tuple[RegressionFacts, ...]],
) -> Effects:
    """Put estimates, influence and facts of a regression into ``Effects``.

    A cell whose treated or comparison side is one unit, or lies in one cluster, fits it exactly, so
    that nothing is known of its robust error: the influence of averages with it is NaN, and that of
    the cell where one unit is treated.
    """
    estimate, influence, facts = found
    place = (model.unit, model.column)
    used = np.zeros(panel.outcome.shape, dtype=np.bool_)
    used[place] = True
    in_cell = np.zeros((panel.n_units, len(model.keys)), dtype=np.bool_)
    inside = model.cell >= 0
    in_cell[model.unit[inside], model.cell[inside]] = True
    column = np.searchsorted(panel.periods, [k.period for k in model.keys if k.period is not None])
    compared = (used & comparison_cells(panel, design))[:, column]
    lone = lone_effects((in_cell, compared), panel.cluster)
    is_unknown, is_unknown_by_row = _unknown(averages, in_cell, lone)
    treated = np.asarray(in_cell @ averages.member.T)
    is_used, n_effects = np.asarray(used.any(axis=1)), len(averages.keys)
    return Effects(
        estimator=estimator,
        outcome=panel.name,
        comparison=design.control_group,
        keys=tuple(
            replace(key, note="; ".join(filter(None, [key.note, model.note, *notes])))
            for key, notes in zip(averages.keys, _notes(model, averages, is_unknown, lone), strict=True)
        ),
        unit_ids=panel.unit_ids,
        estimate=estimate,
        influence=np.where(is_unknown, np.nan, influence),
        in_sample=np.repeat(is_used[:, None], n_effects, axis=1),
        treated_side=treated,
        comparison_side=compared @ averages.member.T,
        n_obs=np.full(n_effects, len(model.unit), dtype=np.int64),
        baseline_mean=base_means(panel, treated),
        regression=tuple(
            replace(fact, hc1_variance=float("nan")) if unknown else fact
            for fact, unknown in zip(facts, is_unknown_by_row, strict=bool(facts))
        ),
    )


def _unknown(averages: CellAverages, in_cell: Bool2D, lone: Lone) -> tuple[Bool1D, Bool1D]:
    """Effects whose errors are not known by cluster, and by row.

    A cell on its own says by its sides that it lies in one cluster.
    """
    of_cell = averages.member & (count_true(in_cell) == 1)
    by_cluster, by_row = averages.member & lone.either, averages.member & lone.on_one_unit
    by_cluster[averages.is_cell] = of_cell[averages.is_cell]
    return np.asarray(by_cluster.any(axis=1)), np.asarray(by_row.any(axis=1))


def _notes(model: Saturated, averages: CellAverages, is_unknown: Bool1D, lone: Lone) -> list[tuple[str, ...]]:
    """What each effect has to say of the cells it averages."""
    weight = model.rows.weight
    # Rows of weight zero are not among these.
    counting = COUNTING if weight.min() != weight.max() else ""
    return [
        (ONE_TREATED if unknown else "",) if is_cell else (counting, lone.note(member))
        for is_cell, unknown, member in zip(averages.is_cell, is_unknown, averages.member, strict=True)
    ]


def _order(key: EffectKey) -> tuple[str, int]:
    return str(key.arm), next((n for n in (key.event_time, key.cohort, key.period) if n is not None), 0)


_LABELS: dict[str, Callable[[EffectKey], EffectKey]] = {
    "simple": lambda k: EffectKey(estimand="simple", arm=k.arm),
    "event_time": lambda k: EffectKey(estimand="event_time", arm=k.arm, event_time=k.event_time),
    "cohort": lambda k: EffectKey(estimand="cohort", arm=k.arm, cohort=k.cohort),
    "calendar": lambda k: EffectKey(estimand="calendar", arm=k.arm, period=k.period),
}
