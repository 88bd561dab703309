"""Latent outcomes: what is permanent in an enterprise and what passes, and their marginal distributions.

A standard normal score of outcome k of enterprise i at time t is

    z[i,t,k] = sqrt(w[k]) p[i,k] + sqrt(1 - w[k]) u[i,t,k],

``p`` permanent and ``u`` a stationary first-order autoregression, correlated by ``decay`` at a distance
of one year, so that scores h years apart are correlated by w + (1 - w) decay**h. The weight ``w`` is
set so that values two years apart have the correlation that was asked for. The outcome is an
increasing function of the score, the same at all times: its distribution does not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Float1D
from impacteval.simulation.programme_study.parameters import LatentOutcome
from impacteval.simulation.programme_study.streams import Streams

YEARS_OF_CORRELATION = 2.0
# Points (up to this distance from 0) and terms of the expansion that turns correlations of values into
# those of scores.
N_POINTS = 1201
FARTHEST = 9.0
N_TERMS = 20
# Shape of what is bounded below, as pay is by a minimum: log(1 + a exp(z)) with this a.
SKEW = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Standard normal scores by outcome: ``permanent`` (n,), ``passing`` and ``total`` (n, n_rounds)."""

    permanent: Mapping[str, Float1D]
    passing: Mapping[str, npt.NDArray[np.float64]]
    total: Mapping[str, npt.NDArray[np.float64]]


def draw_scores(
    outcomes: Mapping[str, LatentOutcome],
    correlated_with: Mapping[str, Mapping[str, float]],
    decay: float,
    *,
    n: int,
    times: Float1D,
    streams: Streams,
) -> Scores:
    """Draw the scores of all outcomes at the ``times``, in years."""
    permanent: dict[str, Float1D] = {}
    passing: dict[str, npt.NDArray[np.float64]] = {}
    total: dict[str, npt.NDArray[np.float64]] = {}
    for name, outcome in outcomes.items():
        own = streams.of(f"permanent.{name}").standard_normal(n)
        shock = autoregression(streams.of(f"passing.{name}").standard_normal((n, len(times))), times, decay)
        for parent, r in correlated_with.get(name, {}).items():
            rest = np.sqrt(1 - r**2)
            own = r * permanent[parent] + rest * own
            shock = r * passing[parent] + rest * shock
        weight = permanent_weight(outcome, decay)
        permanent[name], passing[name] = own, shock
        total[name] = np.sqrt(weight) * own[:, None] + np.sqrt(1 - weight) * shock
    return Scores(permanent=permanent, passing=passing, total=total)


def autoregression(
    innovations: npt.NDArray[np.float64], times: Float1D, decay: float
) -> npt.NDArray[np.float64]:
    """Turn independent normals (n, n_times) into a stationary autoregression at unequal distances."""
    state = innovations.copy()
    for t in range(1, len(times)):
        keep = decay ** (times[t] - times[t - 1])
        state[:, t] = keep * state[:, t - 1] + np.sqrt(1 - keep**2) * innovations[:, t]
    return state


def permanent_weight(outcome: LatentOutcome, decay: float) -> float:
    """Share of the variance of scores that is permanent, so that values have the correlation asked for."""
    score_correlation = correlation_of_scores(outcome)
    passing = decay**YEARS_OF_CORRELATION
    return float(np.clip((score_correlation - passing) / (1 - passing), 0.0, 1.0))


def correlation_of_scores(outcome: LatentOutcome) -> float:
    """Correlation of scores that gives values the correlation ``rho_2y``.

    The correlation of g(Z) and g(Z') is a power series in that of Z and Z', whose coefficients are the
    squared ones of g in normalised Hermite polynomials (Mehler's formula); it is solved by bisection.
    """
    share = hermite_shares(outcome)
    power = np.arange(1, N_TERMS + 1)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        below = float((share * middle**power).sum()) < outcome.rho_2y
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2


def hermite_shares(outcome: LatentOutcome) -> Float1D:
    """Shares of the variance of an outcome by degree of its Hermite expansion, from degree 1."""
    points, weights = normal_weights()
    values = value_of(outcome, points)
    previous, current = np.ones_like(points), points.copy()
    shares = []
    for degree in range(1, N_TERMS + 1):
        shares.append(float((weights * values * current).sum()) ** 2)
        following = (points * current - np.sqrt(degree) * previous) / np.sqrt(degree + 1)
        previous, current = current, following
    return np.array(shares) / sum(shares)


def value_of(outcome: LatentOutcome, score: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn scores into values of the outcome's shape, level and standard deviation."""
    if outcome.shape == "normal":
        return outcome.level + outcome.sd * score
    if outcome.shape == "lognormal":
        variance = np.log1p((outcome.sd / outcome.level) ** 2)
        return np.asarray(outcome.level * np.exp(np.sqrt(variance) * score - variance / 2))
    if outcome.shape == "share":
        return _share(outcome, score)
    bent = np.log1p(SKEW * np.exp(score))
    return np.asarray(outcome.level + outcome.sd * (bent - np.log1p(SKEW)) / bent_sd())


def normal_weights() -> tuple[Float1D, Float1D]:
    """Points and weights by which means over a standard normal are sums.

    Equal steps, which for smooth functions are as good as Gauss's points, and the same on all machines.
    """
    points = np.linspace(-FARTHEST, FARTHEST, N_POINTS)
    weights = np.exp(-(points**2) / 2)
    return points, weights / weights.sum()


def bent_sd() -> float:
    """Standard deviation of log(1 + a exp(Z)) of a standard normal Z."""
    points, weights = normal_weights()
    bent = np.log1p(SKEW * np.exp(points))
    mean = float((weights * bent).sum())
    return float(np.sqrt((weights * (bent - mean) ** 2).sum()))


def _share(outcome: LatentOutcome, score: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A percentage by the beta distribution of the same mean and standard deviation."""
    from scipy.special import betaincinv, ndtr

    mean, sd = outcome.level / 100, outcome.sd / 100
    size = mean * (1 - mean) / sd**2 - 1
    return np.asarray(100 * betaincinv(mean * size, (1 - mean) * size, ndtr(score)), dtype=np.float64)
