"""What a study could have seen: minimum detectable effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D


def minimum_detectable_effect(std_error: Float1D, df: Float1D, *, level: float, power: float) -> Float1D:
    """Smallest true effect that a two-sided test would find with the given power.

    ``(t(1 - alpha/2) + t(power)) x standard error`` (Bloom 1995, Evaluation Review 19(5)).

    Parameters
    ----------
    std_error, df : (n_effects,)
        In the unit of the outcome; NaN gives NaN.
    level, power : float
        Confidence level of the test and the chance of finding the effect.

    Returns
    -------
    (n_effects,)
        In the unit of the outcome.
    """
    from scipy.special import stdtrit

    return np.asarray((stdtrit(df, 0.5 + level / 2) + stdtrit(df, power)) * std_error)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """How many units of either side a study follows, for how many periods before and after treatment."""

    n_treated: int
    n_comparison: int
    n_before: int
    n_after: int


def standard_error_of_difference(
    size: SampleSize, *, sd: float, autocorrelation: float, method: str
) -> float:
    """Standard error of an effect before the data are known, with equal variances in all periods.

    Parameters
    ----------
    size : SampleSize
    sd : float
        Standard deviation of the outcome between units in one period, in its unit.
    autocorrelation : float
        Correlation of a unit's outcome between any two periods.
    method : str
        ``post`` (means after treatment), ``did`` (change of means) or ``ancova``.

    References
    ----------
    McKenzie (2012), Journal of Development Economics 99(2), equations 5 to 9.
    """
    rho, m, r = autocorrelation, size.n_before, size.n_after
    after = (1 + (r - 1) * rho) / r
    factor = {
        "post": after,
        "did": after + (1 + (m - 1) * rho) / m - 2 * rho,
        "ancova": after - m * rho**2 / (1 + (m - 1) * rho),
    }[method]
    return float(np.sqrt(max(factor, 0.0)) * sd * np.sqrt(1 / size.n_treated + 1 / size.n_comparison))
