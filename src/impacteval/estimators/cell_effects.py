"""Effects by cohort and period of a saturated model, and their averages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool2D, Float1D, Float2D
from impacteval.designs import ExtendedTwoWay
from impacteval.effects import EffectKey, Effects, RegressionFacts
from impacteval.estimators.baseline import base_means
from impacteval.estimators.saturated import Saturated, comparison_cells
from impacteval.panel import Panel


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

    A cell with one treated unit fits it exactly, so that nothing is known of its robust error: its
    influence and that of averages with it are NaN.
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
    alone = (in_cell.sum(axis=0) == 1) & averages.member
    is_unknown = np.asarray(alone.any(axis=1))
    treated = np.asarray(in_cell @ averages.member.T)
    is_used, n_effects = np.asarray(used.any(axis=1)), len(averages.keys)
    return Effects(
        estimator=estimator,
        outcome=panel.name,
        comparison=design.control_group,
        keys=tuple(
            replace(key, note=_note(key, int(alone[j].sum()), int(averages.member[j].sum()), model.note))
            for j, key in enumerate(averages.keys)
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
            for fact, unknown in zip(facts, is_unknown, strict=bool(facts))
        ),
    )


def _note(key: EffectKey, n_alone: int, n_cells: int, left_out: str) -> str:
    notes = [left_out] if left_out else []
    if n_alone and key.estimand == "att_gt":
        notes.append("one treated unit: its error is not known")
    elif n_alone:
        notes.append(f"{n_alone} of {n_cells} averaged effects rest on one unit: the error is not known")
    return "; ".join([*([key.note] if key.note else []), *notes])


def _order(key: EffectKey) -> tuple[str, int]:
    return str(key.arm), next((n for n in (key.event_time, key.cohort, key.period) if n is not None), 0)


_LABELS: dict[str, Callable[[EffectKey], EffectKey]] = {
    "simple": lambda k: EffectKey(estimand="simple", arm=k.arm),
    "event_time": lambda k: EffectKey(estimand="event_time", arm=k.arm, event_time=k.event_time),
    "cohort": lambda k: EffectKey(estimand="cohort", arm=k.arm, cohort=k.cohort),
    "calendar": lambda k: EffectKey(estimand="calendar", arm=k.arm, period=k.period),
}
