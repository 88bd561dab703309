"""What a study could have seen: minimum detectable effects."""

from __future__ import annotations

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


def standard_error_of_difference(
    *, sd: float, n_treated: int, n_comparison: int, autocorrelation: float, n_before: int, n_after: int, method: str
) -> float:
    """Standard error of an effect before the data are known, with equal variances in all periods.

    Parameters
    ----------
    sd : float
        Standard deviation of the outcome between units in one period, in its unit.
    autocorrelation : float
        Correlation of a unit's outcome between any two periods.
    n_before, n_after : int
        Periods before and after treatment.
    method : str
        ``post`` (means after treatment), ``did`` (change of means) or ``ancova``.

    References
    ----------
    McKenzie (2012), Journal of Development Economics 99(2), equations 5 to 9.
    """
    rho, m, r = autocorrelation, n_before, n_after
    after = (1 + (r - 1) * rho) / r
    factor = {
        "post": after,
        "did": after + (1 + (m - 1) * rho) / m - 2 * rho,
        "ancova": after - m * rho**2 / (1 + (m - 1) * rho),
    }[method]
    return float(np.sqrt(max(factor, 0.0)) * sd * np.sqrt(1 / n_treated + 1 / n_comparison))
