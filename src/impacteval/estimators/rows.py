"""From a panel to the rows of a regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.effects import EffectKey, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.least_squares import Fit, Rows, least_squares
from impacteval.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A regressor on all cells of a panel, (n_units, n_periods), and the effect it stands for."""

    key: EffectKey | None
    name: str
    values: Float2D


def covariate_terms(panel: Panel, names: Sequence[str]) -> list[Term]:
    """Named columns as regressors that are not reported."""
    return [Term(key=None, name=name, values=panel.covariates[name]) for name in names]


def observed_cells(panel: Panel, terms: Sequence[Term], keep: Bool2D) -> Bool2D:
    """Cells with the outcome and every term observed, among those to keep."""
    observed = keep & ~np.isnan(panel.outcome)
    for term in terms:
        observed &= ~np.isnan(term.values)
    return observed


def drop_singletons(cells: Bool2D) -> Bool2D:
    """Leave out units with one cell: their unit effect takes it up and they inform nothing else."""
    return np.asarray(cells & (cells.sum(axis=1) > 1)[:, None])


def period_dummies(period: Int1D) -> tuple[Float2D, tuple[str, ...]]:
    """Indicators of every period present but the first, for one value a row."""
    present = np.unique(period)
    return (period[:, None] == present[None, 1:]).astype(np.float64), tuple(
        f"period {position}" for position in present[1:]
    )


def regress(
    panel: Panel,
    terms: Sequence[Term],
    cells: Bool2D,
    *,
    period_effects: bool,
    absorb_units: bool,
) -> Fit:
    """Regress the outcome of some cells on terms; those with a key come first and are reported."""
    reported = [t for t in terms if t.key is not None]
    others = [t for t in terms if t.key is None]
    if not reported:
        raise IdentificationError(
            f"{panel.name}: no treated unit has a value; take the outcome out of the plan or of this design"
        )
    if not cells.any():
        raise IdentificationError(f"{panel.name}: no cell has the outcome and all regressors")
    unit, period = np.nonzero(cells)
    columns = [t.values[cells] for t in (*reported, *others)]
    names = [t.name for t in (*reported, *others)]
    blocks = [np.column_stack(columns)]
    if period_effects:
        dummies, labels = period_dummies(period)
        blocks.append(dummies)
        names += labels
    if not absorb_units:
        blocks.append(np.ones((len(unit), 1)))
        names.append("constant")
    rows = Rows(
        outcome=panel.outcome[cells],
        regressors=np.hstack(blocks),
        terms=tuple(names),
        unit=unit,
    )
    return least_squares(rows, n_units=panel.n_units, n_reported=len(reported), absorb_units=absorb_units)


def effects_of_fit(
    panel: Panel, fit: Fit, terms: Sequence[Term], cells: Bool2D, *, estimator: str
) -> Effects:
    """Put a regression's reported terms into ``Effects``.

    The treated side of an arm's effect are its units with a cell in which the term is not zero;
    that of a named regressor are the units that are treated at some time.
    """
    reported = [t for t in terms if t.key is not None]
    used = np.asarray(cells.any(axis=1))
    treated = np.column_stack([used & _treated_side(panel, term, cells) for term in reported])
    comparison = used & panel.in_arm(panel.comparison_arm)
    base = base_values(panel)
    shape = treated.shape
    return Effects(
        estimator=estimator,
        outcome=panel.name,
        comparison=panel.comparison_arm,
        keys=tuple(t.key for t in reported if t.key is not None),
        unit_ids=panel.unit_ids,
        estimate=fit.coefficient,
        influence=fit.influence,
        in_sample=np.broadcast_to(used[:, None], shape).copy(),
        treated_side=treated,
        comparison_side=np.broadcast_to(comparison[:, None], shape).copy(),
        n_obs=np.full(shape[1], fit.n_obs, dtype=np.int64),
        baseline_mean=np.array([_mean(base[side]) for side in treated.T]),
        regression=fit.facts,
    )


def _treated_side(panel: Panel, term: Term, cells: Bool2D) -> Bool1D:
    if term.key is not None and term.key.arm is not None:
        return np.asarray((cells & (term.values != 0)).any(axis=1))
    return ~panel.in_arm(panel.comparison_arm)


def _mean(values: Float1D) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def base_values(panel: Panel) -> Float1D:
    """Outcome of each unit in its base period, (n_units,).

    That is the last period before its treatment; for comparison units the last before anybody's.
    """
    first = float(np.min(panel.cohort))
    columns = [panel.base_column(first if np.isinf(c) else c) for c in panel.cohort]
    return np.array(
        [row[column] if column >= 0 else np.nan for row, column in zip(panel.outcome, columns, strict=True)]
    )
