"""Shares, their intervals and their differences between arms, for checks that compare arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Int1D, Text1D

# Below this expected count the normal approximation of a difference of shares is not used (Cochran).
SMALL_EXPECTED = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of ``n`` have a property; ``share`` is NaN of none, as is its Wilson interval."""

    count: int
    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareDifference:
    """A share in arm ``second`` less that in ``first``, its interval and the p-value of no difference."""

    first: str
    second: str
    share_first: float
    share_second: float
    difference: float
    low: float
    high: float
    p_value: float


def share_of(flag: Bool1D, level: float = 0.95) -> Share:
    """Count a property and give the share that has it, with its Wilson interval."""
    count, n = int(flag.sum()), len(flag)
    low, high = wilson(count, n, level)
    return Share(count=count, n=n, share=count / n if n else float("nan"), low=low, high=high)


def wilson(count: int, n: int, level: float) -> tuple[float, float]:
    """Interval of a share by inverting the score test; NaN without observations.

    Wilson (1927), Journal of the American Statistical Association 22.
    """
    from scipy.special import ndtri

    if n == 0:
        return float("nan"), float("nan")
    z = float(ndtri(0.5 + level / 2))
    share = count / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def newcombe(first: Share, second: Share) -> tuple[float, float]:
    """Interval of ``second`` less ``first`` for independent shares, from their Wilson intervals.

    Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    difference = second.share - first.share
    below = np.hypot(second.share - second.low, first.high - first.share)
    above = np.hypot(second.high - second.share, first.share - first.low)
    return float(difference - below), float(difference + above)


def two_share_p(first: Share, second: Share) -> float:
    """P-value of equal shares: the pooled normal test, Fisher's exact one where a count expected is below 5.

    NaN where an arm has no observations.
    """
    from scipy.special import ndtr

    n, count = first.n + second.n, first.count + second.count
    if first.n == 0 or second.n == 0:
        return float("nan")
    if count in (0, n):
        return 1.0
    if min(first.n, second.n) * min(count, n - count) / n < SMALL_EXPECTED:
        return _fisher_p(first, second)
    pooled = count / n
    error = np.sqrt(pooled * (1 - pooled) * (1 / first.n + 1 / second.n))
    return float(2 * ndtr(-abs(second.share - first.share) / error))


def _fisher_p(first: Share, second: Share) -> float:
    from scipy.stats import fisher_exact

    table = [[s.count, s.n - s.count] for s in (first, second)]
    return float(fisher_exact(table).pvalue)


def pairs_of(arms: Sequence[str], comparison: str = "") -> list[tuple[str, str]]:
    """Pairs of arms to compare: each with ``comparison`` where that is an arm, else all of them."""
    known = sorted({arm for arm in arms if arm})
    if comparison in known:
        return [(comparison, arm) for arm in known if arm != comparison]
    return list(combinations(known, 2))


def compare_shares(
    flag: Bool1D, arm: Text1D, unit: Text1D, pair: tuple[str, str], *, level: float = 0.95
) -> ShareDifference:
    """Compare how often a property occurs in two arms.

    Parameters
    ----------
    flag, arm, unit : (n_rows,)
        The property, the arm and the enterprise of each row.
    pair : tuple of str
        The arms; the difference is the second's share less the first's.

    Returns
    -------
    ShareDifference
        With one row an enterprise, Newcombe's interval and ``two_share_p``. With several, a Wald
        interval and test with the variance of a ratio of enterprise totals (Cochran 1977, section
        9A.1) and a t distribution with two degrees of freedom fewer than enterprises.
    """
    first, second = (share_of(flag[arm == name], level) for name in pair)
    inside = np.isin(arm, pair)
    if len(np.unique(unit[inside])) == inside.sum() or min(first.n, second.n) == 0:
        (low, high), p_value = newcombe(first, second), two_share_p(first, second)
    else:
        low, high, p_value = _clustered(flag, arm, unit, pair, level=level)
    return ShareDifference(
        first=pair[0],
        second=pair[1],
        share_first=first.share,
        share_second=second.share,
        difference=second.share - first.share,
        low=low,
        high=high,
        p_value=p_value,
    )


def _clustered(
    flag: Bool1D, arm: Text1D, unit: Text1D, pair: tuple[str, str], *, level: float
) -> tuple[float, float, float]:
    """Interval and p-value of a difference of shares with several rows an enterprise.

    Where the enterprises of each arm are all alike they have no variance: there is no interval, and
    the p-value is that of as many enterprises with and without the property.
    """
    from scipy.special import stdtr, stdtrit

    first, second = (_clusters(flag[arm == name], unit[arm == name]) for name in pair)
    difference = second.share - first.share
    error = float(np.sqrt(first.variance + second.variance))
    df = first.n_units + second.n_units - 2
    if error > 0 and df > 0:
        margin = float(stdtrit(df, 0.5 + level / 2)) * error
        return difference - margin, difference + margin, float(2 * stdtr(df, -abs(difference) / error))
    as_units = (np.full(c.n_units, c.share > min(first.share, second.share)) for c in (first, second))
    return float("nan"), float("nan"), two_share_p(*(share_of(a, level) for a in as_units))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clusters:
    """A share over rows, its variance between enterprises, and how many these are."""

    share: float
    variance: float
    n_units: int


def _clusters(flag: Bool1D, unit: Text1D) -> _Clusters:
    _, code = np.unique(unit, return_inverse=True)
    n = np.bincount(code).astype(np.float64)
    hits = np.bincount(code, weights=flag.astype(np.float64))
    share, n_units = float(hits.sum() / n.sum()), len(n)
    left = float(((hits - share * n) ** 2).sum()) / float(n.sum()) ** 2
    variance = n_units / (n_units - 1) * left if n_units > 1 else float("nan")
    return _Clusters(share=share, variance=variance, n_units=n_units)


def holm(p_values: Sequence[float] | Float1D) -> Float1D:
    """P-values adjusted for their number, step down; NaN stays NaN and does not count.

    Holm (1979), Scandinavian Journal of Statistics 6.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(len(p), np.nan)
    known: Int1D = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = np.arange(len(order), 0, -1) * p[order]
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return adjusted
