"""Poisson quasi-likelihood with absorbed effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Float2D, Int1D, sum_by_code
from impacteval.errors import IdentificationError
from impacteval.estimators.absorbed import AbsorbedRows, refuse_collinear

MAX_STEPS = 60
# A step that moves no logarithm by more than this is the last, since the next would be of its square.
CONVERGED = 1e-8
# Share of the likelihood that a step may lose: sums over many rows are no more accurate.
ROUNDING = 1e-10
NO_MAXIMUM = (
    "the expected counts have no best fit: nothing happened in a part of the data that a covariate or an "
    "effect singles out; use `model: linear` or fewer covariates"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a Poisson regression is of: expected outcome = exposure x effect of group x exp(x'b).

    Attributes
    ----------
    outcome, exposure : (n_rows,)
    rows : AbsorbedRows
    regressors : (n_rows, n_columns)
        Those of ``rows``.
    in_fit : (n_rows,)
        Rows of the likelihood; others lie in cells where nothing happened, whose own coefficient
        would be minus infinity. Regressors that only those rows have are left out.
    """

    outcome: Float1D
    exposure: Float1D
    rows: AbsorbedRows
    regressors: Float2D
    in_fit: Bool1D


@dataclass(frozen=True, slots=True, kw_only=True)
class PoissonFit:
    """Coefficients, and what they say of each row and unit.

    Attributes
    ----------
    coefficient : (n_columns,)
        In logs; zero for regressors that were left out.
    effect : (n_groups,)
        Absorbed effects, as factors.
    centre : (n_groups, n_columns)
        Mean regressors of each absorbed effect, weighted by expected outcomes.
    influence : (n_units, n_columns)
        Of the coefficients.
    level_influence : (n_units,)
        Of the logarithm of the unit's absorbed effect at given coefficients; zero where each unit
        has its own effect.
    """

    coefficient: Float1D
    effect: Float1D
    centre: Float2D
    influence: Float2D
    level_influence: Float1D


def poisson_fit(counts: Counts, *, n_units: int) -> PoissonFit:
    """Maximise the Poisson quasi-likelihood, absorbed effects concentrated out.

    The effect of a group is its total outcome over what the coefficients expect of it, so that the
    rest is a smooth concave problem in the coefficients; with an effect for each unit it needs no
    more than the mean to be right (Wooldridge 1999, Journal of Econometrics 90(1)).

    Raises
    ------
    IdentificationError
        When a regressor is collinear or the likelihood has no maximum.
    """
    likelihood, kept = _likelihood(counts)
    found = _maximum(likelihood)
    mean, effect = likelihood.expected(found)
    centre = likelihood.centre(mean)
    deviation = likelihood.regressors - centre[likelihood.group]
    fitted = mean * effect[likelihood.group]
    residual = likelihood.weight * (likelihood.outcome - fitted)
    information = (deviation * (likelihood.weight * fitted)[:, None]).T @ deviation
    unit = counts.rows.unit[counts.in_fit]
    score = sum_by_code(deviation * residual[:, None], unit, n_units)
    return PoissonFit(
        coefficient=_spread(found[None, :], kept)[0],
        effect=effect,
        centre=_spread(centre, kept),
        influence=_spread(n_units * np.asarray(np.linalg.solve(information, score.T)).T, kept),
        level_influence=n_units * _level_influence(likelihood, residual, unit, n_units),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Likelihood:
    outcome: Float1D
    weight: Float1D
    exposure: Float1D
    regressors: Float2D
    group: Int1D
    n_groups: int

    def expected(self, coefficient: Float1D) -> tuple[Float1D, Float1D]:
        """Expected outcomes before absorbed effects, (n_rows,), and these effects, (n_groups,)."""
        with np.errstate(over="ignore"):
            mean = self.exposure * np.exp(self.regressors @ coefficient)
        return mean, _ratio(self.total(self.outcome), self.total(mean))

    def total(self, values: Float1D) -> Float1D:
        """Weighted total of each group."""
        weighted = self.weight * values
        return np.asarray(
            np.bincount(self.group, weights=weighted, minlength=self.n_groups), dtype=np.float64
        )

    def centre(self, mean: Float1D) -> Float2D:
        """Mean regressors of each group, weighted by expected outcomes."""
        sums = sum_by_code(self.regressors * (self.weight * mean)[:, None], self.group, self.n_groups)
        return _ratio(sums, self.total(mean)[:, None])

    def value(self, coefficient: Float1D) -> float:
        """Logarithm of the likelihood, up to a constant."""
        effect = self.expected(coefficient)[1]
        level = np.log(effect, out=np.zeros_like(effect), where=effect > 0)
        return float((self.weight * self.outcome) @ (self.regressors @ coefficient + level[self.group]))


def _likelihood(counts: Counts) -> tuple[_Likelihood, Bool1D]:
    """The likelihood, and which regressors it has."""
    rows, in_fit = counts.rows, counts.in_fit
    # A regressor that is zero in all rows is not left out: it is collinear.
    kept = (counts.regressors[in_fit] != 0).any(axis=0) | ~(counts.regressors != 0).any(axis=0)
    likelihood = _Likelihood(
        outcome=counts.outcome[in_fit],
        weight=rows.weight[in_fit],
        exposure=counts.exposure[in_fit],
        regressors=counts.regressors[np.ix_(in_fit, kept)],
        group=rows.group[in_fit],
        n_groups=rows.n_groups,
    )
    x = likelihood.regressors
    informs = likelihood.total(likelihood.outcome) > 0
    root = np.sqrt(likelihood.weight) * informs[likelihood.group]
    centre = likelihood.centre(np.ones(len(x)))
    names = tuple(name for name, keep in zip(rows.regressors.names, kept, strict=True) if keep)
    refuse_collinear(
        np.asarray(np.linalg.qr((x - centre[likelihood.group]) * root[:, None], mode="r")),
        names,
        np.sqrt(likelihood.weight @ np.square(x)),
        rows.absorbed,
    )
    return likelihood, kept


def _maximum(likelihood: _Likelihood) -> Float1D:
    """Coefficients by Newton's method, steps halved where they overshoot."""
    coefficient = np.zeros(likelihood.regressors.shape[1])
    for _ in range(MAX_STEPS):
        step = _newton_step(likelihood, coefficient)
        if np.abs(likelihood.regressors @ step).max() <= CONVERGED:
            return np.asarray(coefficient + step)
        coefficient = _ascend(likelihood, coefficient, step)
    raise IdentificationError(NO_MAXIMUM)


def _newton_step(likelihood: _Likelihood, coefficient: Float1D) -> Float1D:
    mean, effect = likelihood.expected(coefficient)
    fitted = likelihood.weight * mean * effect[likelihood.group]
    deviation = likelihood.regressors - likelihood.centre(mean)[likelihood.group]
    gradient = (likelihood.weight * likelihood.outcome - fitted) @ deviation
    try:
        return np.asarray(np.linalg.solve((deviation * fitted[:, None]).T @ deviation, gradient))
    except np.linalg.LinAlgError:
        raise IdentificationError(NO_MAXIMUM) from None


def _ascend(likelihood: _Likelihood, coefficient: Float1D, step: Float1D) -> Float1D:
    before = likelihood.value(coefficient)
    # The likelihood itself can be close to zero, its terms are not.
    size = abs(before) + float(likelihood.weight @ likelihood.outcome)
    for _ in range(MAX_STEPS):
        if likelihood.value(coefficient + step) >= before - ROUNDING * size:
            break
        step = step / 2
    return coefficient + step


def _level_influence(likelihood: _Likelihood, residual: Float1D, unit: Int1D, n_units: int) -> Float1D:
    """Share of each unit's residual in the total of its group, (n_units,)."""
    share = _ratio(residual, likelihood.total(likelihood.outcome)[likelihood.group])
    return np.asarray(np.bincount(unit, weights=share, minlength=n_units), dtype=np.float64)


def _ratio(above: Float2D, below: Float2D) -> Float2D:
    """Quotient; zero where a group has nothing to divide by, which then has no part in the fit."""
    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _spread(values: Float2D, kept: Bool1D) -> Float2D:
    """Columns for all regressors, zero for those that were left out."""
    spread = np.zeros((len(values), len(kept)))
    spread[:, kept] = values
    return spread
