"""What a study could have seen: detectable effects, power, and what significance does to estimates."""

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


def power_of_test(effect: Float1D, std_error: Float1D, df: Float1D, *, level: float) -> Float1D:
    """Chance that a two-sided test rejects, when the true effect is ``effect``.

    The estimate over its standard error is taken as a t variable shifted by the true effect in
    standard errors, as in the minimum detectable effect above.

    Parameters
    ----------
    effect, std_error, df : (n_effects,)
        In the unit of the outcome; NaN gives NaN.

    Returns
    -------
    (n_effects,)
    """
    from scipy.special import stdtr, stdtrit

    shift = _shift(effect, std_error)
    critical = stdtrit(df, 0.5 + level / 2)
    return np.asarray(stdtr(df, shift - critical) + stdtr(df, -shift - critical))


def exaggeration(effect: Float1D, std_error: Float1D, *, level: float) -> Float1D:
    """How many times too large an estimate is on average, given that it is significant (type M error).

    Closed form for a normal estimate: mean of its absolute value beyond the critical value, over the
    true effect. Infinite for a true effect of zero.

    References
    ----------
    Gelman and Carlin (2014), Perspectives on Psychological Science 9(6), 641-651; Lu, Qiu and Deng
    (2019), British Journal of Mathematical and Statistical Psychology 72(1), 1-17, proposition 2.
    """
    from scipy.special import ndtr, ndtri

    shift = _shift(effect, std_error)
    critical = ndtri(0.5 + level / 2)
    above, below = ndtr(shift - critical), ndtr(-shift - critical)
    beyond = shift * (above - below) + _density(shift - critical) + _density(shift + critical)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Without error an estimate is the effect itself.
        return np.where(np.isposinf(shift), 1.0, beyond / ((above + below) * shift))


def wrong_sign(effect: Float1D, std_error: Float1D, *, level: float) -> Float1D:
    """Chance that a significant estimate has the wrong sign (type S error; Gelman and Carlin 2014)."""
    from scipy.special import ndtr, ndtri

    shift = _shift(effect, std_error)
    critical = ndtri(0.5 + level / 2)
    above, below = ndtr(shift - critical), ndtr(-shift - critical)
    return np.asarray(below / (above + below))


def _shift(effect: Float1D, std_error: Float1D) -> Float1D:
    """Size of an effect in standard errors: infinite without error, NaN where both are zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(effect) / std_error)


def _density(z: Float1D) -> Float1D:
    return np.asarray(np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))


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
