"""Effects whose error a regression cannot know, since it fits one unit or one cluster exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from impacteval.arrays import Bool1D, Float2D, Int1D
from impacteval.effects import Effects
from impacteval.estimators.notes import lone_effects, note_of_one, noted


def without_errors(effects: Effects, notes: Sequence[str], *, on_one_unit: Bool1D) -> Effects:
    """Leave errors by cluster unknown where there is a note, and those by row where it is of one unit.

    Classical errors, which take all rows to vary alike, stand.
    """
    unknown = np.array([bool(note) for note in notes])
    if not unknown.any():
        return effects
    influence = effects.influence.copy()
    influence[:, unknown] = np.nan
    facts = tuple(
        replace(f, hc1_variance=float("nan")) if one else f
        for f, one in zip(effects.regression, on_one_unit, strict=True)
    )
    return replace(effects, keys=noted(effects.keys, notes), influence=influence, regression=facts)


def unknown_on_one_unit(effects: Effects) -> Effects:
    """Leave robust errors of an arm's effect unknown where a side is one unit.

    The regression fits that side's mean change to the unit, so that its residuals say nothing of
    how such units vary.
    """
    sizes = zip(effects.n_treated.tolist(), effects.n_comparison.tolist(), strict=True)
    notes = [
        "" if key.arm is None else note_of_one(*size) for key, size in zip(effects.keys, sizes, strict=True)
    ]
    return without_errors(effects, notes, on_one_unit=np.array([bool(note) for note in notes]))


def unknown_where_alone(effects: Effects, weights: Float2D, is_cell: Bool1D, cluster: Int1D) -> Effects:
    """Leave robust errors unknown where an average holds a cell of one unit or one cluster.

    The regression fits the mean of such a cell exactly: what it leaves of the influence sums to
    nothing in the cluster, so that the sum over clusters would be too small.

    Parameters
    ----------
    effects : Effects
        Of a regression's reported terms, then of combinations of them.
    weights : (n_combinations, n_terms)
    is_cell : (n_terms,)
        Which terms are indicators of a cohort in a period.
    cluster : (n_units,)
    """
    n_terms = len(is_cell)
    sides = (effects.treated_side[:, :n_terms], effects.comparison_side[:, :n_terms])
    lone = lone_effects(sides, cluster)
    uses = np.vstack([np.eye(n_terms), weights])[:, is_cell] != 0
    lone = replace(lone, on_one_unit=lone.on_one_unit[is_cell], on_one_cluster=lone.on_one_cluster[is_cell])
    # One cell on its own has one cluster on a side, of which errors take account.
    is_new = (uses.sum(axis=1) > 1) & ~np.isnan(effects.influence).any(axis=0)
    notes = [lone.note(used) if new else "" for used, new in zip(uses, is_new, strict=True)]
    return without_errors(effects, notes, on_one_unit=(uses & lone.on_one_unit).any(axis=1))
