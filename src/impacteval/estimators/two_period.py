"""Average effect on the treated from the changes of treated and comparison units between two periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D
from impacteval.designs import HIGHEST_SCORE
from impacteval.errors import ConfigError, DataError, IdentificationError, nearest
from impacteval.estimators.propensity import (
    Propensity,
    Sample,
    fit_propensity,
    tilt_propensity,
    triangular_root,
)

Method: TypeAlias = Literal["reg", "ipw", "ipw_ht", "dr", "dr_improved"]
# Weights below this share of the largest carry nothing: those of units whose score goes to zero.
TRACE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Effects on several outcomes of the same units.

    Attributes
    ----------
    estimate : (m,)
        In the unit of the outcome.
    influence : (n, m)
        The error of the estimate is the mean over the n rows, so ``se = sqrt(sum influence^2) / n``.
        NaN where something fits the units exactly, whose influence would vanish, as ``note`` says.
    propensity : Propensity, optional
        None where the method fits none.
    note : str
        Why the error is not known; empty where it is.
    """

    estimate: Float1D
    influence: Float2D
    propensity: Propensity | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """Weighted least squares of several outcomes on the same covariates.

    Attributes
    ----------
    coefficient : (k, m)
    root : (k, k)
        Its product with its transpose is the inverse of ``sum w x x'``.
    """

    coefficient: Float2D
    root: Float2D

    def pull(self, x: Float2D, direction: Float1D) -> Float1D:
        """``x' (sum w x x')^-1 direction`` of each row, (n,).

        Times weight and residual it is the row's influence on the ``direction``-weighted sum of the
        coefficients, in units of one over the number of rows.
        """
        return np.asarray(x @ (self.root @ (direction @ self.root)))


def regress(outcome: Float2D, x: Float2D, weight: Float1D, who: str) -> Regression:
    """Regress outcomes on covariates by least squares with weights.

    Parameters
    ----------
    outcome : (n, m)
    x : (n, k)
    weight : (n,)
    who : str
        The units, for messages.

    Raises
    ------
    IdentificationError
        When there are fewer units than covariates, or covariates are collinear.
    """
    n, k = int(np.sum(weight > 0)), x.shape[1]
    if n < k:
        raise IdentificationError(
            f"{n} {who} for {k} coefficients (covariates and constant); use fewer covariates or method ipw"
        )
    root = triangular_root(x, weight, f"{n} {who}")
    weighted = weight[:, None] * x
    coefficient = root @ (root.T @ (weighted.T @ outcome))
    # One correction makes the normal equations as exact as an orthogonal decomposition.
    coefficient += root @ (root.T @ (weighted.T @ less_fit(outcome, x, coefficient)))
    return Regression(coefficient=coefficient, root=root)


def less_fit(outcome: Float2D, x: Float2D, coefficient: Float2D) -> Float2D:
    """Outcomes less their fitted values, (n, m); column by column in memory, as outcomes come."""
    fitted = (coefficient.T @ x.T).T
    return np.subtract(outcome, fitted, out=fitted)


def compare_changes(
    change: Float2D, sample: Sample, *, method: Method, highest_score: float = HIGHEST_SCORE
) -> Contrast:
    """Compare the changes of treated units with those of comparison units that have like covariates.

    Sant'Anna and Zhao (2020, Journal of Econometrics 219(1)), with weights ``t`` for treated units
    and ``c`` (odds of treatment) for comparison units, each of mean one, and ``m(x)`` the regression
    of the change on covariates among comparison units:

    - ``reg``: ``mean(t (change - m(x)))``, equation 2.2;
    - ``ipw``: ``mean((t - c) change)``, the normalised form of equation 2.3;
    - ``ipw_ht``: the same with odds divided by the share of treated units, equation 2.3 (Abadie 2005);
    - ``dr``: ``mean((t - c) (change - m(x)))``, equation 2.5, logit and least squares;
    - ``dr_improved``: the same with the propensity score tilted to balance and ``m`` fitted with the
      odds as weights (section 3.1), so that neither adds to the error to first order.

    Parameters
    ----------
    change : (n, m)
        Change of each unit's outcomes, without NaN.
    sample : Sample
    method : str
    highest_score : float
        Comparison units with this propensity score or more get no weight.

    Returns
    -------
    Contrast

    Raises
    ------
    IdentificationError
        When covariates are collinear, or tell treated from comparison units, or comparison units
        are too few.
    ConfigError
        When there is no such method.
    """
    refuse_unknown_method(method)
    _refuse_wrong_changes(change, sample)
    n, x = len(change), sample.x
    propensity = propensity_of(sample, method, highest_score)
    t, c = _weights(sample, propensity, method)
    residual, pull = change, t - c
    if method not in {"ipw", "ipw_ht"}:
        rows, fit, fit_weight = _regress_comparison(change, sample, propensity, method)
        residual = less_fit(change, x, fit.coefficient)
        if method != "dr_improved":
            pull[rows] -= fit_weight * fit.pull(x[rows], (t - c) @ x)

    of_treated, of_comparison = t @ residual / n, c @ residual / n
    estimate = of_treated - of_comparison
    if method == "ipw_ht":
        # The odds have no mean of their own to be divided by: only the share of treated units varies.
        of_treated, of_comparison = estimate, np.zeros_like(estimate)
    loads, times = [t[:, None], -c[:, None]], [of_treated[None], of_comparison[None]]
    if propensity is not None and method != "dr_improved":
        loads.append(propensity.influence)
        times.append(((c[:, None] * x).T @ residual - np.outer(c @ x, of_comparison)) / n)
    influence = np.multiply(pull[:, None], residual, out=None if residual is change else residual)
    influence -= (np.vstack(times).T @ np.hstack(loads).T).T
    note = _why_unknown(sample, c, method)
    if note:
        influence[:] = np.nan
    return Contrast(estimate=estimate, influence=influence, propensity=propensity, note=note)


def _why_unknown(sample: Sample, c: Float1D, method: Method) -> str:
    """Why the error is not known, given the weights of comparison units (n,); empty where it is."""
    if method != "reg" and carries_alone(c):
        return "one comparison unit is left or carries all weight: its error is not known"
    if method in {"ipw", "ipw_ht"}:
        return ""
    return note_of_exact_fit(sample.weight[~sample.treated], sample.x, "comparison units")


def carries_alone(weight: Float1D) -> bool:
    """Whether one unit has all weight but for a trace."""
    return bool(np.count_nonzero(weight > TRACE * weight.max()) == 1)


def note_of_exact_fit(weight: Float1D, x: Float2D, who: str) -> str:
    """Say that a regression has no residuals, for it has no more units than coefficients."""
    if np.count_nonzero(weight > 0) > x.shape[1]:
        return ""
    return f"as many {who} as coefficients: their fit is exact and the error not known"


def _weights(sample: Sample, propensity: Propensity | None, method: Method) -> tuple[Float1D, Float1D]:
    """Weights of treated and of comparison units, zero on the other side, (n,) each; of mean one."""
    weight = sample.mean_one_weight
    t = np.where(sample.treated, weight, 0.0)
    share = t.mean()
    if propensity is None:
        return t / share, np.zeros_like(t)
    c = np.where(propensity.kept & ~sample.treated, weight * propensity.odds, 0.0)
    return t / share, c / (share if method == "ipw_ht" else c.mean())


def _regress_comparison(
    change: Float2D, sample: Sample, propensity: Propensity | None, method: Method
) -> tuple[Int1D | slice, Regression, Float1D]:
    """Regress changes on covariates among comparison units; with their rows and weights."""
    rows = _together(np.nonzero(~sample.treated)[0])
    weight = sample.mean_one_weight[rows]
    if method == "dr_improved" and propensity is not None:
        weight = weight * propensity.odds[rows]
    return rows, regress(change[rows], sample.x[rows], weight, "comparison units"), weight


def _together(rows: Int1D) -> Int1D | slice:
    """Rows as a slice where they follow one another, which then need no copy."""
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def propensity_of(sample: Sample, method: Method, highest_score: float) -> Propensity | None:
    """The propensity score that a method needs."""
    if method == "reg":
        return None
    if method == "dr_improved":
        return tilt_propensity(sample, highest_score=highest_score)
    return fit_propensity(sample, highest_score=highest_score)


def refuse_unknown_method(method: str) -> None:
    """Refuse a method that does not exist, with those that do."""
    if method not in get_args(Method):
        raise ConfigError(f"method {method!r}: {nearest(method, get_args(Method))}")


def _refuse_wrong_changes(change: Float2D, sample: Sample) -> None:
    if change.ndim != 2 or len(change) != len(sample.treated):
        raise DataError(f"changes {change.shape} do not have one row for each of {len(sample.treated)} units")
    if not np.isfinite(change).all():
        raise DataError("a change is missing or infinite; leave out units that are not observed twice")
