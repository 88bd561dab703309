"""Covariates of regressions with unit effects, and the model without its treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D
from impacteval.designs import WithRegression
from impacteval.errors import IdentificationError
from impacteval.estimators.losses import usable_cells
from impacteval.estimators.notes import in_brackets
from impacteval.estimators.patterns import groups_of
from impacteval.estimators.period_effects import PeriodEffects, effects_by_period
from impacteval.estimators.rows import Model, Term, covariate_terms
from impacteval.panel import Panel


def model_without_treatment(
    panel: Panel,
    design: WithRegression,
    *,
    regressors: Mapping[str, Float2D] | None = None,
    keep: Bool2D | None = None,
    subgroups: Sequence[str] = (),
    with_periods: bool = True,
) -> Model:
    """Unit effects, effects by period and covariates of a design, on the cells that have them all.

    What is left out of the cells observed is counted in the model's note.

    Parameters
    ----------
    regressors : mapping
        What must be known beside the covariates: what is said of a cell without it, to values,
        (n_units, n_periods).
    keep : (n_units, n_periods)
        Cells that may be used; all unless given.
    subgroups : names of columns
        Columns that get period effects before those of the design.
    with_periods : bool
        Whether there are effects of periods.
    """
    by_period = (*subgroups, *(c for c in design.effects_by_period if c not in subgroups))
    groups = groups_of(panel, by_period)
    baseline = {name: baseline_values(panel, name) for name in design.covariates_by_period}
    needed = {
        **(regressors or {}),
        **missing_covariates(panel, design.covariates),
        **{f"covariate {name} is never known": values[:, None] for name, values in baseline.items()},
        **{f"{name} is not known": groups.columns[name][groups.code][:, None] for name in by_period},
    }
    usable = usable_cells(panel, needed, keep=keep, absorb_units=True)
    cells = usable.cells
    none = PeriodEffects()
    return Model(
        groups=groups,
        cells=cells,
        effects=effects_by_period(panel, groups, cells, by_period) if with_periods else none,
        own=(*covariate_terms(panel, design.covariates), *_by_period(panel, baseline, cells)),
        note="; ".join((*usable.notes, *covariate_notes(panel, design, cells))),
    )


def missing_covariates(panel: Panel, names: Sequence[str]) -> dict[str, Float2D]:
    """What is said of a cell without a covariate, to its values."""
    return {f"covariate {name} is missing": panel.covariates[name] for name in names}


def refuse_without_comparison(panel: Panel, model: Model) -> None:
    """A regression needs a unit of the comparison group."""
    if not model.cells[panel.in_arm(panel.comparison_arm)].any():
        raise IdentificationError(
            f"{panel.name}: no unit of the comparison group {panel.comparison_arm!r} is observed twice"
            f"{in_brackets(model.note)}; name another comparison group or drop this outcome from the design"
        )


def baseline_values(panel: Panel, name: str) -> Float1D:
    """A column's value in the first period in which each unit has one, (n_units,); NaN: never."""
    values = panel.covariates[name]
    first = np.argmax(~np.isnan(values), axis=1)
    return np.asarray(values[np.arange(panel.n_units), first])


def _by_period(panel: Panel, baseline: dict[str, Float1D], cells: Bool2D) -> list[Term]:
    """Baseline values in each period present but the first."""
    present = np.flatnonzero(cells.any(axis=0))[1:]
    return [
        Term(
            key=None,
            name=f"{name} in period {panel.periods[t]}",
            values=values[:, None] * (np.arange(len(panel.periods)) == t),
        )
        for name, values in baseline.items()
        for t in present
    ]


def covariate_notes(panel: Panel, design: WithRegression, cells: Bool2D) -> list[str]:
    """Say which covariates may hold effects of treatment in the cells used."""
    notes = changing_notes(panel, design.covariates, cells)
    for name in design.covariates_by_period:
        known = ~np.isnan(panel.covariates[name])
        first = panel.periods[np.argmax(known, axis=1)]
        n_late = int((cells.any(axis=1) & (first >= panel.cohort)).sum())
        if n_late:
            notes.append(f"covariate {name} is first known after treatment in {n_late} treated units")
    return notes


def changing_notes(panel: Panel, names: Sequence[str], cells: Bool2D) -> list[str]:
    """Say which covariates change after treatment, which may itself be an effect."""
    notes = []
    for name in names:
        n_changed = int(_changes_after_treatment(panel, panel.covariates[name], cells).sum())
        if n_changed:
            notes.append(
                f"covariate {name} changes after treatment in {n_changed} treated units; the coefficient may "
                "absorb part of the effect"
            )
    return notes


def _changes_after_treatment(panel: Panel, values: Float2D, cells: Bool2D) -> Bool1D:
    """Units with a used treated cell that differs from the last known value before treatment.

    Without one, from the first known value after it.
    """
    known, treated = ~np.isnan(values), panel.is_treated
    before = known & ~treated
    last = values.shape[1] - 1 - np.argmax(before[:, ::-1], axis=1)
    column = np.where(before.any(axis=1), last, np.argmax(known, axis=1))
    base = values[np.arange(len(values)), column]
    return np.asarray((cells & treated & known & (values != base[:, None])).any(axis=1))
