"""Weighted least squares on a panel, with unit effects absorbed, and what it says about each unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D
from impacteval.effects import RegressionFacts
from impacteval.errors import IdentificationError
from impacteval.estimators.patterns import Patterns
from impacteval.estimators.period_absorption import PeriodAbsorption, period_absorption
from impacteval.estimators.scores import Solved, scores_of, variance_of
from impacteval.estimators.shared_regressors import (
    SharedRegressors,
    partial_out,
    size_of_table,
    within_units,
)
from impacteval.estimators.streamed_qr import independent_columns, inverse_of, slices, triangular_factor

# Residuals this small beside the outcome are rounding: the fit is exact and leaves no error to estimate.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """A regression on the cells of a panel.

    Terms are the shared regressors, which are functions of a unit's group and the period, and then
    the own ones. Shared regressors are handled once for all units that are observed alike.

    Attributes
    ----------
    outcome : (n_units, n_periods)
        Known where the weight is not zero.
    weight : (n_units, n_periods)
        Zero: the cell is not used.
    patterns : Patterns
        Of the groups and the weight.
    shared : (n_groups, n_periods, n_shared)
    own : (n_units, n_periods) each
        Known where the weight is not zero.
    terms : (n_shared + n_own,)
        Names for messages.
    stratum : (n_groups,) or None
        Groups of groups whose period effects are absorbed; None: no period effects are. Only beside
        unit effects.
    n_effects : int
        Leading shared terms that are further effects: one that those before it explain adds nothing
        and is left out; any other such term is refused.
    n_effects_counted : int
        What effects, with the constant, count for where unit effects do not count.
    """

    outcome: Float2D
    weight: Float2D
    patterns: Patterns
    shared: Float2D
    own: Sequence[Float2D]
    terms: tuple[str, ...]
    stratum: Int1D | None = None
    n_effects: int = 0
    n_effects_counted: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Linear combinations of coefficients, with influence.

    Attributes
    ----------
    coefficient : (n_reported,)
        In the unit of the outcome per unit of the regressor.
    influence : (n_units, n_reported)
        ``n_units`` times the sum over the unit's cells of ``c' (X'WX)^-1 x w e``.
    """

    coefficient: Float1D
    influence: Float2D
    n_obs: int
    facts: tuple[RegressionFacts, ...]


def fit_regression(regression: Regression, report: Float2D, *, absorb_units: bool) -> Fit:
    """Regress, with or without absorbed unit effects.

    Unit effects and the period effects of strata are absorbed, which is exact by the theorem of
    Frisch, Waugh and Lovell for any pattern of missing cells; by the same theorem shared regressors
    are partialled out of the outcome and the own regressors, twice, which refines the solution
    (Bjorck 1987, Linear Algebra and its Applications 88/89, section 6, for seminormal equations).

    Parameters
    ----------
    regression : Regression
    report : (n_reported, n_terms)
        Linear combinations of coefficients to report.

    Returns
    -------
    Fit

    Raises
    ------
    IdentificationError
        When a term is collinear with those before it or with the effects, or no residual degree
        of freedom is left.
    """
    r = regression
    _refuse_few_rows(r, absorb_units=absorb_units)
    periods = None if r.stratum is None else period_absorption(r.patterns, r.stratum)
    kept, shared, shared_root = _factor_shared(r, periods, absorb_units=absorb_units)
    solved = _solve(r, shared, shared_root, periods)
    n_shared = r.shared.shape[2]
    report = report[:, [*kept, *range(n_shared, report.shape[1])]]
    n_terms = report.shape[1]
    n_used = int((r.weight > 0).any(axis=1).sum()) if absorb_units else 0
    n_obs, n_counted = int((r.weight > 0).sum()), n_terms + n_used + (periods.rank if periods else 0)
    if n_obs <= n_counted:
        raise IdentificationError(
            f"{n_obs} rows for {n_counted} parameters ({_named(r.terms, r.n_effects)} and effects); "
            "no degree of freedom is left: use fewer terms or covariates"
        )
    n_regressors = n_terms - int((kept < r.n_effects).sum())
    n_parameters = min(n_regressors + r.n_effects_counted, n_counted) if absorb_units else n_terms
    influence, squares = scores_of(solved, shared, r.weight, report)
    variance = variance_of(report, solved) * float(np.sum(r.weight * np.square(solved.residual)))
    residual_df = n_obs - n_counted
    return Fit(
        coefficient=report @ solved.coefficient,
        influence=len(r.outcome) * influence,
        n_obs=n_obs,
        facts=tuple(
            RegressionFacts(
                n_parameters=n_parameters,
                n_absorbed=n_counted - n_parameters + 1 if absorb_units else 0,
                classical_variance=float(classical / residual_df),
                hc1_variance=float(square * n_obs / residual_df),
            )
            for classical, square in zip(variance, squares, strict=True)
        ),
    )


def _named(terms: Sequence[str], n_effects: int) -> str:
    return ", ".join(terms[n_effects : n_effects + 4])


def _refuse_few_rows(r: Regression, *, absorb_units: bool) -> None:
    n_terms = len(r.terms) - r.n_effects
    if int((r.weight > 0).sum()) < n_terms:
        _refuse(r, r.terms[r.n_effects :], absorb_units=absorb_units)


def _refuse(r: Regression, lost: Sequence[str], *, absorb_units: bool) -> None:
    others = "the terms before it and the unit effects" if absorb_units else "the terms before it"
    if r.stratum is not None:
        others = "the terms before it, the unit effects and the period effects"
    raise IdentificationError(
        f"regressor {', '.join(lost)}: explained entirely by {others}; it does not vary as the design "
        "needs: take it out of the plan or choose another comparison"
    )


def _factor_shared(
    r: Regression, periods: PeriodAbsorption | None, *, absorb_units: bool
) -> tuple[Int1D, SharedRegressors, Float2D]:
    """Which shared terms are kept, their regressors, and the inverse of their factor."""
    table = periods.out_of_table(r.shared) if periods else r.shared
    shared = SharedRegressors(table=table, patterns=r.patterns, absorb_units=absorb_units)
    n_shared = r.shared.shape[2]
    if n_shared == 0:
        return np.arange(0), shared, np.zeros((0, 0))
    kept, factor = independent_columns(shared.factor(), size_of_table(r.shared, r.patterns))
    lost = [r.terms[j] for j in range(r.n_effects, n_shared) if j not in kept]
    if lost:
        _refuse(r, lost, absorb_units=absorb_units)
    if len(kept) < n_shared:
        shared = replace(shared, table=table[:, :, kept])
    return kept, shared, inverse_of(factor)


def _solve(
    r: Regression, shared: SharedRegressors, shared_root: Float2D, periods: PeriodAbsorption | None
) -> Solved:
    left = [np.where(r.weight > 0, v, 0.0) for v in (*r.own, r.outcome)]
    size = [float(np.sqrt(np.sum(r.weight * np.square(v)))) for v in left]
    if shared.absorb_units:
        for values in left:
            within_units(values, r.weight)
    on_shared = partial_out(left, r.weight, shared, shared_root, periods)
    own, residual = left[:-1], left[-1]
    own_names = r.terms[r.shared.shape[2] :]
    factor = triangular_factor(_own_rows(left, np.sqrt(r.weight)), len(left))
    kept, _ = independent_columns(factor[:-1, :-1], np.array(size[:-1]))
    if len(kept) < len(own):
        _refuse(r, [t for j, t in enumerate(own_names) if j not in kept], absorb_units=shared.absorb_units)
    own_root = inverse_of(factor[:-1, :-1]) if own else np.zeros((0, 0))
    slope = own_root @ factor[:-1, -1]
    for coefficient, values in zip(slope, own, strict=True):
        residual -= coefficient * values
    if np.sqrt(np.sum(r.weight * np.square(residual))) <= ROUNDING * size[-1]:
        residual = np.zeros_like(residual)
    own_on_shared = on_shared[:, :-1]
    return Solved(
        coefficient=np.concatenate([on_shared[:, -1] - own_on_shared @ slope, slope]),
        own_on_shared=own_on_shared,
        shared_root=shared_root,
        own_root=own_root,
        residual=residual,
        own=own,
    )


def _own_rows(columns: Sequence[Float2D], root: Float2D) -> Iterator[Float2D]:
    """Weighted rows of the own regressors and the outcome, some units at a time."""
    n_units, n_periods = root.shape
    for part in slices(n_units, n_periods * len(columns)):
        yield np.stack([(root[part] * v[part]).ravel() for v in columns], axis=1)
