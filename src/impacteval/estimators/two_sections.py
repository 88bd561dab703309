"""Average effect on the treated from two cross-sections: other people before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Float2D, Int1D
from impacteval.designs import HIGHEST_SCORE
from impacteval.errors import DataError, IdentificationError
from impacteval.estimators.propensity import Propensity, Sample
from impacteval.estimators.two_period import (
    Contrast,
    Method,
    Regression,
    carries_alone,
    less_fit,
    note_of_exact_fit,
    propensity_of,
    refuse_unknown_method,
    regress,
)

GROUPS = ("treated rows after", "treated rows before", "comparison rows after", "comparison rows before")
TREATED_BEFORE, COMPARISON_AFTER, COMPARISON_BEFORE = 1, 2, 3
# With which sign the mean of each group enters the difference-in-differences.
SIGN = np.array([1.0, -1.0, -1.0, 1.0])
NO_REGRESSION = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Which regressions a method uses, for each of ``GROUPS``.

    Attributes
    ----------
    subtracted : (4,)
        The group whose regression is subtracted from the group's outcomes, or ``NO_REGRESSION``.
    averaged : (4,)
        Whether the group's regression is averaged over the covariates of all treated rows.
    """

    subtracted: Int1D
    averaged: Bool1D

    @property
    def fitted(self) -> list[int]:
        """Groups with a regression."""
        return sorted(set(self.subtracted.tolist()) - {NO_REGRESSION})


def compare_sections(
    outcome: Float2D,
    sample: Sample,
    after: Bool1D,
    *,
    method: Method,
    highest_score: float = HIGHEST_SCORE,
    locally_efficient: bool = True,
) -> Contrast:
    """Compare treated and comparison rows before and after, for rows with like covariates.

    Sant'Anna and Zhao (2020, Journal of Econometrics 219(1)) for repeated cross-sections whose
    composition does not change; the propensity score is that of both cross-sections together.

    Parameters
    ----------
    outcome : (n, m)
        Outcomes of each row, without NaN.
    sample : Sample
    after : (n,)
        Rows of the later cross-section.
    method : str
        As in ``compare_changes``.
    highest_score : float
        Comparison rows with this propensity score or more get no weight.
    locally_efficient : bool
        For ``dr`` and ``dr_improved``: also regress the outcomes of treated rows, which attains the
        efficiency bound, instead of those of comparison rows only.

    Returns
    -------
    Contrast

    Raises
    ------
    IdentificationError
        When one of the four groups is empty or too small for its regression, covariates are
        collinear, or they tell treated from comparison rows.
    ConfigError
        When there is no such method.
    """
    refuse_unknown_method(method)
    _refuse_wrong_outcomes(outcome, sample, after)
    n, x, group = len(outcome), sample.x, 2 * ~sample.treated + ~after
    rows = [np.nonzero(group == g)[0] for g in range(len(GROUPS))]
    propensity = propensity_of(sample, method, highest_score)
    signed = SIGN * _group_weights(sample, rows, propensity, method)
    plan = _plan(method, locally_efficient)
    fit_weight = _fit_weight(sample, propensity, method)
    residual, fits = _regress_groups(outcome, x, fit_weight, rows, plan)
    share = _over_mean(sample.mean_one_weight, sample.treated)
    x_treated = share @ x / n
    change = np.zeros((x.shape[1], outcome.shape[1]))
    if plan.averaged.any():
        change = np.sum([SIGN[g] * fit.coefficient for g, fit in fits.items()], axis=0)

    mean = signed.T @ residual / n
    # Odds that are not divided by their own mean have no mean to be centred at.
    centre = np.zeros_like(mean) if method == "ipw_ht" else SIGN[:, None] * mean
    loads, times = [signed, share[:, None] * (x - x_treated)], [-centre, change]
    pull = signed.sum(axis=1)
    if method != "dr_improved":
        directions = _directions(plan, signed.T @ x / n, x_treated, method)
        for g, fit in fits.items():
            pull[rows[g]] += n * fit_weight[rows[g]] * fit.pull(x[rows[g]], directions[g])
        if propensity is not None:
            loads.append(propensity.influence)
            times.append(_slope(signed, x, residual, centre))
    influence = np.multiply(pull[:, None], residual, out=None if residual is outcome else residual)
    influence += np.hstack(loads) @ np.vstack(times)
    if method == "ipw_ht":
        influence -= _of_shares(mean, sample, after)
    note = _why_unknown(sample, rows, signed, plan)
    if note:
        influence[:] = np.nan
    return Contrast(
        estimate=mean.sum(axis=0) + x_treated @ change,
        influence=influence,
        propensity=propensity,
        note=note,
    )


def _why_unknown(sample: Sample, rows: list[Int1D], signed: Float2D, plan: _Plan) -> str:
    """Why the error is not known: a group whose mean or regression fits it exactly; empty where it is."""
    for g, name in enumerate(GROUPS):
        weight = np.abs(signed[rows[g], g])
        if weight.any() and carries_alone(weight):
            return f"one of the {name} is left or carries all weight: its error is not known"
        if g in plan.fitted and (note := note_of_exact_fit(sample.weight[rows[g]], sample.x, name)):
            return note
    return ""


def _plan(method: Method, locally_efficient: bool) -> _Plan:
    """Equations 2.2, 2.4, 2.6 and 2.7, the last rearranged.

    Residuals of a regression with a constant have mean zero, so that treated rows enter the locally
    efficient estimator through their regressions alone.
    """
    if method in {"ipw", "ipw_ht"}:
        return _Plan(subtracted=np.full(4, NO_REGRESSION), averaged=np.zeros(4, dtype=np.bool_))
    if method == "reg":
        return _Plan(
            subtracted=np.array([NO_REGRESSION, NO_REGRESSION, COMPARISON_AFTER, COMPARISON_BEFORE]),
            averaged=np.array([False, False, True, True]),
        )
    if locally_efficient:
        return _Plan(subtracted=np.arange(4), averaged=np.ones(4, dtype=np.bool_))
    return _Plan(
        subtracted=np.array([COMPARISON_AFTER, COMPARISON_BEFORE] * 2),
        averaged=np.zeros(4, dtype=np.bool_),
    )


def _group_weights(
    sample: Sample, rows: list[Int1D], propensity: Propensity | None, method: Method
) -> Float2D:
    """Weights for the mean of each group, zero outside it, (n, 4)."""
    weight = sample.mean_one_weight
    n, total = len(weight), [weight[at].sum() for at in rows]
    used = weight
    if propensity is not None:
        used = np.where(sample.treated, weight, weight * propensity.odds * propensity.kept)
    weights = np.zeros((n, len(GROUPS)))
    for g, (name, at) in enumerate(zip(GROUPS, rows, strict=True)):
        own = used[at]
        if total[g] == 0:
            raise IdentificationError(f"no {name} with a positive weight; nothing can be compared")
        if not own.any():
            raise IdentificationError(f"the propensity score leaves no {name}; use fewer covariates")
        if method == "ipw_ht":
            # Two groups on, the other side in the same period: share of the period, of treated rows.
            weights[at, g] = own / ((total[g] + total[g - 2]) / n * (total[0] + total[1]) / n)
        elif propensity is not None or g < COMPARISON_AFTER:
            weights[at, g] = own / (own.sum() / n)
    return weights


def _over_mean(values: Float1D, member: Bool1D) -> Float1D:
    """Values of members, zero for others, over their mean, (n,)."""
    kept = np.where(member, values, 0.0)
    return np.asarray(kept / kept.mean())


def _fit_weight(sample: Sample, propensity: Propensity | None, method: Method) -> Float1D:
    weight = sample.mean_one_weight
    if method == "dr_improved" and propensity is not None:
        return np.asarray(np.where(sample.treated, weight, weight * propensity.odds))
    return weight


def _regress_groups(
    outcome: Float2D, x: Float2D, weight: Float1D, rows: list[Int1D], plan: _Plan
) -> tuple[Float2D, dict[int, Regression]]:
    """Outcomes less the regression that the plan subtracts from their group, (n, m), with all regressions."""
    fits: dict[int, Regression] = {}
    if not plan.fitted:
        return outcome, fits
    residual = np.empty(outcome.shape)
    # Comparison rows first: their regressions can be subtracted from treated rows.
    for g in reversed(range(len(GROUPS))):
        base, y, own = int(plan.subtracted[g]), outcome[rows[g]], x[rows[g]]
        if g in plan.fitted:
            fits[g] = regress(y, own, weight[rows[g]], GROUPS[g])
        residual[rows[g]] = y if base == NO_REGRESSION else less_fit(y, own, fits[base].coefficient)
    return residual, fits


def _directions(plan: _Plan, signed_means: Float2D, x_treated: Float1D, method: Method) -> Float2D:
    """Derivatives of the estimate in the coefficients of the four regressions, (4, k).

    ``signed_means`` (4, k) are the groups' covariate means with the signs of ``SIGN``.
    """
    directions = np.where(plan.averaged, SIGN, 0.0)[:, None] * x_treated
    for g, base in enumerate(plan.subtracted):
        if base != NO_REGRESSION:
            directions[base] -= signed_means[g]
    if method == "dr":
        # DRDID enters the covariate means of the earlier period with the sign of the later one. Both
        # means are equal in the limit when the propensity score is right, so that either is valid then.
        directions[COMPARISON_BEFORE] += 2 * (signed_means[TREATED_BEFORE] + signed_means[COMPARISON_BEFORE])
    return directions


def _slope(signed: Float2D, x: Float2D, residual: Float2D, centre: Float2D) -> Float2D:
    """Derivative of the estimate in the coefficients of the propensity score, (k, m)."""
    odds = signed[:, COMPARISON_AFTER:]
    moments = (odds.sum(axis=1)[:, None] * x).T @ residual - (x.T @ odds) @ centre[COMPARISON_AFTER:]
    return np.asarray(moments / len(x))


def _of_shares(mean: Float2D, sample: Sample, after: Bool1D) -> Float2D:
    """Influence of the shares of treated rows and of the periods, which divide the odds, (n, m)."""
    weight = sample.mean_one_weight
    late, early = mean[0::2].sum(axis=0), mean[1::2].sum(axis=0)
    shares = [_over_mean(weight, side) for side in (sample.treated, after, ~after)]
    return np.asarray(np.column_stack(shares) @ np.stack([late + early, late, early]) - (late + early))


def _refuse_wrong_outcomes(outcome: Float2D, sample: Sample, after: Bool1D) -> None:
    n = len(sample.treated)
    if outcome.ndim != 2 or len(outcome) != n or after.shape != (n,):
        raise DataError(
            f"outcomes {outcome.shape} and periods {after.shape} do not have one row for each of {n} rows"
        )
    if not np.isfinite(outcome).all():
        raise DataError("an outcome is missing or infinite; leave out rows without one")
