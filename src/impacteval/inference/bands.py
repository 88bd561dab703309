"""Simultaneous bands: one critical value that holds for a whole family of estimates at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D, read_only
from impacteval.effects import EffectKey, Estimates
from impacteval.inference.errors import cluster_covariance
from impacteval.inference.multiplier import multiplier_draws

# With so many directions on the sphere critical values of up to 50 estimates are right to 3e-3, relative.
N_DIRECTIONS = 32768
# Directions with like growth are evaluated at their mean; the probability is smooth in it.
N_BINS = 1024
# A variable with less own variance than this, given those before it, is determined by them.
DETERMINED = 1e-10


def sup_t(covariance: Float2D, *, level: float = 0.95, df: float = np.inf) -> float:
    """Critical value of the largest absolute t statistic of jointly normal estimates.

    The value ``c`` with ``P(max_j |t_j| <= c) = level``, where ``t`` is multivariate t with ``df``
    degrees of freedom and the correlations of ``covariance`` (normal for infinite ``df``). Along a
    direction of the sphere the largest statistic grows with the radius, whose square over the rank
    is F(rank, df): the probability is the mean of that distribution over fixed directions. No
    draws, and the same on every run. Such bands are those of Montiel Olea and Plagborg-Moller
    (2019, Journal of Applied Econometrics 34(1), algorithm 1) with the quantile computed.

    Parameters
    ----------
    covariance : (n_effects, n_effects)
        In squared units of the estimates; may be singular. Effects whose variance is zero or
        unknown take no part.
    level : float
        Probability that all intervals hold, between 0 and 1.

    Returns
    -------
    float
        At least the pointwise critical value; NaN when no effect has a variance.
    """
    from scipy.optimize import brentq
    from scipy.special import stdtrit

    error = np.sqrt(np.diag(covariance))
    known = np.isfinite(error) & (error > 0)
    if not known.any():
        return float("nan")
    factor = _pivoted_cholesky(covariance[np.ix_(known, known)] / np.outer(error[known], error[known]))
    pointwise = float(stdtrit(df, 0.5 + level / 2))
    bonferroni = float(stdtrit(df, 1 - (1 - level) / (2 * len(factor))))
    growth = _largest_by_direction(factor)

    def shortfall(critical: float) -> float:
        return _mean_radius_probability(critical / growth, factor.shape[1], df) - level

    # One estimate, or several that move as one, have the pointwise value; rounding can pass it.
    if len(factor) == 1 or shortfall(pointwise) >= 0:
        return pointwise
    if shortfall(bonferroni) <= 0:
        return bonferroni
    return float(brentq(shortfall, pointwise, bonferroni, xtol=1e-8))


@dataclass(frozen=True, slots=True)
class Computed:
    """Critical values computed from the joint covariance: the same on every run."""

    def __call__(self, influence: Float2D, cluster: Int1D, *, level: float, df: float) -> float:
        """Critical value of the largest absolute t statistic."""
        return sup_t(cluster_covariance(influence, cluster), level=level, df=df)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Critical values from multiplier draws, for few clusters whose influence is far from normal."""

    n_draws: int
    rng: np.random.Generator

    def __call__(self, influence: Float2D, cluster: Int1D, *, level: float, df: float) -> float:
        """Critical value of the largest absolute t statistic; at least the pointwise one."""
        from scipy.special import stdtrit

        drawn = multiplier_draws(influence, cluster, self.n_draws, self.rng).critical_value(level)
        return max(drawn, float(stdtrit(df, 0.5 + level / 2)))


def critical_values(
    estimates: Estimates,
    cluster: Int1D,
    family: Callable[[EffectKey], Hashable | None],
    quantile: Computed | Drawn,
) -> Float1D:
    """Critical value of the band that each effect belongs to, (n_effects,).

    Parameters
    ----------
    estimates : Estimates
        With errors by clusters.
    cluster : (n_units,)
        Cluster code of each unit; the joint covariance is by clusters.
    family : callable
        What an effect's key shares with those that its band holds for; None for no band.
    quantile : Computed or Drawn
        How critical values come about.

    Returns
    -------
    (n_effects,)
        NaN where there is no band or no error.
    """
    found = np.full(len(estimates.effects.keys), np.nan)
    members: dict[Hashable, list[int]] = {}
    for j, key in enumerate(estimates.effects.keys):
        name = family(key)
        if name is not None and np.isfinite(estimates.std_error[j]):
            members.setdefault(name, []).append(j)
    for js in members.values():
        # Estimators that lay influence out effect by effect are copied in order of memory.
        influence, df = estimates.effects.influence.T[js].T, float(estimates.df[js].min())
        found[js] = quantile(influence, cluster, level=estimates.level, df=df)
    return found


def event_study_family(key: EffectKey) -> Hashable | None:
    """A band holds for all effects of one kind, arm and subgroup; averages over all have none."""
    parts = {"cohort": key.cohort, "calendar": key.period}
    if key.estimand not in {"att_gt", "event_time", "cohort", "calendar", "att_dose"}:
        return None
    if parts.get(key.estimand, 0) is None:
        return None
    return (key.estimand, key.arm, key.term if key.estimand == "event_time" else None, key.subgroup)


def _pivoted_cholesky(correlation: Float2D) -> Float2D:
    """Lower factor (n_effects, rank) of a correlation matrix, its rows in the order of pivots.

    The order does not matter to the largest absolute value, so it is not undone.
    """
    rest = correlation.copy()
    n = len(rest)
    order, columns = np.arange(n), np.zeros((n, n))
    rank = 0
    for step in range(n):
        pivot = step + int(np.argmax(np.diag(rest)[order[step:]]))
        order[[step, pivot]] = order[[pivot, step]]
        own = rest[order[step], order[step]]
        if own <= DETERMINED:
            break
        column = rest[:, order[step]] / np.sqrt(own)
        # Rows already chosen are determined up to rounding.
        column[order[:step]] = 0.0
        columns[:, step] = column
        rest = rest - np.outer(column, column)
        rank = step + 1
    return np.asarray(columns[order, :rank])


def _largest_by_direction(factor: Float2D) -> Float1D:
    """Largest absolute statistic at radius one by direction, rising, (n_bins,)."""
    growth = np.sort(np.abs(factor @ _directions(factor.shape[1])).max(axis=0))
    return np.asarray(growth.reshape(N_BINS, -1).mean(axis=1))


@lru_cache(maxsize=8)
def _directions(rank: int) -> Float2D:
    """Points spread evenly on the unit sphere, (rank, n_directions), from Richtmyer's sequence."""
    from scipy.special import ndtri

    normal = ndtri(np.sqrt(_first_primes(rank))[:, None] * np.arange(1, N_DIRECTIONS + 1) % 1.0)
    directions = normal / np.sqrt(np.square(normal).sum(axis=0))
    read_only(directions)
    return np.asarray(directions)


def _mean_radius_probability(radius: Float1D, rank: int, df: float) -> float:
    """Probability that the radius is not exceeded, averaged over directions."""
    from scipy.special import chdtr, fdtr

    square = np.square(radius)
    return float((chdtr(rank, square) if np.isinf(df) else fdtr(rank, df, square / rank)).mean())


def _first_primes(n: int) -> Float1D:
    found: list[int] = []
    candidate = 2
    while len(found) < n:
        if all(candidate % p for p in found if p * p <= candidate):
            found.append(candidate)
        candidate += 1
    return np.array(found, dtype=np.float64)
