"""Bounds on an effect when treatment changes who is observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D


@dataclass(frozen=True, slots=True, kw_only=True)
class LeeBounds:
    """Bounds in the unit of the outcome, and the share of the better observed side that is cut."""

    lower: float
    upper: float
    trimmed_share: float
    trimmed_side: str


def lee_bounds(treated: Float1D, comparison: Float1D, n_treated: int, n_comparison: int) -> LeeBounds:
    """Bound the mean effect on units that would be observed either way.

    The side observed more often is trimmed, from above and from below, until both are observed
    equally often (Lee 2009, Review of Economic Studies 76(3), proposition 1a). It holds if
    treatment moves observation in one direction only.

    Parameters
    ----------
    treated, comparison : (n_observed,)
        Observed outcomes (or changes) of each side.
    n_treated, n_comparison : int
        All units of each side, observed or not.
    """
    share_treated, share_comparison = len(treated) / n_treated, len(comparison) / n_comparison
    if share_treated >= share_comparison:
        cut = 1 - share_comparison / share_treated
        low, high = trimmed_means(treated, cut)
        mean = comparison.mean()
        return LeeBounds(lower=low - mean, upper=high - mean, trimmed_share=cut, trimmed_side="treated")
    cut = 1 - share_treated / share_comparison
    low, high = trimmed_means(comparison, cut)
    mean = treated.mean()
    return LeeBounds(lower=mean - high, upper=mean - low, trimmed_share=cut, trimmed_side="comparison")


def trimmed_means(values: Float1D, cut: float) -> tuple[float, float]:
    """Means of the lowest and of the highest ``1 - cut`` of values; the last one counts in part."""
    ordered = np.sort(values)
    mass = (1 - cut) * len(ordered)
    weight = np.clip(mass - np.arange(len(ordered)), 0, 1)
    return float(ordered @ weight / mass), float(ordered[::-1] @ weight / mass)
