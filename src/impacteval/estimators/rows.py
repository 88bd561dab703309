"""From a panel to a regression, and from the regression to effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, sum_by_code
from impacteval.effects import EffectKey, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.alone import unknown_on_one_unit
from impacteval.estimators.baseline import base_means
from impacteval.estimators.least_squares import Regression, fit_regression
from impacteval.estimators.notes import noted
from impacteval.estimators.patterns import Groups, Patterns, patterns_of
from impacteval.estimators.period_effects import PeriodEffects
from impacteval.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A regressor and the effect it stands for; none: it is not reported.

    ``values`` are (n_groups, n_periods) for a shared regressor, (n_units, n_periods) for an own one.
    """

    key: EffectKey | None
    name: str
    values: Float2D


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """A weighted sum of reported coefficients, in the order of the terms with a key.

    Its treated side are the units of the coefficients with a weight above zero, or ``treated_side``,
    (n_units,).
    """

    key: EffectKey
    weight: Float1D
    treated_side: Bool1D | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a regression is of.

    Attributes
    ----------
    groups : Groups
    cells : (n_units, n_periods)
        Cells used.
    effects : PeriodEffects
        Effects of periods, which are not reported.
    shared, own : tuple of Term
        Terms with a key are reported: shared ones first, then own ones.
    absorb_units : bool
        Whether there are unit effects.
    note : str
        What every row of the results has to say.
    """

    groups: Groups
    cells: Bool2D
    effects: PeriodEffects
    shared: tuple[Term, ...] = ()
    own: tuple[Term, ...] = ()
    absorb_units: bool = True
    note: str = ""

    @property
    def reported(self) -> tuple[Term, ...]:
        """Terms that are reported, in order."""
        return tuple(t for t in (*self.shared, *self.own) if t.key is not None)


def covariate_terms(panel: Panel, names: Sequence[str]) -> list[Term]:
    """Named columns as regressors that are not reported."""
    return [Term(key=None, name=name, values=panel.covariates[name]) for name in names]


def observed_cells(panel: Panel, columns: Sequence[Float2D], keep: Bool2D | None = None) -> Bool2D:
    """Cells with the outcome, a weight and every column observed, among those to keep."""
    observed = ~np.isnan(panel.outcome) & (panel.weight > 0)
    if keep is not None:
        observed &= keep
    for values in columns:
        observed &= ~np.isnan(values)
    return observed


def drop_singletons(cells: Bool2D) -> Bool2D:
    """Leave out units with one cell: their unit effect takes it up and they inform nothing else."""
    return np.asarray(cells & (cells.sum(axis=1) > 1)[:, None])


def weight_by_group(panel: Panel, model: Model) -> Float2D:
    """Weight of the cells used, summed over the units of a group, (n_groups, n_periods)."""
    weight = np.where(model.cells, panel.weight, 0.0)
    return sum_by_code(weight, model.groups.code, model.groups.n_groups)


def regress(
    panel: Panel, model: Model, estimator: str, *, combinations: Sequence[Combination] = ()
) -> Effects:
    """Regress the outcome of a model's cells on its terms; report those with a key, then combinations.

    The treated side of an arm's effect are its units with a cell in which the term is not zero;
    that of a named regressor are the units that are treated at some time. Errors are unknown where a
    side of an arm's effect is one unit.
    """
    reported = model.reported
    refuse_without_treatment(panel, reported)
    if not model.cells.any():
        raise IdentificationError(f"{panel.name}: no cell has the outcome and all regressors")
    regression = _regression(panel, model)
    treated = _treated_sides(panel, model, regression.patterns)
    _refuse_unused(panel, reported, treated)
    fit = fit_regression(regression, _report(model, combinations), absorb_units=model.absorb_units)
    parts = [_side_of(c, treated)[:, None] for c in combinations]
    keys = [*(t.key for t in reported if t.key is not None), *(c.key for c in combinations)]
    used = np.asarray(model.cells.any(axis=1))
    sides = np.hstack([treated > 0, *parts]) & used[:, None]
    comparison = used & panel.in_arm(panel.comparison_arm)
    effects = Effects(
        estimator=estimator,
        outcome=panel.name,
        comparison=panel.comparison_arm,
        keys=noted(keys, [model.note] * len(keys)),
        unit_ids=panel.unit_ids,
        estimate=fit.coefficient,
        influence=fit.influence,
        in_sample=np.broadcast_to(used[:, None], sides.shape).copy(),
        treated_side=sides,
        comparison_side=np.broadcast_to(comparison[:, None], sides.shape).copy(),
        n_obs=np.full(len(keys), fit.n_obs, dtype=np.int64),
        baseline_mean=base_means(panel, sides),
        regression=fit.facts,
    )
    return unknown_on_one_unit(effects)


def refuse_without_treatment(panel: Panel, terms: Sequence[Term]) -> None:
    """A regression needs something to report."""
    if not terms:
        raise IdentificationError(
            f"{panel.name}: no treated unit has a value; take the outcome out of the plan or of this design"
        )


def _refuse_unused(panel: Panel, reported: Sequence[Term], treated: Float2D) -> None:
    """Every effect of an arm needs a cell that is used."""
    for term, side in zip(reported, treated.T, strict=True):
        if term.key is not None and term.key.arm is not None and not side.any():
            raise IdentificationError(
                f"{panel.name}: {term.name}: no cell that can be used has it; take the arm or this outcome "
                "out of the design"
            )


def _side_of(combination: Combination, treated: Float2D) -> Bool1D:
    if combination.treated_side is not None:
        return combination.treated_side
    return np.asarray(treated @ (combination.weight > 0) > 0)


def _regression(panel: Panel, model: Model) -> Regression:
    weight = np.where(model.cells, panel.weight, 0.0)
    tables = [*model.effects.tables, *(t.values for t in model.shared)]
    shape = (model.groups.n_groups, len(panel.periods), 0)
    return Regression(
        outcome=panel.outcome,
        weight=weight,
        patterns=patterns_of(model.groups.code, weight),
        shared=np.stack(tables, axis=-1) if tables else np.zeros(shape),
        own=[t.values for t in model.own],
        terms=(*model.effects.names, *(t.name for t in (*model.shared, *model.own))),
        stratum=model.effects.stratum,
        n_effects=len(model.effects.names),
        n_effects_counted=model.effects.n_counted,
    )


def _report(model: Model, combinations: Sequence[Combination]) -> Float2D:
    """Rows that pick the reported terms, then the combinations of them, (n_reported, n_terms)."""
    n_effects = len(model.effects.names)
    terms = (*model.shared, *model.own)
    at = [n_effects + j for j, t in enumerate(terms) if t.key is not None]
    pick = np.eye(n_effects + len(terms))[at]
    return np.vstack([pick, *(c.weight @ pick for c in combinations)])


def _treated_sides(panel: Panel, model: Model, patterns: Patterns) -> Float2D:
    """Whether each unit is on the treated side of each reported term, 0 or 1."""
    seen = patterns.weight > 0
    sides: list[Bool1D] = []
    for position, term in enumerate((*model.shared, *model.own)):
        if term.key is None:
            continue
        if term.key.arm is None:
            sides.append(~panel.in_arm(panel.comparison_arm))
        elif position < len(model.shared):
            sides.append((seen & (term.values[patterns.group] != 0)).any(axis=1)[patterns.code])
        else:
            sides.append((model.cells & (term.values != 0)).any(axis=1))
    return np.column_stack(sides).astype(np.float64)
