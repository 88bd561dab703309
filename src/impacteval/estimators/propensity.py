"""How likely a unit is to be treated, given its covariates: fitted by likelihood or by balance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Float2D, read_only
from impacteval.errors import DataError, IdentificationError
from impacteval.estimators.streamed_qr import COLLINEAR, inverse_of, slices, triangular_factor

# Scores are kept this far from one, as in the R package DRDID, so that odds stay finite.
CERTAIN = 1e-6
# Newton steps end when a coefficient moves by less than this (the error left is its square) ...
STEP = 1e-9
# ... unless the slope is steeper than this: coefficients that run off along it move little for their size.
STEEP = 1e-7
# They also end when the slope is rounding although the coefficients still move: no finite solution.
FLAT = 1e-13
# Exponents are cut here: the value is far above any minimum, and sums of such numbers do not overflow.
LARGE = 300.0
MAX_STEPS = 100
MAX_HALVINGS = 40
TOLD_APART = (
    "the covariates tell treated from comparison units: {certain} of {treated} treated units have a "
    "propensity score of 1, and {excluded} of {comparison} comparison units one of 0; use fewer covariates "
    "or coarser categories"
)
OUT_OF_REACH = (
    "no weights give the {comparison} comparison units the covariate means of the {treated} treated ones; "
    "use fewer covariates, coarser categories or method dr"
)

# Value, gradient (k,) and second derivative (k, k) of a convex function at (k,) coefficients.
Objective: TypeAlias = Callable[[Float1D], tuple[float, Float1D, Float2D]]


class CollinearError(IdentificationError):
    """Columns of the covariates that those before them explain; ``columns`` counts from 0."""

    def __init__(self, columns: tuple[int, ...], who: str) -> None:
        self.columns = columns
        super().__init__(
            f"covariate column {', '.join(map(str, columns))}: explained entirely by the columns before it "
            f"among {who}; take it out, or merge categories that few units have"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Units of one comparison.

    Attributes
    ----------
    treated : (n,)
    x : (n, k)
        Covariates, with a constant as a column.
    weight : (n,)
        0 or more; only their ratios matter.
    """

    treated: Bool1D
    x: Float2D
    weight: Float1D

    def __post_init__(self) -> None:
        n = len(self.treated)
        if self.x.ndim != 2 or self.treated.shape != (n,) or self.weight.shape != (n,) or len(self.x) != n:
            raise DataError(
                f"treated {self.treated.shape}, covariates {self.x.shape} and weights {self.weight.shape} do "
                "not have one row a unit"
            )
        if not (np.isfinite(self.x).all() and np.isfinite(self.weight).all() and (self.weight >= 0).all()):
            raise DataError("covariates and weights must be finite, and weights 0 or more")
        if not (self.x == self.x[:1]).all(axis=0).any():
            raise DataError("no column of the covariates is constant; add one")
        for name, side in (("treated", self.treated), ("comparison", ~self.treated)):
            if not (side & (self.weight > 0)).any():
                raise IdentificationError(f"no {name} unit with a positive weight; nothing can be compared")
        for values in (self.treated, self.x, self.weight):
            read_only(values)

    @property
    def mean_one_weight(self) -> Float1D:
        """Weights over their mean, (n,)."""
        return np.asarray(self.weight / self.weight.mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Propensity:
    """Probability of treatment given the covariates, for all outcomes of a sample.

    Attributes
    ----------
    score : (n,)
        Fitted, at most ``1 - CERTAIN``.
    kept : (n,)
        False for comparison units with a score of ``highest_score`` or more, which get no weight.
    influence : (n, k)
        Influence of each unit on the coefficients of the covariates.
    """

    score: Float1D
    kept: Bool1D
    influence: Float2D

    @property
    def odds(self) -> Float1D:
        """Score over one minus score, (n,)."""
        return np.asarray(self.score / (1 - self.score))


def fit_propensity(sample: Sample, *, highest_score: float) -> Propensity:
    """Fit a logit of treatment on the covariates by maximum likelihood.

    Parameters
    ----------
    sample : Sample
    highest_score : float
        Comparison units with this score or more are left out: they look like treated units only,
        and one of them could carry the whole comparison.

    Returns
    -------
    Propensity

    Raises
    ------
    IdentificationError
        When a covariate is collinear, the covariates tell treated from comparison units without
        error (no finite coefficients), or no comparison unit is left.
    """
    weight = sample.mean_one_weight

    def objective(fitted: Float1D) -> tuple[float, Float1D, Float1D]:
        small = np.exp(-np.abs(fitted))
        score = np.where(fitted >= 0, 1, small) / (1 + small)
        loss = np.maximum(fitted, 0) + np.log1p(small) - sample.treated * fitted
        return float(weight @ loss), weight * (sample.treated - score), weight * score * (1 - score)

    return _solve(sample, objective, highest_score, TOLD_APART)


def tilt_propensity(sample: Sample, *, highest_score: float) -> Propensity:
    """Fit a logit whose odds give comparison units the covariate means of the treated ones.

    Inverse probability tilting: the coefficients maximise ``mean(w D x'g - w (1 - D) exp(x'g))``
    (Graham, Pinto and Egel 2012, Review of Economic Studies 79(3); Sant'Anna and Zhao 2020, section
    3.1), whose slope is the difference between the weighted sums of the covariates.

    Parameters and errors are those of ``fit_propensity``; no finite coefficients here means that no
    weighting of comparison units has the covariate means of the treated ones.
    """
    weight = sample.mean_one_weight

    def objective(fitted: Float1D) -> tuple[float, Float1D, Float1D]:
        odds = np.where(sample.treated, 0.0, np.exp(np.minimum(fitted, LARGE)))
        loss = odds - sample.treated * fitted
        return float(weight @ loss), weight * (sample.treated - odds), weight * odds

    return _solve(sample, objective, highest_score, OUT_OF_REACH)


def triangular_root(x: Float2D, weight: Float1D, who: str) -> Float2D:
    """Inverse of the triangular root of ``sum w x x'``: its product with its transpose is the inverse.

    Parameters
    ----------
    x : (n, k)
    weight : (n,)
    who : str
        The units, for the message.

    Raises
    ------
    CollinearError
        When a column is explained by those before it.
    """
    k = x.shape[1]
    size = np.sqrt(weight @ np.square(x))
    blocks = (np.sqrt(weight[rows])[:, None] * x[rows] for rows in slices(len(x), k))
    root = triangular_factor(blocks, k)
    lost = np.nonzero(np.abs(np.diag(root)) <= COLLINEAR * size)[0]
    if len(lost):
        raise CollinearError(tuple(int(j) for j in lost), who)
    return inverse_of(root)


def _solve(
    sample: Sample,
    of_fitted: Callable[[Float1D], tuple[float, Float1D, Float1D]],
    highest_score: float,
    refusal: str,
) -> Propensity:
    """Minimise a loss of fitted values in coordinates in which the covariates are uncorrelated.

    ``of_fitted`` gives the loss, minus its slope (n,) and its curvature (n,) in the fitted values;
    ``refusal`` says what it means that there is no minimum.
    """
    n = len(sample.treated)
    root = triangular_root(sample.x, sample.mean_one_weight, f"{n} units") * np.sqrt(n)
    z = sample.x @ root

    def objective(coefficient: Float1D) -> tuple[float, Float1D, Float2D]:
        loss, slope, curvature = of_fitted(z @ coefficient)
        return loss / n, -slope @ z / n, (curvature[:, None] * z).T @ z / n

    coefficient, is_finite = _newton(objective, z.shape[1])
    fitted = z @ coefficient
    _, slope, curvature = of_fitted(fitted)
    score = np.minimum(1 / (1 + np.exp(-np.maximum(fitted, -LARGE))), 1 - CERTAIN)
    if not is_finite and not (np.abs(slope @ z / n).max() <= FLAT and _only_excludes(sample.treated, score)):
        raise IdentificationError(refusal.format(**_counts(sample.treated, score)))
    kept = sample.treated | (score < highest_score)
    if not (kept & ~sample.treated & (sample.weight > 0)).any():
        raise IdentificationError(
            f"all {np.sum(~sample.treated)} comparison units have a propensity score of {highest_score:g} or "
            "more; use fewer covariates or another comparison group"
        )
    hessian = (curvature[:, None] * z).T @ z / n
    influence = slope[:, None] * (z @ np.linalg.solve(hessian, root.T))
    return Propensity(score=score, kept=kept, influence=influence)


def _newton(objective: Objective, k: int) -> tuple[Float1D, bool]:
    """Minimise a convex function by damped Newton steps; say whether there is a finite minimum."""
    at = np.zeros(k)
    value, gradient, hessian = objective(at)
    for _ in range(MAX_STEPS):
        try:
            step = -np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            return at, False
        slope = np.abs(gradient).max()
        if np.abs(step).max() <= STEP * max(1.0, np.abs(at).max()) and slope <= STEEP:
            return at + step, True
        if slope <= FLAT:
            return at, False
        for _ in range(MAX_HALVINGS):
            trial = objective(at + step)
            if trial[0] <= value + FLAT * abs(value):
                break
            step = step / 2
        at = at + step
        value, gradient, hessian = trial
    return at, False


def _counts(treated: Bool1D, score: Float1D) -> dict[str, int]:
    """Units of each side, and those whose score is one and zero."""
    return {
        "treated": int(np.sum(treated)),
        "comparison": int(np.sum(~treated)),
        "certain": int(np.sum(treated & (score >= 1 - 10 * CERTAIN))),
        "excluded": int(np.sum(~treated & (score <= 10 * CERTAIN))),
    }


def _only_excludes(treated: Bool1D, score: Float1D) -> bool:
    """Whether coefficients grow without end only for comparison units unlike all treated ones.

    Their scores go to zero, and with them their weights: the comparison has a limit without them.
    """
    counts = _counts(treated, score)
    return counts["certain"] == 0 and counts["excluded"] > 0
